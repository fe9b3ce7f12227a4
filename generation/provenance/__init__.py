"""Content Credentials (C2PA): what a file says, signed, about how it came to be."""
