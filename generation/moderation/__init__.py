"""What isn't made here: words are checked before the charge, finished pictures where there is a model for it."""
