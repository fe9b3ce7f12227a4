"""The pages of generation: each view starts from what the person may see and makes one call."""
