"""Reads Photoshop files in a process of their own: layers, groups and masks become plain pictures and a list."""
