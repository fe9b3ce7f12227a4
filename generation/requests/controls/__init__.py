"""Control pictures: what a request says of one, and the weights that an entry of the catalogue names for them."""
