"""Planes made larger or smaller by the kernels, in blocks so that memory is bounded. The twin of worker/resizing.js."""

from __future__ import annotations

from typing import Final

import numpy as np

from editor.replay.engine import Kernels
from editor.replay.planes import TILE, Box, Bytes, Plane, places

METHODS: Final = ("nearest", "bilinear", "lanczos")
_MARGIN: Final = 3  # pixels around what is there into which Lanczos swings
_STRIP: Final = 64  # rows of the source that are worked on at once


def resized(
    kernels: Kernels, plane: Plane, size: tuple[int, int], new: tuple[int, int], method: str
) -> Plane:
    """Return a plane of a document of this size as it is when the document has the new one.

    What lies in the document is made of nothing beside it, so that its edges stay what they are. Of what lies beside
    it as much is kept as the document is wide and high.
    """
    bounds = plane.bounds()
    out = Plane(plane.blank)
    if bounds is None:
        return out
    if size == new:
        return plane.copy()
    columns, rows = (
        _Side(size[axis], new[axis], (bounds[axis], bounds[axis + 2]), METHODS.index(method))
        for axis in (0, 1)
    )
    for left, right in columns.blocks():
        _resize_block(kernels, plane, out, columns, rows, left, right)
    return out


class _Side:
    """A side of a document that gets another length; `held` is from where to where there is something."""

    def __init__(self, before: int, after: int, held: tuple[int, int], method: int) -> None:
        self.before, self.after, self.method = before, after, method
        self.low, self.high = held[0] - 1, held[1] + 1
        self.most = -(
            -max(before, after) // after
        )  # pixels that one is made of, at a third of what may count
        # What lay beside a document that was one pixel wide would be without bounds when it is enlarged.
        self.first = max(-after, held[0] * after // before - _MARGIN)
        self.last = min(2 * after, -(-held[1] * after // before) + _MARGIN)

    def blocks(self) -> list[tuple[int, int]]:
        """The pixels afterwards, tile by tile."""
        if self.first >= self.last:
            return []
        tiles = range(self.first // TILE, -(-self.last // TILE))
        return [(max(self.first, tile * TILE), min(self.last, (tile + 1) * TILE)) for tile in tiles]

    def sources(self, first: int, last: int) -> tuple[int, int]:
        """From where to where the pixels lie that others are made of."""
        reach = 3 * self.most + 2
        low = first * self.before // self.after - reach
        high = -(-last * self.before // self.after) + reach
        return max(low, self.low), min(high, self.high)

    def taps(self, kernels: Kernels, first: int, last: int) -> tuple[int, int]:
        """The addresses of what `resize_taps` gives."""
        count = last - first
        starts, pairs = kernels.room(4 * (count + 1)), kernels.room(8 * count * (6 * self.most + 3))
        kernels.call("resize_taps", starts, pairs, self.before, self.after, first, count, self.method)
        return starts, pairs


def _resize_block(
    kernels: Kernels, plane: Plane, out: Plane, columns: _Side, rows: _Side, left: int, right: int
) -> None:
    """Make some columns: rows are resized strip by strip first, then the columns of all of them."""
    x0, x1 = columns.sources(left, right)
    y0, y1 = rows.sources(rows.first, rows.last)
    if x0 >= x1 or y0 >= y1 or not any(plane.has(place) for place in places((x0, y0, x1, y1))):
        return
    width, n = right - left, x1 - x0
    kernels.reset()
    middle = kernels.room(8 * width * (y1 - y0))
    starts, pairs = columns.taps(kernels, left, right)
    mark = kernels.room(0)
    for top in range(y0, y1, _STRIP):
        count = min(_STRIP, y1 - top)
        kernels.reset(mark)
        source = kernels.put(pixels_of(plane, (x0, top, x1, top + count)))
        wide = kernels.room(8 * n * count)
        kernels.call("filter_load", wide, source, n * count)
        at = middle + 8 * width * (top - y0)
        kernels.call("resize_rows", at, wide, n, count, x0, starts, pairs, width)
    for top, below in rows.blocks():
        first, last = rows.sources(top, below)
        if first >= last:
            continue
        kernels.reset(mark)
        starts, pairs = rows.taps(kernels, top, below)
        count = width * (below - top)
        wide, done = kernels.room(8 * count), kernels.room(4 * count)
        source = middle + 8 * width * (first - y0)
        kernels.call("resize_columns", wide, source, width, last - first, first, starts, pairs, below - top)
        kernels.call("filter_store", done, wide, count)
        written(out, (left, top, right, below), kernels.view(done, (below - top, width, 4)))


def pixels_of(plane: Plane, box: Box) -> Bytes:
    """Return a box as pixels; of a mask they are black with its values as alpha."""
    values = plane.read(box)
    if values.ndim == 3:
        return values
    out = np.zeros((*values.shape, 4), np.uint8)
    out[..., 3] = values
    return out


def written(plane: Plane, box: Box, values: Bytes) -> None:
    """Put pixels at a box, of a mask their alpha."""
    plane.write(box, values if len(plane.blank) == 4 else values[..., 3])
