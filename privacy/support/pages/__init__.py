"""The pages of support, and what their forms take."""
