"""The folders of models: pulled from the hub, checked without loading, removed. Knows neither web nor database."""
