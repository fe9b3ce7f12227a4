"""What the kernels of a stroke in hand compute: the third part of reference.py."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from editor.kernels.reference import TILE, Bytes, Cover, brush_cover

Spans = NDArray[np.int32]


def brush_cover_spans(
    cov: Cover, dabs: list[tuple[int, ...]], masks: list[Cover], x: int, y: int
) -> tuple[Cover, Spans]:
    """What brush_cover gives, and where it differs: each row's part, its box.

    Pixels are looked at in eights from where a dab begins in the tile; what is left of a row, one by one.
    """
    out, spans = cov, np.tile(np.array([TILE, 0], np.int32), (TILE, 1))
    for dab, mask in zip(dabs, masks, strict=True):
        before, out = out, brush_cover(out, [dab], [mask], x, y)
        x0, x1 = max(0, dab[3] - x), min(TILE, dab[3] - x + dab[5])
        whole = x0 + max(0, x1 - x0) // 8 * 8
        for row in np.flatnonzero((before != out).any(axis=1)):
            at = np.flatnonzero(before[row] != out[row])
            begins = [x0 + (each - x0) // 8 * 8 if each < whole else each for each in at]
            ends = [x0 + (each - x0) // 8 * 8 + 8 if each < whole else each + 1 for each in at]
            spans[row] = min(spans[row, 0], min(begins) & ~3), max(spans[row, 1], (max(ends) + 3) & ~3)
    rows = np.flatnonzero(spans[:, 0] < spans[:, 1])
    box = [TILE, TILE, 0, 0]
    if len(rows):
        box = [spans[rows, 0].min(), rows[0], spans[rows, 1].max(), rows[-1] + 1]
    return out, np.append(spans.reshape(-1), np.array(box, np.int32)).astype(np.int32)


def inside(spans: Spans) -> NDArray[np.bool_]:
    """Which pixels [256, 256] of a tile the spans hold."""
    column = np.arange(TILE)
    rows = spans[: 2 * TILE].reshape(TILE, 2)
    held: NDArray[np.bool_] = (column >= rows[:, :1]) & (column < rows[:, 1:])
    return held


def by_spans(d: Bytes, painted: Bytes, spans: Spans) -> Bytes:
    """The tile d with what was painted where the spans are."""
    return np.where(inside(spans)[..., None], painted, d)


def quotients(w: NDArray[np.int64]) -> bool:
    """Whether floats, cut off, divide by each w as whole numbers do: at every multiple of it and just below."""
    down = w.astype(np.float32)
    for whole in range(1, 256):
        exact, below = (whole * w).astype(np.float32), (whole * w - 1).astype(np.float32)
        if (np.trunc(exact / down) != whole).any() or (np.trunc(below / down) != whole - 1).any():
            return False
    return True
