"""Planes bent by a mesh: a grid of handles over a box that were moved, and all between them smoothly.

The twin of worker/meshing.js. `points` has x and y of each handle, row by row: how far it was moved, in 16ths
of a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from editor.replay.engine import Kernels
from editor.replay.geometry.resizing import written
from editor.replay.geometry.warping import LEVELS, METHODS, MOST_SIDE, Levels
from editor.replay.planes import TILE, Box, Plane, intersection, places

PARTS: Final = (1, 8)  # of a side, fewest and most; the page offers 3 to 5
FARTHEST: Final = 1 << 18  # 16384 pixels
_CELL: Final = 4  # pixels of a side; twice as many where there would be too many cells
_MOST_CORNERS: Final = 1 << 20
_BLOCK: Final = 16
_MOST_READ: Final = 2048  # pixels a side from which a tile is made that is folded


def allowed(points: Any) -> bool:
    """Tell whether this is a list of how far handles were moved."""
    return (
        isinstance(points, list)
        and len(points) <= 2 * (PARTS[1] + 1) ** 2
        and all(type(value) is int and abs(value) <= FARTHEST for value in points)
    )


def cost_of(box: Box, columns: int, rows: int, points: Sequence[int]) -> int:
    """Return the pixels of the boxes around the parts of the grid as they come to lie, or of that around all.

    Whichever is more: every tile of the box around all is looked at, also where thin parts leave it empty.
    """
    (x0, y0, x1, y1) = box
    moved = np.array(points, np.int64).reshape(rows + 1, columns + 1, 2)
    across, down = np.arange(columns + 1), np.arange(rows + 1)[:, None]
    x = 16 * x0 + across * 16 * (x1 - x0) // columns + moved[..., 0]
    y = 16 * y0 + down * 16 * (y1 - y0) // rows + moved[..., 1]
    sides = [_spans(values) // 16 + 1 for values in (x, y)]
    whole = [int(values.max() - values.min()) // 16 + 1 for values in (x, y)]
    return max(int((sides[0] * sides[1]).sum()), whole[0] * whole[1])


def _spans(values: Any) -> Any:
    """From the least to the most of the four corners of each part."""
    four = np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, :-1], values[1:, 1:]])
    return four.max(axis=0) - four.min(axis=0)


class Mesh:
    """A grid of handles over a box, and how far each was moved."""

    def __init__(self, box: Box, columns: int, rows: int, points: Sequence[int]) -> None:
        self.box, self.columns, self.rows, self.points = box, columns, rows, points
        (w, h), self.step = (box[2] - box[0], box[3] - box[1]), _CELL
        while (-(-w // self.step) + 3) * (-(-h // self.step) + 3) > _MOST_CORNERS:
            self.step *= 2


class _Laid:
    """A mesh as its cells come to lie, in fresh room of the kernels' memory."""

    def __init__(self, kernels: Kernels, mesh: Mesh) -> None:
        self._kernels, self.mesh = kernels, mesh
        x, y, x1, y1 = mesh.box
        self.size = nx, ny = (-(-(x1 - x) // mesh.step) + 3, -(-(y1 - y) // mesh.step) + 3)
        blocks = -(-(nx - 1) // _BLOCK) * -(-(ny - 1) // _BLOCK)
        self.lattice, self.blocks, reach = (kernels.room(each) for each in (8 * nx * ny, 16 * blocks, 16))
        moved = kernels.put(np.array(mesh.points, np.int32))
        sides = (mesh.columns, mesh.rows, x, y, x1 - x, y1 - y, mesh.step)
        kernels.call("mesh_lattice", self.lattice, moved, *sides)
        kernels.call("mesh_reach", self.blocks, reach, self.lattice, nx, ny)
        left, top, right, below = (int(value) for value in kernels.view(reach, (4,), np.int32))
        self.reach: Box = (left >> 8, top >> 8, (right >> 8) + 1, (below >> 8) + 1)

    def places(self, part: Box) -> tuple[int, Box, int] | None:
        """Where the pixels of a box come from: an address, the box, and about how many of the plane's pixels these are.

        None where from nowhere.
        """
        kernels, (w, h) = self._kernels, (part[2] - part[0], part[3] - part[1])
        out, found = kernels.room(8 * w * h), kernels.room(16)
        grid = (self.lattice, self.blocks, *self.size, self.mesh.step)
        cells = kernels.call("mesh_map", out, found, *grid, *self.mesh.box, *part[:2], w, h, 0)
        if not cells:
            return None
        x0, y0, x1, y1 = (int(value) for value in kernels.view(found, (4,), np.int32))
        return out, (x0 - 2, y0 - 2, x1 + 2, y1 + 2), cells * self.mesh.step**2


def meshed(kernels: Kernels, plane: Plane, mesh: Mesh, method: str) -> Plane:
    """Return what a mesh makes of what lies in its box; all else is blank."""
    out, bounds = Plane(plane.blank), plane.bounds()
    if bounds is None:
        return out
    kernels.reset()
    levels, laid = Levels(kernels, plane), _Laid(kernels, mesh)
    mark = kernels.room(0)
    for column, row in places(laid.reach):
        kernels.reset(mark)
        part = (column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE)
        found = laid.places(part)
        near = bounds if found is None else intersection(found[1], bounds)
        if found is None or near[0] >= near[2] or near[1] >= near[3]:
            continue
        level, count = _level(near, found[2]), TILE * TILE
        x0, y0 = (near[0] >> level) - 2, (near[1] >> level) - 2
        x1, y1 = (near[2] >> level) + 3, (near[3] >> level) + 3
        source = levels.read(level, (x0, y0, x1, y1))
        wide, made, done = (kernels.room(size) for size in (2 * source.size, 8 * count, 4 * count))
        kernels.call("filter_load", wide, kernels.put(source), source.size // 4)
        size = (x0, y0, x1 - x0, y1 - y0)
        kernels.call(
            "mesh_draw", made, wide, *size, plane.blank[-1], found[0], count, level, METHODS.index(method)
        )
        kernels.call("filter_store", done, made, count)
        written(out, part, kernels.view(done, (TILE, TILE, 4)))
    return out


def _level(box: Box, pixels: int) -> int:
    """The level from which a tile is made: smaller where many pixels come into it, but not where it is only folded."""
    level = 0
    while level < LEVELS and (
        pixels >> 2 * level > MOST_SIDE**2 or max(box[2] - box[0], box[3] - box[1]) >> level > _MOST_READ
    ):
        level += 1
    return level
