"""Erase without a model: fill a hole from its surroundings, coarse to fine, by the kernel `erase_level`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.replay.engine import Kernels

SMALLEST: Final = 24  # pixels along the shorter side of the coarsest level
ROUNDS: Final = 6

Bytes = NDArray[np.uint8]


def fill_hole(kernels: Kernels, px: Bytes, hole: Bytes, *, seed: int) -> Bytes:
    """Return px [h, w, 4] with what hole [h, w] marks (not 0) filled from around it; all else is unchanged.

    8 <= h, w. The same steps as static/editor/worker/erase.js takes, to the byte.
    """
    levels = [(px, hole)]
    while min(levels[-1][1].shape) >= 2 * SMALLEST:
        levels.append(_half(*levels[-1]))
    filled, match = _level(kernels, *levels[-1], None, seed)
    for above, below in zip(levels[-2::-1], levels[::-1], strict=False):
        filled, match = _level(kernels, *_enlarged(*above, filled, match, below[1].shape), seed)
    return filled


def _half(px: Bytes, hole: Bytes) -> tuple[Bytes, Bytes]:
    """The level below: means of what is no hole; a pixel with nothing else under it is hole. Odd edges are left out."""
    h, w = hole.shape[0] // 2 * 2, hole.shape[1] // 2 * 2
    known = (hole[:h, :w, None] == 0).astype(np.int64)
    sums = (px[:h, :w] * known).reshape(h // 2, 2, w // 2, 2, 4).sum(axis=(1, 3))
    count = known.reshape(h // 2, 2, w // 2, 2, 1).sum(axis=(1, 3))
    small = np.where(count > 0, (sums + count // 2) // np.maximum(count, 1), 0).astype(np.uint8)
    return small, np.where(count[..., 0] > 0, 0, 255).astype(np.uint8)


def _enlarged(
    px: Bytes, hole: Bytes, filled: Bytes, match: NDArray[np.int32], size: tuple[int, int]
) -> tuple[Bytes, Bytes, NDArray[np.int32]]:
    """The level above, its hole and its matches begun with those of the level below."""
    (h, w), (below_h, below_w) = hole.shape, size
    y, x = np.mgrid[:h, :w]
    at = (np.minimum(y // 2, below_h - 1), np.minimum(x // 2, below_w - 1))
    began = px.copy()
    began[hole != 0] = filled[at][hole != 0]
    rows, columns = np.divmod(match[at], below_w)
    return began, hole, ((rows * 2 + y % 2) * w + columns * 2 + x % 2).astype(np.int32)


def _level(
    kernels: Kernels, px: Bytes, hole: Bytes, match: Any, seed: int
) -> tuple[Bytes, NDArray[np.int32]]:
    h, w = hole.shape
    kernels.reset()
    begun = np.zeros((h, w), np.int32) if match is None else match
    places = [
        kernels.put(px),
        kernels.put(hole),
        kernels.room(h * w),
        kernels.put(begun),
        kernels.room(20 * h * w),
    ]
    kernels.call("erase_level", *places, w, h, ROUNDS, seed, int(match is None))
    return kernels.view(places[0], (h, w, 4)).copy(), kernels.view(places[3], (h, w), np.int32).copy()
