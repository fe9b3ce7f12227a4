"""Training of the bundled model, a stage a module. Run them as `python -m generation.bundled.training.<stage>`."""
