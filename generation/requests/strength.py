"""How much may change in a picture made from another one: from nearly the same to all new."""

from typing import Final

LEAST: Final = 0.05
MOST: Final = 1.0
DEFAULT: Final = 0.6
