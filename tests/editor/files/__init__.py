"""Files that documents are saved as and opened from."""
