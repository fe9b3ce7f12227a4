"""Where a layer that is drawn from a description stands: its own plane, and the document's, by a projection.

A place is nine whole numbers, as those of an operation's `matrix` (warping.py): from a point of the document to the
one of the layer's own plane. Geometry composes them, so that the layer is drawn anew and sharp.

The twin of worker/following.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Final

Place = tuple[int, ...]

STRAIGHT: Final[Place] = (1, 0, 0, 0, 1, 0, 0, 0, 1)
_MOST_BITS: Final = 62  # of a number of a place; what is longer is rounded


def after(place: Place, change: Sequence[int]) -> Place:
    """Return a place once the document has changed: `change` leads from a point afterwards to the one before."""
    made = [
        sum(place[3 * row + k] * change[3 * k + column] for k in range(3))
        for row in range(3)
        for column in range(3)
    ]
    common = gcd(*made)
    if common > 1:
        made = [value // common for value in made]
    more = max(value.bit_length() for value in made) - _MOST_BITS
    return tuple(value >> more for value in made) if more > 0 else tuple(made)


def is_affine(place: Place) -> bool:
    """Tell whether parallel lines stay parallel, so that outlines can be drawn where they come to lie."""
    return place[6] == 0 and place[7] == 0 and place[8] != 0 and _determinant(place) != 0


def forward(place: Place) -> Place:
    """Return the way from the layer's plane to the document: six numbers in 2^-32, as `path_fill` takes it."""
    a, b, c, d, e, f, _g, _h, i = place
    det = _determinant(place)
    return (
        *((e * i << 32) // det, (-b * i << 32) // det, ((b * f - c * e) << 32) // det),
        *((-d * i << 32) // det, (a * i << 32) // det, ((c * d - a * f) << 32) // det),
    )


def _determinant(place: Place) -> int:
    return place[0] * place[4] - place[1] * place[3]


def moved(dx: int, dy: int) -> Place:
    """Return the change that moves everything by whole pixels."""
    return (1, 0, -dx, 0, 1, -dy, 0, 0, 1)


def resized(size: tuple[int, int], new: tuple[int, int]) -> Place:
    """Return the change of a document's size."""
    (width, height), (w, h) = size, new
    return (width * h, 0, 0, 0, height * w, 0, 0, 0, w * h)


def turned(how: str, size: tuple[int, int]) -> Place:
    """Return the change of a document of this size that is turned or mirrored."""
    width, height = size
    return {
        "flip_x": (-1, 0, width, 0, 1, 0, 0, 0, 1),
        "flip_y": (1, 0, 0, 0, -1, height, 0, 0, 1),
        "180": (-1, 0, width, 0, -1, height, 0, 0, 1),
        "90": (0, 1, 0, -1, 0, height, 0, 0, 1),
        "270": (0, -1, width, 1, 0, 0, 0, 0, 1),
    }[how]
