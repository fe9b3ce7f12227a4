"""Selections: outlines, colours and joined areas become a mask; masks are combined, grown, softened."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from editor.replay.engine import Kernels
from editor.replay.planes import TILE, Box, Bytes, Plane, intersection, places

COMBINE: Final = {"replace": 0, "add": 1, "subtract": 2, "intersect": 3}
BAND: Final = 256
# A grown or softened mask is worked on as one array with room around it.
MOST_RADIUS: Final = 250
STACK: Final = 1 << 20


def outline(kernels: Kernels, points: Any, size: tuple[int, int]) -> Plane:
    """Return the mask of a closed outline; points [n, 2] in sixteenths."""
    width, height = size
    mask = Plane((0,))
    corners = np.asarray(points, np.int32)
    if len(corners) < 3:
        return mask
    low, high = corners.min(axis=0) // 16, -(-corners.max(axis=0) // 16)
    x0, y0, x1, y1 = intersection(
        (int(low[0]), int(low[1]), int(high[0]), int(high[1])), (0, 0, width, height)
    )
    if x0 >= x1 or y0 >= y1:
        return mask
    shifted = corners - np.array([x0 * 16, 0], np.int32)
    for top in range(y0, y1, BAND):
        rows, columns = min(BAND, y1 - top), x1 - x0
        kernels.reset()
        out, cells = kernels.room(rows * columns), kernels.room(8 * (columns + 2) * rows)
        kernels.call("shape_fill", out, cells, kernels.put(shifted), len(corners), columns, top, rows)
        mask.write((x0, top, x1, top + rows), kernels.view(out, (rows, columns)))
    return mask


def rectangle(box: Box, size: tuple[int, int]) -> Plane:
    """Return the mask of a box of whole pixels."""
    mask = Plane((0,))
    x0, y0, x1, y1 = intersection(box, (0, 0, *size))
    if x0 < x1 and y0 < y1:
        mask.write((x0, y0, x1, y1), np.full((y1 - y0, x1 - x0), 255, np.uint8))
    return mask


def similar(
    kernels: Kernels, pixels: Plane, size: tuple[int, int], rgba: int, tolerance: int, soft: int
) -> Plane:
    """Return the mask of pixels like a colour, anywhere in the document."""
    mask = Plane((0,))
    for place in places((0, 0, *size)):
        kernels.reset()
        source, out = kernels.put(np.ascontiguousarray(pixels.get(place))), kernels.room(TILE * TILE)
        kernels.call("mask_similar", out, source, TILE * TILE, rgba, tolerance, soft)
        mask.put(place, kernels.view(out, (TILE, TILE)))
    return within(mask, size)


def joined(kernels: Kernels, mask: Plane, size: tuple[int, int], x: int, y: int) -> Plane:
    """Return what of a mask of 0 and 255 is joined to a pixel."""
    width, height = size
    kernels.reset()
    at, stack = kernels.put(mask.read((0, 0, width, height))), kernels.room(4 * STACK)
    kernels.call("mask_flood", at, width, height, x, y, stack, STACK)
    found = Plane((0,))
    found.write((0, 0, width, height), kernels.view(at, (height, width)))
    return found


def combined(
    kernels: Kernels, selection: Plane | None, mask: Plane, how: str, size: tuple[int, int]
) -> Plane:
    """Return a selection combined with a new mask; no selection counts as nothing selected, but is replaced by any."""
    before = selection or Plane((0,))
    out = Plane((0,))
    for place in places((0, 0, *size)):
        if not before.has(place) and not mask.has(place) and before.blank == (0,):
            continue
        kernels.reset()
        d, s = (kernels.put(np.ascontiguousarray(plane.get(place))) for plane in (before, mask))
        kernels.call("mask_combine", d, s, TILE * TILE, COMBINE[how])
        out.put(place, kernels.view(d, (TILE, TILE)))
    return out


def inverted(kernels: Kernels, selection: Plane, size: tuple[int, int]) -> Plane:
    """Return everything of the document that is not selected."""
    out = Plane((0,))
    for place in places((0, 0, *size)):
        kernels.reset()
        at = kernels.put(np.ascontiguousarray(selection.get(place)))
        kernels.call("mask_invert", at, TILE * TILE)
        out.put(place, kernels.view(at, (TILE, TILE)))
    return within(out, size)


def grown(kernels: Kernels, selection: Plane, size: tuple[int, int], radius: int) -> Plane:
    """Return a selection grown by a radius in pixels, or shrunk by a negative one; its edge becomes hard."""
    if radius < 0:
        return inverted(kernels, grown(kernels, inverted(kernels, selection, size), size, -radius), size)
    box = _around(selection, size, radius)
    if box is None or radius == 0:
        return selection
    values = selection.read(box)
    height, width = values.shape
    kernels.reset()
    at, columns, hull = kernels.put(values), kernels.room(2 * values.size), kernels.room(8 * width)
    kernels.call("mask_grow", at, columns, hull, width, height, radius)
    return _written(kernels.view(at, (height, width)), box)


def feathered(kernels: Kernels, selection: Plane, size: tuple[int, int], radius: int) -> Plane:
    """Return a selection whose edge is softened over about three times a radius on either side."""
    box = _around(selection, size, 3 * radius)
    if box is None or radius == 0:
        return selection
    values = selection.read(box)
    height, width = values.shape
    kernels.reset()
    at, spare = kernels.put(values), kernels.room(values.size)
    kernels.call("mask_feather", at, spare, width, height, radius, 0)
    return _written(kernels.view(at, (height, width)), box)


def within(mask: Plane, size: tuple[int, int]) -> Plane:
    """Return a mask without what lies outside of the document."""
    width, height = size
    for place in list(mask.tiles):
        right, below = width - place[0] * TILE, height - place[1] * TILE
        if right < TILE or below < TILE:
            tile = mask.get(place).copy()
            tile[max(0, below) :] = 0
            tile[:, max(0, right) :] = 0
            mask.put(place, tile)
    return mask


def alpha_of(pixels: Plane, size: tuple[int, int]) -> Plane:
    """Return a layer's alpha as a mask."""
    mask = Plane((0,))
    for place in pixels.tiles:
        mask.put(place, pixels.get(place)[..., 3])
    return within(mask, size)


def _around(mask: Plane, size: tuple[int, int], margin: int) -> Box | None:
    """The box of what is selected and a margin, inside of the document."""
    bounds = mask.bounds() if mask.blank == (0,) else (0, 0, *size)
    if bounds is None:
        return None
    wide = (bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
    box = intersection(wide, (0, 0, *size))
    return box if box[0] < box[2] and box[1] < box[3] else None


def _written(values: Bytes, box: Box) -> Plane:
    mask = Plane((0,))
    mask.write(box, values)
    return mask
