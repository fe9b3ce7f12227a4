"""Lays a drawing over a picture inside a mask: the one function that does it, and how its rim fades.

Where the mask is 0 not one byte changes. The feather lies inside the mask: at its rim the picture is still the old one,
so many pixels further in it is all drawing.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.engine.pixels.encode import Pixels

Floats = NDArray[np.float32]
Levels = NDArray[np.uint8]

_STEPS: Final = 8  # a feather is computed with at most so many pixels, and enlarged


def laid_over(original: Pixels, drawn: Pixels | Floats, share: Floats) -> Pixels:
    """`drawn` over `original`, levels [h, w, 3] and uint8 [h, w, 3 or 4]; `share` [h, w] from 0 (old) to 1 (new).

    What was transparent becomes opaque by the same share. ValueError where the sizes differ.
    """
    if original.shape[:2] != drawn.shape[:2] or original.shape[:2] != share.shape:
        raise ValueError("picture, drawing and share must have one size")
    if original.shape[2] == 4 and drawn.shape[2] == 3:
        drawn = np.concatenate([drawn, np.full((*drawn.shape[:2], 1), 255, drawn.dtype)], axis=2)
    weight = share[:, :, None]
    blended = original + (drawn.astype(np.float32) - original) * weight
    out: Pixels = np.where(weight > 0, np.rint(blended).clip(0, 255), original).astype(np.uint8)
    return out


class Rim:
    """How much of a drawing shows at each pixel of a mask: 0 where the mask is 0, rising inwards over the feather."""

    def __init__(self, mask: Levels, feather: int) -> None:
        """`mask` is [h, w], 0 where nothing changes; beyond its edges nothing has to fade."""
        self._mask, self._feather = mask, feather
        self._factor = max(1, feather // _STEPS)
        if feather:
            inside = reduced(mask, self._factor) > 0
            self._distance = inner_distance(inside, feather // self._factor + 1)

    def rows(self, first: int, last: int) -> Floats:
        """The shares of rows first..last, [last - first, w]."""
        hard: Floats = self._mask[first:last].astype(np.float32) / np.float32(255)
        if not self._feather:
            return hard
        height, width = self._mask.shape
        whole = (-(-height // self._factor) * self._factor, -(-width // self._factor) * self._factor)
        depth = stretched(self._distance, first, last, whole)[:, :width] * self._factor
        # The first pixel inside gets the smallest share, never none: what is marked changes.
        shares: Floats = np.minimum(hard, np.clip(depth / np.float32(self._feather + 1), 0, 1))
        return shares


def reduced(mask: Levels, factor: int) -> Levels:
    """The lowest level of each square of `factor` pixels; squares at the edge may be smaller."""
    if factor == 1:
        return mask
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % factor), (0, -width % factor)), mode="edge")
    squares = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)
    lowest: Levels = squares.min(axis=(1, 3))
    return lowest


def inner_distance(inside: NDArray[np.bool_], most: int) -> Floats:
    """How far each pixel inside is from the nearest one outside, in pixels, up to `most`; 0 outside. [h, w].

    Exact up to there, in two passes of 2·most + 1 shifts each; beyond the edges of the array there is no outside.
    """
    limit = np.float32(most)
    down = np.where(inside, limit, np.float32(0))
    for shift in range(1, most):
        down[shift:] = np.where(inside[:-shift], down[shift:], np.minimum(down[shift:], shift))
        down[:-shift] = np.where(inside[shift:], down[:-shift], np.minimum(down[:-shift], shift))
    squared = down * down
    nearest = squared.copy()
    for shift in range(1, most):
        aside = squared + np.float32(shift * shift)
        np.minimum(nearest[:, shift:], aside[:, :-shift], out=nearest[:, shift:])
        np.minimum(nearest[:, :-shift], aside[:, shift:], out=nearest[:, :-shift])
    distance: Floats = np.minimum(np.sqrt(nearest), limit).astype(np.float32)
    return distance


def stretched(field: Floats, first: int, last: int, size: tuple[int, int]) -> Floats:
    """Rows first..last of a field [h, w] or [h, w, c] that is stretched to `size` (height, width), bilinear."""
    height, width = size
    above, below, down = _between(first, last, field.shape[0] / height, field.shape[0])
    left, right, across = _between(0, width, field.shape[1] / width, field.shape[1])
    more = (1,) * (field.ndim - 2)
    by_row, by_column = down.reshape(-1, 1, *more), across.reshape(1, -1, *more)
    rows: Floats = field[above] * (1 - by_row) + field[below] * by_row
    out: Floats = rows[:, left] * (1 - by_column) + rows[:, right] * by_column
    return out


def _between(
    first: int, last: int, step: float, length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """The two samples around each place first..last, `step` samples apart, and the share of the second."""
    at = np.clip((np.arange(first, last) + 0.5) * step - 0.5, 0, length - 1)
    before = np.minimum(at.astype(np.int64), max(0, length - 2))
    return before, np.minimum(before + 1, length - 1), (at - before).astype(np.float32)
