"""Retouching: what changes pixels by other pixels."""
