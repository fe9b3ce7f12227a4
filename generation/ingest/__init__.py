"""Strange picture files become plain ones, in a process of their own. Nothing in this package knows Django."""
