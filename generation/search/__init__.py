"""Search for a person's own pictures by the words of their prompts."""
