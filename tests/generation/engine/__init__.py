"""Tests of the engine: real pipelines with tiny random weights, and the model that ships."""
