"""Lets a drawing have the colours of its surroundings at the rim of the mask, and its own further in.

A model gives back what it sees a little brighter or darker. Laid over the picture that shows as a halo. So the
difference at the rim is measured, spread inwards and taken off less and less. What differs by more than a shift of
light would is something new that was drawn there, and is left alone.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.laying import Floats, Levels, inner_distance, stretched

_RIM: Final = 3  # pixels of the small pictures
_REACH: Final = 12  # over so many of them the correction fades
_LIGHT: Final = 24  # levels: more than this is no shift of light
_SPREAD: Final = 4  # pixels, the blur along the rim


class Correction:
    """What is added to a drawing, computed on small pictures of one size: [h, w, 3] levels, 0 deep inside."""

    def __init__(self, original: Pixels, drawn: Pixels, mask: Levels) -> None:
        """`original` and `drawn` are [h, w, 3], `mask` [h, w], 0 where nothing changes."""
        inside = mask > 0
        outer = _outer(inside)
        depth = inner_distance(inside, _REACH + 1)
        off = original.astype(np.float32) - drawn
        is_light = np.abs(off).max(axis=2) <= _LIGHT
        # Outside of the mask the drawing says just as well how it sees what stands there.
        near = (depth <= _RIM) & (outer <= _RIM)
        weight = (is_light & near).astype(np.float32)
        spread = _blurred(off * weight[:, :, None])
        total = _blurred(weight[:, :, None])
        mean = np.where(total > 1e-3, spread / np.maximum(total, 1e-3), 0)
        # What was drawn new near the rim counts for nothing; where most of it is new, there is little to match.
        rim = _blurred(near.astype(np.float32)[:, :, None])
        trust = np.clip(2 * total / np.maximum(rim, 1e-3), 0, 1)
        fade = np.clip(1 - (depth - 1) / _REACH, 0, 1)[:, :, None]
        self._levels: Floats = (mean * trust * fade * is_light[:, :, None]).astype(np.float32)
        self.largest = float(np.abs(self._levels[inside]).max()) if inside.any() else 0.0

    def added(self, drawn: Pixels, first: int, *, height: int) -> Floats:
        """Rows of the drawing at its own size, `first` being the first of them and `height` that of all: corrected."""
        rows, width = drawn.shape[:2]
        corrected: Floats = drawn + stretched(self._levels, first, first + rows, (height, width))
        return corrected


def _outer(inside: NDArray[np.bool_]) -> Floats:
    """How far each pixel outside is from the nearest one inside."""
    return inner_distance(~inside, _RIM + 2)


def _blurred(field: Floats) -> Floats:
    """Two box blurs each way, [h, w, c]; beyond the edges there is nothing."""
    for axis in (0, 1):
        for _pass in range(2):
            padding = [(0, 0)] * field.ndim
            padding[axis] = (_SPREAD + 1, _SPREAD)
            total = np.cumsum(np.pad(field, padding), axis=axis, dtype=np.float64)
            length = field.shape[axis]
            upper = np.take(total, np.arange(length) + 2 * _SPREAD + 1, axis=axis)
            field = ((upper - np.take(total, np.arange(length), axis=axis)) / (2 * _SPREAD + 1)).astype(
                np.float32
            )
    return field
