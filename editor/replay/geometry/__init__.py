"""Another size or another place for what is there: turned, cropped, resized, transformed."""
