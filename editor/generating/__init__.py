"""Generative tools: what a person orders from a model in a document, and what its results become there."""
