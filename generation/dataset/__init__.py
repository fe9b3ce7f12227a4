"""The data set for training: pictures whose owners allow it, with their recipes, as files in a folder."""
