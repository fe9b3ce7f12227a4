"""Quick selection: what belongs to a stroke, found on a picture made smaller, then refined along its edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from editor.replay import strokes
from editor.replay.engine import Kernels
from editor.replay.planes import TILE, Box, Bytes, Place, Plane, intersection, places

# How far around the stroke the selection may reach: radii of its brush, and pixels at least.
MARGIN: Final = 6
LEAST_MARGIN: Final = 64
# Pixels of the smaller picture. Its kernel takes seven bytes and some 400 steps for each.
MOST_PIXELS: Final = 1 << 19
ROUNDS: Final = 8
ROUNDS_ALONG_THE_EDGE: Final = 3
SPACING: Final = 64  # of the dabs that mark the stroke, in 256ths of their diameter
HALF: Final = 16384
UNSURE: Final = 128

TileOf = Callable[[Place], Bytes]


def quick(
    kernels: Kernels, tile: TileOf, size: tuple[int, int], radius: int, samples: NDArray[np.int32]
) -> Plane:
    """Return the mask of what belongs to a stroke; radius and samples [n, 3] in sixteenths, tile(place) the picture."""
    mask = Plane((0,))
    box = _window(samples, radius, size)
    if box[0] >= box[2] or box[1] >= box[3]:
        return mask
    level, small = _smaller_box(box)
    marked = _marked(kernels, radius, samples, small, level)
    pixels = _picture(kernels, tile, size, small, level)
    found, tables = _grown(kernels, marked, pixels)
    if level:
        _refine(kernels, mask, tile, box, small, level, _unsure(found), tables)
    else:
        mask.write(box, found)
    return mask


def _window(samples: NDArray[np.int32], radius: int, size: tuple[int, int]) -> Box:
    """The part of the picture that is looked at."""
    margin = max(LEAST_MARGIN, MARGIN * radius // 16)
    low, high = samples[:, :2].min(axis=0), samples[:, :2].max(axis=0)
    x0, y0 = ((int(value) - radius) // 16 - margin for value in low)
    x1, y1 = (-((-int(value) - radius) // 16) + margin for value in high)
    return intersection((x0, y0, x1, y1), (0, 0, *size))


def _smaller_box(box: Box) -> tuple[int, Box]:
    """How often the picture is halved, and the window in it."""
    level = 0
    while True:
        x0, y0, x1, y1 = box[0] >> level, box[1] >> level, -(-box[2] >> level), -(-box[3] >> level)
        if (x1 - x0) * (y1 - y0) <= MOST_PIXELS:
            return level, (x0, y0, x1, y1)
        level += 1


def _marked(kernels: Kernels, radius: int, samples: NDArray[np.int32], small: Box, level: int) -> Bytes:
    """Where the stroke is in the smaller picture: 255, else 0."""
    brush = strokes.Brush(max(8, radius >> level), 255, 32767, SPACING, 0)
    path = samples.copy()
    path[:, :2] >>= level
    marked = Plane((0,))
    for place, cov in strokes.coverage(kernels, brush, strokes.dabs_of(kernels, brush, path), small):
        covered = kernels.view(cov, (TILE, TILE), np.uint16)
        marked.put(place, np.where(covered >= HALF, 255, 0).astype(np.uint8))
    return marked.read(small)


def _picture(kernels: Kernels, tile: TileOf, size: tuple[int, int], small: Box, level: int) -> Bytes:
    out = Plane()
    for place in places(small):
        out.put(place, _smaller(kernels, tile, size, level, place))
    return out.read(small)


def _smaller(kernels: Kernels, tile: TileOf, size: tuple[int, int], level: int, place: Place) -> Bytes:
    """A tile of the picture halved so many times; what lies outside of the document is transparent."""
    if level == 0:
        return tile(place)
    side = TILE << (level - 1)
    parts: list[Bytes | None] = []
    for quarter in range(4):
        x, y = 2 * place[0] + (quarter & 1), 2 * place[1] + (quarter >> 1)
        outside = x * side >= size[0] or y * side >= size[1]
        parts.append(None if outside else _smaller(kernels, tile, size, level - 1, (x, y)))
    kernels.reset()
    target = kernels.put(np.zeros((TILE, TILE, 4), np.uint8))
    for quarter, part in enumerate(parts):
        if part is not None:
            source = kernels.put(np.ascontiguousarray(part))
            kernels.call("tile_half", target, source, quarter & 1, quarter >> 1)
    return kernels.view(target, (TILE, TILE, 4)).copy()


def _grown(kernels: Kernels, marked: Bytes, pixels: Bytes) -> tuple[Bytes, Bytes]:
    """What belongs to the stroke, and the tables of both sides' colours."""
    height, width = marked.shape
    kernels.reset()
    at, cost = kernels.put(marked), kernels.room(2 * marked.size)
    tables, counts = kernels.room(2 * 4096), kernels.room(4 * 4096)
    kernels.call("quick_select", at, cost, tables, counts, kernels.put(pixels), width, height, ROUNDS)
    return kernels.view(at, (height, width)).copy(), kernels.view(tables, (2, 4096)).copy()


def _unsure(found: Bytes) -> Bytes:
    """The same with UNSURE wherever a pixel and its eight neighbours are not all alike."""
    height, width = found.shape
    wide = np.pad(found, 1, mode="edge")
    around = [wide[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    alike = np.logical_and.reduce([part == found for part in around])
    return np.where(alike, found, UNSURE).astype(np.uint8)


def _refine(
    kernels: Kernels, mask: Plane, tile: TileOf, box: Box, small: Box, level: int, sides: Bytes, tables: Bytes
) -> None:
    """Write what is sure, enlarged, and decide the rest at full size: tile by tile, with what lies around each."""
    margin = 2 << level
    near = Plane()  # the tiles of three rows
    for x, y in places(box):
        own = intersection((x * TILE, y * TILE, (x + 1) * TILE, (y + 1) * TILE), box)
        values = _enlarged(sides, small, own, level)
        if (values == UNSURE).any():
            wide = intersection((own[0] - margin, own[1] - margin, own[2] + margin, own[3] + margin), box)
            near.tiles = {place: kept for place, kept in near.tiles.items() if place[1] >= y - 1}
            for place in places(wide):
                if place not in near.tiles:
                    near.tiles[place] = tile(place)
            around, pixels = _enlarged(sides, small, wide, level), near.read(wide)
            height, width = around.shape
            kernels.reset()
            at, cost, colours = kernels.put(around), kernels.room(2 * around.size), kernels.put(tables)
            kernels.call(
                *("quick_refine", at, cost, colours, kernels.put(pixels)),
                *(width, height, ROUNDS_ALONG_THE_EDGE),
            )
            left, top = own[0] - wide[0], own[1] - wide[1]
            values = kernels.view(at, (height, width))[
                top : top + own[3] - own[1], left : left + own[2] - own[0]
            ]
        mask.write(own, values)


def _enlarged(sides: Bytes, small: Box, box: Box, level: int) -> Bytes:
    rows = (np.arange(box[1], box[3]) >> level) - small[1]
    columns = (np.arange(box[0], box[2]) >> level) - small[0]
    large: Bytes = sides[np.ix_(rows, columns)]
    return large
