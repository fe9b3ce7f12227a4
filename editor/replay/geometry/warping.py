"""Planes under a projection: each pixel is looked up where it comes from. The twin of worker/warping.js.

A projection is nine whole numbers m: the pixel around (x, y) shows what was around
((m0 x + m1 y + m2) / d, (m3 x + m4 y + m5) / d), where d = m6 x + m7 y + m8. Only their ratios count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from editor.replay.engine import Kernels
from editor.replay.geometry.resizing import pixels_of, written
from editor.replay.planes import TILE, Box, Plane, intersection, places

METHODS: Final = ("nearest", "bilinear", "bicubic")
MOST_TURN: Final = 2**34  # of what is multiplied by a place
MOST_SHIFT: Final = 2**50
# Pixels a side from which a tile is made. Where it would be more, they are taken from a smaller level.
MOST_SIDE: Final = 768
LEVELS: Final = 6


def allowed(matrix: Any) -> bool:
    """Tell whether this is a projection that the kernel takes."""
    if not isinstance(matrix, list) or len(matrix) != 9:
        return False
    return all(
        type(value) is int and abs(value) <= (MOST_SHIFT if index % 3 == 2 else MOST_TURN)
        for index, value in enumerate(matrix)
    )


def warped(kernels: Kernels, plane: Plane, matrix: Sequence[int], box: Box, method: str) -> Plane:
    """Return what a projection makes of a plane, inside of a box."""
    bounds = plane.bounds()
    out = Plane(plane.blank)
    if bounds is None:
        return out
    levels = Levels(kernels, plane)
    for column, row in places(box):
        part = intersection((column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE), box)
        found = _reach(kernels, matrix, part)
        near = bounds if found is None else intersection(found, bounds)
        if near[0] >= near[2] or near[1] >= near[3]:
            continue
        level = 0
        while max(near[2] - near[0], near[3] - near[1]) >> level > MOST_SIDE and level < LEVELS:
            level += 1
        x0, y0 = (near[0] >> level) - 2, (near[1] >> level) - 2
        x1, y1 = (near[2] >> level) + 3, (near[3] >> level) + 3
        source = levels.read(level, (x0, y0, x1, y1))
        kernels.reset()
        m, count = kernels.put(np.array(matrix, np.int64)), (part[2] - part[0]) * (part[3] - part[1])
        wide, made = kernels.room(2 * source.size), kernels.room(8 * count)
        kernels.call("filter_load", wide, kernels.put(source), source.size // 4)
        place = (*part[:2], part[2] - part[0], part[3] - part[1])
        size = (x0, y0, x1 - x0, y1 - y0)
        kernels.call("warp", made, wide, *size, plane.blank[-1], m, *place, level, METHODS.index(method))
        done = kernels.room(4 * count)
        kernels.call("filter_store", done, made, count)
        written(out, part, kernels.view(done, (part[3] - part[1], part[2] - part[0], 4)))
    return out


def _reach(kernels: Kernels, matrix: Sequence[int], box: Box) -> Box | None:
    """From which pixels those of a box are made; None where some of them lie beyond the horizon."""
    kernels.reset()
    at, m = kernels.room(16), kernels.put(np.array(matrix, np.int64))
    if not kernels.call("warp_reach", at, m, *box):
        return None
    x0, y0, x1, y1 = (int(value) for value in kernels.view(at, (4,), np.int32))
    return x0 - 2, y0 - 2, x1 + 2, y1 + 2


class Levels:
    """A plane, and half as large as often as needed. What lies in the kernels' memory stays there."""

    def __init__(self, kernels: Kernels, plane: Plane) -> None:
        self._kernels, self._levels = kernels, [plane]

    def read(self, level: int, box: Box) -> Any:
        while len(self._levels) <= level:
            self._levels.append(self._halved(self._levels[-1]))
        return pixels_of(self._levels[level], box)

    def _halved(self, plane: Plane) -> Plane:
        kernels, mark = self._kernels, self._kernels.room(0)
        out = Plane(plane.blank)
        for x, y in sorted({(x >> 1, y >> 1) for x, y in plane.tiles}):
            kernels.reset(mark)
            target = kernels.room(4 * TILE * TILE)
            for qx, qy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                left, top = (2 * x + qx) * TILE, (2 * y + qy) * TILE
                source = kernels.put(pixels_of(plane, (left, top, left + TILE, top + TILE)))
                kernels.call("tile_half", target, source, qx, qy)
            box = (x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE)
            written(out, box, kernels.view(target, (TILE, TILE, 4)))
        return out
