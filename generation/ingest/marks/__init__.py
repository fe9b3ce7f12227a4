"""Reads, in a process of its own, what a strange file says of its picture: notes, recipe, Content Credentials."""
