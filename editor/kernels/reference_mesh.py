"""The readable truth of the kernels of meshes: k1/mesh.c says the same in C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels.reference_geometry import Wide, sampled

NOWHERE: Final = -(1 << 31)
CELLS: Final = 16
DRAGGED: Final = 1 << 23
Numbers = NDArray[np.int32]
Point = tuple[int, int]
Box = tuple[int, int, int, int]


def spline(at: int, side: int, parts: int) -> tuple[int, list[int]]:
    """In which part of a side a place lies, and how much of the four handles around it counts, 65536 together."""
    u = min(max(at, 0), side) * parts
    k = min(u // side, parts - 1)
    t = ((u - k * side) << 16) // side
    tt = t * t >> 16
    ttt = tt * t >> 16
    first, third, last = (2 * tt - ttt - t) >> 1, (4 * tt - 3 * ttt + t) >> 1, (ttt - tt) >> 1
    return k, [first, 65536 - first - third - last, third, last]


def lattice(moved: Numbers, box: Box, step: int) -> Numbers:
    """Where the corners of cells come to lie [ny, nx, 2], in 256ths; moved [rows + 1, columns + 1, 2] in 16ths."""
    (x0, y0, x1, y1), (rows, columns) = box, (side - 1 for side in moved.shape[:2])
    grid = np.pad(moved.astype(np.int64), ((1, 1), (1, 1), (0, 0)), "reflect", reflect_type="odd")
    nx, ny = (-(-side // step) + 3 for side in (x1 - x0, y1 - y0))
    out = np.zeros((ny, nx, 2), np.int32)
    for j in range(ny):
        row, down = spline((j - 1) * step, y1 - y0, rows)
        for i in range(nx):
            column, along = spline((i - 1) * step, x1 - x0, columns)
            near = grid[row : row + 4, column : column + 4]
            by = (np.einsum("a,b,abk->k", down, along, near) + (1 << 27)) >> 28
            at = np.array([x0 + (i - 1) * step, y0 + (j - 1) * step]) * 256
            out[j, i] = np.clip(at + np.clip(by, -2 * DRAGGED, 2 * DRAGGED), -DRAGGED, DRAGGED)
    return out


def _blocks(corners: Numbers) -> Iterator[tuple[range, range]]:
    """The rows and columns of the cells of each block."""
    ny, nx = (side - 1 for side in corners.shape[:2])
    for top in range(0, ny, CELLS):
        for left in range(0, nx, CELLS):
            yield range(top, min(top + CELLS, ny)), range(left, min(left + CELLS, nx))


def reach(corners: Numbers) -> tuple[list[list[int]], list[int]]:
    """The boxes around blocks of cells, and the one around all of them."""
    found = []
    for rows, columns in _blocks(corners):
        part = corners[rows.start : rows.stop + 1, columns.start : columns.stop + 1].reshape(-1, 2)
        found.append([*part.min(axis=0).tolist(), *part.max(axis=0).tolist()])
    ends = np.array(found)
    return found, [*ends[:, :2].min(axis=0).tolist(), *ends[:, 2:].max(axis=0).tolist()]


def mesh_map(corners: Numbers, step: int, box: Box, window: Box, level: int) -> tuple[int, Numbers]:
    """From where the pixels of a window come [h, w, 2], in 256ths; NOWHERE and 0 where from nowhere.

    And how many cells lie near.
    """
    x0, y0, x1, y1 = window
    out = np.zeros((y1 - y0, x1 - x0, 2), np.int32)
    out[..., 0] = NOWHERE
    cells, ends = 0, [side << (8 + level) for side in window]
    for rows, columns in _blocks(corners):
        for j in rows:
            for i in columns:
                four = corners[j : j + 2, i : i + 2].reshape(4, 2)
                low, high = four.min(axis=0), four.max(axis=0)
                if (low > ends[2:]).any() or (high < ends[:2]).any():
                    continue
                cells += 1
                origin = ((box[0] + (i - 1) * step) * 256, (box[1] + (j - 1) * step) * 256)
                for shape in (((0, 0), (1, 0), (1, 1)), ((0, 0), (1, 1), (0, 1))):
                    triangle = [
                        (int(corners[j + b, i + a, 0]), int(corners[j + b, i + a, 1])) for a, b in shape
                    ]
                    _place(out, triangle, shape, origin, step * 256, box, (x0, y0), level)
    return cells if (out[..., 0] != NOWHERE).any() else 0, out


def _place(
    out: Numbers,
    points: list[Point],
    sides: Sequence[Point],
    origin: Point,
    wide: int,
    box: Box,
    corner: Point,
    level: int,
) -> None:
    """What of a triangle lies in the window gets the places that it comes from."""
    area = _cross(points[0], points[1], points[2])
    if not area:
        return
    if area < 0:
        points, sides, area = [points[0], points[2], points[1]], (sides[0], sides[2], sides[1]), -area
    edges = [(points[(k + 1) % 3], points[(k + 2) % 3]) for k in range(3)]
    for v in range(out.shape[0]):
        for u in range(out.shape[1]):
            pixel = ((2 * (u + corner[0]) + 1) << (7 + level), (2 * (v + corner[1]) + 1) << (7 + level))
            shares = [_cross(a, b, pixel) for a, b in edges]
            if any(share < _least(*edge) for share, edge in zip(shares, edges, strict=True)):
                continue
            at = [
                origin[d]
                + sum(side[d] * share for side, share in zip(sides, shares, strict=True)) * wide // area
                for d in (0, 1)
            ]
            low, high = (
                [(side - 1) * 256 for side in box[:2]],
                [(side + 1) * 256 for side in box[2:]],
            )
            if low[0] <= at[0] < high[0] and low[1] <= at[1] < high[1]:
                out[v, u] = at


def _cross(a: Point, b: Point, c: Point) -> int:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _least(a: Point, b: Point) -> int:
    """What is on an edge belongs to one of the two triangles beside it."""
    return 0 if b[1] > a[1] or (b[1] == a[1] and b[0] > a[0]) else 1


def mesh_draw(px: Wide, corner: Point, outside: int, places: Numbers, level: int, method: int) -> Wide:
    """The pixels at places [n, 2] of [h, w, 4], which begins at a corner."""
    blank, half = np.array([0, 0, 0, 255 * outside], np.int64), 128 if method else 0
    out = np.zeros((len(places), 4), np.uint16)
    for i, (u, v) in enumerate(places.tolist()):
        place = ((u >> level) - half, (v >> level) - half)
        out[i] = blank if u == NOWHERE else sampled(px, corner, blank, place, method)
    return out
