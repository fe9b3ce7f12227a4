"""What lies around the pixels of each accepted format, read by hand: cheaply, before any decoder sees the file."""
