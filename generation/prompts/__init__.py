"""Helps with prompts: what a model reads of them, words it doesn't know, fuller ones, a rewrite by a language model."""
