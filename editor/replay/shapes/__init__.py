"""Shapes: what describes one, its outline as a path, and its pixels."""
