"""The model the project trains and ships itself: scenes, drawing, captions, training, scoring, weights."""
