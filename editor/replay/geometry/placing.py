"""Planes turned, mirrored and cut: bytes only move. The twin of the first part of worker/geometry.js."""

from __future__ import annotations

from typing import Final

import numpy as np

from editor.replay.planes import TILE, Box, Bytes, Plane, places, shifted

HOWS: Final = ("flip_x", "flip_y", "90", "180", "270")  # degrees are clockwise


def turned_size(how: str, size: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a document of this size afterwards."""
    return (size[1], size[0]) if how in ("90", "270") else size


def turned(plane: Plane, how: str, size: tuple[int, int]) -> Plane:
    """Return a plane turned or mirrored with its document of this size."""
    out = Plane(plane.blank)
    bounds = plane.bounds()
    if bounds is None:
        return out
    back = {"90": "270", "270": "90"}.get(how, how)
    for place in places(_moved(bounds, how, size)):
        box = (place[0] * TILE, place[1] * TILE, (place[0] + 1) * TILE, (place[1] + 1) * TILE)
        values = plane.read(_moved(box, back, turned_size(how, size)))
        out.put(place, np.ascontiguousarray(_turned(values, how)))
    return out


def _moved(box: Box, how: str, size: tuple[int, int]) -> Box:
    """Where a box of a document of this size comes to lie."""
    (x0, y0, x1, y1), (width, height) = box, size
    if how == "flip_x":
        return width - x1, y0, width - x0, y1
    if how == "flip_y":
        return x0, height - y1, x1, height - y0
    if how == "180":
        return width - x1, height - y1, width - x0, height - y0
    if how == "90":
        return height - y1, x0, height - y0, x1
    return y0, width - x1, y1, width - x0


def _turned(values: Bytes, how: str) -> Bytes:
    if how == "flip_x":
        return values[:, ::-1]
    if how == "flip_y":
        return values[::-1]
    return np.rot90(values, {"90": -1, "180": 2, "270": 1}[how])


def cut(plane: Plane, box: Box, *, discard: bool) -> Plane:
    """Return a plane whose origin is the corner of a box; with `discard` without what lies outside of it."""
    x0, y0, x1, y1 = box
    moved = shifted(plane, -x0, -y0)
    return clipped(moved, (x1 - x0, y1 - y0)) if discard else moved


def clipped(plane: Plane, size: tuple[int, int]) -> Plane:
    """Return a plane that is blank outside of a document of this size."""
    width, height = size
    out = Plane(plane.blank)
    blank = plane.blank if len(plane.blank) == 4 else plane.blank[0]
    for place in places((0, 0, width, height)):
        if not plane.has(place):
            continue
        right, below = width - place[0] * TILE, height - place[1] * TILE
        if right >= TILE and below >= TILE:
            out.tiles[place] = plane.tiles[place]
            continue
        tile = plane.get(place).copy()
        tile[max(0, below) :] = blank
        tile[:, max(0, right) :] = blank
        out.put(place, tile)
    return out
