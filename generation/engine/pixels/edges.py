"""Edges of a picture by Canny's method, as networks that are led by edges were shown them: white lines on black.

J. Canny, A Computational Approach to Edge Detection, IEEE PAMI 8 (1986): smooth, take the gradient, keep what is
largest across its direction, and of the weak only what hangs together with something strong.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Of the gradient by Sobel's masks, whose sum is 8, of levels from 0 to 255. What annotators for such networks use.
WEAK: Final = 100.0
STRONG: Final = 200.0
# Pixels: noise of a camera and of JPEG goes, lines of a pixel stay.
SIGMA: Final = 1.0
_RADIUS: Final = math.ceil(3 * SIGMA)

Floats = NDArray[np.float32]


def edges(picture: Image.Image) -> NDArray[np.bool_]:
    """[height, width], by the picture's brightness; nothing on its outermost pixels."""
    smooth = _smoothed(np.asarray(picture.convert("L"), np.float32))
    across, down = _sobel(smooth)
    strength = np.hypot(across, down)
    ridges = np.where(_is_largest(strength, across, down), strength, 0)
    return _connected(ridges)


def _smoothed(levels: Floats) -> Floats:
    places = np.arange(-_RADIUS, _RADIUS + 1)
    weights = np.exp(-(places**2) / (2 * SIGMA**2))
    weights /= weights.sum()
    return _along(_along(levels, weights, 0), weights, 1)


def _along(levels: Floats, weights: NDArray[np.float64], axis: int) -> Floats:
    """Folded with the weights; the outermost pixels go on beyond the border."""
    border = [(0, 0), (0, 0)]
    border[axis] = (_RADIUS, _RADIUS)
    wide, length = np.pad(levels, border, mode="edge"), levels.shape[axis]
    total = np.zeros_like(levels)
    for shift, weight in enumerate(weights):
        total += np.float32(weight) * np.take(wide, range(shift, shift + length), axis)
    return total


def _sobel(levels: Floats) -> tuple[Floats, Floats]:
    """The gradient to the right and down."""
    wide = np.pad(levels, 1, mode="edge")
    left, right = wide[:, :-2], wide[:, 2:]
    columns = right - left
    rows = wide[2:] - wide[:-2]
    across = columns[:-2] + 2 * columns[1:-1] + columns[2:]
    down = rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]
    return across, down


def _is_largest(strength: Floats, across: Floats, down: Floats) -> NDArray[np.bool_]:
    """Where neither neighbour in the direction of the gradient, of four directions, is stronger."""
    # 0: to the right, 1: right and down, 2: down, 3: left and down; opposite directions are one.
    direction = np.round(np.arctan2(down, across) / (np.pi / 4)).astype(np.int8) % 4
    found = np.zeros(strength.shape, np.bool_)
    inner = strength[1:-1, 1:-1]
    height, width = strength.shape
    for number, (y, x) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        ahead = strength[1 + y : height - 1 + y, 1 + x : width - 1 + x]
        behind = strength[1 - y : height - 1 - y, 1 - x : width - 1 - x]
        # Of two that are equal one stays, so a line is one pixel wide.
        found[1:-1, 1:-1] |= (direction[1:-1, 1:-1] == number) & (inner > behind) & (inner >= ahead)
    return found


def _connected(ridges: Floats) -> NDArray[np.bool_]:
    """What is strong, and what is weak and touches it, or touches what touches it."""
    width = ridges.shape[1]
    weak = (ridges >= WEAK).ravel()
    kept = (ridges >= STRONG).ravel()
    # The outermost pixels are never ridges, so no step leaves the picture or goes around its border.
    steps = np.array([y * width + x for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)])
    newest = np.flatnonzero(kept)
    while newest.size:
        near = np.unique((newest[:, None] + steps).ravel())
        newest = near[weak[near] & ~kept[near]]
        kept[newest] = True
    return kept.reshape(ridges.shape)
