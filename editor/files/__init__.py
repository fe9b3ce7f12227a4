"""Files that a document is saved as and opened from, layers and history and all."""
