"""What the editor answers to a browser."""
