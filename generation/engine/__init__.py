"""From an order to finished picture files: families of models, the 4K stage, the encoder. Knows neither web nor database."""
