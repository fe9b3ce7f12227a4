"""Liquify: a stroke bends a layer, which is resampled once. The twin of worker/retouch/liquifying.js."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.replay import strokes
from editor.replay.planes import TILE, Box, Place, Plane, intersection, places
from editor.replay.state import Body, State, target, unlocked

PIXELS: Final = TILE * TILE
CELL: Final = 4
HOWS: Final = ("push", "pinch", "bloat", "twirl", "untwirl")
SPACING: Final = 16  # 256ths of the diameter
AROUND: Final = 2  # pixels that a resampled one is made of, besides its own


def liquified(document: State, body: Body, blob: bytes) -> None:
    """Bend a layer along a stroke, where it is selected."""
    layer, kernels = unlocked(document, body), document.kernels
    plane, selection = target(layer, body), document.selection
    dabs = _walked(document, body, strokes.unpack(blob))
    field, size = _bent(document, body, dabs)
    out, mark, keep = plane.copy(), kernels.room(0), 1 if layer.lock_alpha else 0
    for place in _reached(dabs, body["radius"], (0, 0, *document.size)):
        if selection is not None and selection.blank == (0,) and not selection.has(place):
            continue
        kernels.reset(mark)
        made = _displaced(document, plane, place, field, size, keep)
        if made is None:
            continue
        if selection is not None:
            now = plane.put_into(kernels, place)
            kernels.call("mix", now, made, selection.put_into(kernels, place), PIXELS, 255)
            made = now
        out.put(place, kernels.view(made, (TILE, TILE, 4)))
    plane.tiles = out.tiles


def _walked(document: State, body: Body, samples: NDArray[np.int32]) -> NDArray[np.int32]:
    """The dabs {x16, y16, pressure} along samples."""
    kernels = document.kernels
    kernels.reset()
    state, path = kernels.put(np.zeros(5, np.int32)), kernels.put(samples)
    room = kernels.room(12 * strokes.MOST_DABS)
    numbers = (len(samples), body["radius"], SPACING, 0, room, strokes.MOST_DABS)
    count = kernels.call("brush_walk", state, path, *numbers)
    if count < 0:
        raise strokes.TooManyDabs
    return kernels.view(room, (count, 3), np.int32).copy()


def _bent(document: State, body: Body, dabs: NDArray[np.int32]) -> tuple[int, tuple[int, int]]:
    """The address of the field that dabs bend, and its size."""
    kernels, radius = document.kernels, body["radius"]
    kernels.reset()
    gw, gh = (-(-side // CELL) + 2 for side in document.size)
    field = kernels.room(8 * gw * gh)
    kernels.memory[field : field + 8 * gw * gh] = 0
    mark = kernels.room(0)
    begun, path = kernels.put(np.zeros(3, np.int32)), kernels.put(dabs)
    spare = kernels.room(8 * (radius // 32 + 3) ** 2)
    how = HOWS.index(body["how"])
    kernels.call("liquify", field, gw, gh, spare, path, len(dabs), begun, radius, body["strength"], how)
    kernels.reset(mark)
    return field, (gw, gh)


def _displaced(
    document: State, plane: Plane, place: Place, field: int, size: tuple[int, int], keep: int
) -> int | None:
    """The address of a tile as the field shows it; None where nothing of it moved."""
    kernels, corner = document.kernels, (place[0] * TILE, place[1] * TILE)
    out, found, box = kernels.room(4 * PIXELS), kernels.room(8 * PIXELS), kernels.room(16)
    if not kernels.call("liquify_map", found, box, field, *size, *corner, TILE, TILE, *document.size):
        return None
    x0, y0, x1, y1 = (int(value) for value in kernels.view(box, (4,), np.int32))
    bounds = plane.bounds() or (0, 0, 0, 0)
    wide: Any = intersection((x0 - AROUND, y0 - AROUND, x1 + AROUND, y1 + AROUND), bounds)
    if wide[0] >= wide[2] or wide[1] >= wide[3]:
        wide = (0, 0, 0, 0)
    source = kernels.put(plane.read(wide))
    where = (wide[0], wide[1], wide[2] - wide[0], wide[3] - wide[1])
    kernels.call("displace", out, plane.put_into(kernels, place), source, *where, found, PIXELS, keep)
    return out


def _reached(dabs: NDArray[np.int32], radius: int, limit: Box) -> list[Place]:
    """The tiles that lie in a box around each dab, row by row."""
    reach = radius // 16 + 2 * CELL
    found = {
        place
        for x, y in {(x // 16 // CELL * CELL, y // 16 // CELL * CELL) for x, y, _pressure in dabs.tolist()}
        for place in places(intersection((x - reach, y - reach, x + reach, y + reach), limit))
    }
    return sorted(found, key=lambda place: (place[1], place[0]))
