"""Liquify: a stroke, or several, bend a layer, which is resampled once. The twin of worker/retouch/liquifying.js."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.replay import strokes
from editor.replay.planes import TILE, Box, Place, Plane, intersection, places
from editor.replay.state import Body, State, target, unlocked

PIXELS: Final = TILE * TILE
CELL: Final = 4
HOWS: Final = ("push", "pinch", "bloat", "twirl", "untwirl")
ALL_HOWS: Final = (*HOWS, "restore")  # what is restored is what strokes before it in the same operation moved
MOST_STROKES: Final = 200
SPACING: Final = 16  # 256ths of the diameter
AROUND: Final = 2  # pixels that a resampled one is made of, besides its own


@dataclass(frozen=True, slots=True)
class Bend:
    """A stroke of liquify: samples [n, 3] as a brush's, radius in sixteenths."""

    how: str
    radius: int
    strength: int
    samples: NDArray[np.int32]


def allowed(strokes_of: Any) -> bool:
    """Tell whether this is a list of strokes without their samples: `{how, radius, strength, points}` each."""
    return (
        isinstance(strokes_of, list)
        and 1 <= len(strokes_of) <= MOST_STROKES
        and all(isinstance(each, dict) and _is_stroke(each) for each in strokes_of)
    )


def _is_stroke(each: dict[str, Any]) -> bool:
    bounds = {"radius": (16, 1024 * 16), "strength": (0, 255), "points": (1, 20_000)}
    if set(each) != {"how", *bounds} or each["how"] not in ALL_HOWS:
        return False
    return all(type(each[name]) is int and low <= each[name] <= high for name, (low, high) in bounds.items())


def liquified(document: State, body: Body, blob: bytes) -> None:
    """Bend a layer along a stroke, where it is selected."""
    samples = strokes.unpack(blob)
    _bend(document, body, [Bend(body["how"], body["radius"], body["strength"], samples)])


def bent(document: State, body: Body, blob: bytes) -> None:
    """The same along several strokes, one after the other."""
    _bend(document, body, bends_of(body["strokes"], strokes.unpack(blob)))


def bends_of(several: Sequence[Body], samples: NDArray[np.int32]) -> list[Bend]:
    """Return strokes with their samples, which lie one behind the other."""
    ends = np.cumsum([each["points"] for each in several])
    parts = np.split(samples, ends[:-1])
    return [
        Bend(each["how"], each["radius"], each["strength"], part)
        for each, part in zip(several, parts, strict=True)
    ]


def _bend(document: State, body: Body, bends: Sequence[Bend]) -> None:
    layer, kernels = unlocked(document, body), document.kernels
    plane, selection = target(layer, body), document.selection
    dabs = [_walked(document, bend) for bend in bends]
    field, size = _bent(document, bends, dabs)
    out, mark, keep = plane.copy(), kernels.room(0), 1 if layer.lock_alpha else 0
    for place in _reached(bends, dabs, (0, 0, *document.size)):
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


def _walked(document: State, bend: Bend) -> NDArray[np.int32]:
    """The dabs {x16, y16, pressure} along samples."""
    kernels = document.kernels
    kernels.reset()
    state, path = kernels.put(np.zeros(5, np.int32)), kernels.put(bend.samples)
    room = kernels.room(12 * strokes.MOST_DABS)
    numbers = (len(bend.samples), bend.radius, SPACING, 0, room, strokes.MOST_DABS)
    count = kernels.call("brush_walk", state, path, *numbers)
    if count < 0:
        raise strokes.TooManyDabs
    return kernels.view(room, (count, 3), np.int32).copy()


def _bent(
    document: State, bends: Sequence[Bend], dabs: Sequence[NDArray[np.int32]]
) -> tuple[int, tuple[int, int]]:
    """The address of the field that dabs of strokes bend, and its size."""
    kernels = document.kernels
    kernels.reset()
    gw, gh = (-(-side // CELL) + 2 for side in document.size)
    field = kernels.room(8 * gw * gh)
    kernels.memory[field : field + 8 * gw * gh] = 0
    mark = kernels.room(0)
    for bend, along in zip(bends, dabs, strict=True):
        kernels.reset(mark)
        begun, path = kernels.put(np.zeros(3, np.int32)), kernels.put(along)
        spare = kernels.room(8 * (bend.radius // 32 + 3) ** 2)
        how = ALL_HOWS.index(bend.how)
        numbers = (len(along), begun, bend.radius, bend.strength, how)
        kernels.call("liquify", field, gw, gh, spare, path, *numbers)
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


def _reached(bends: Sequence[Bend], dabs: Sequence[NDArray[np.int32]], limit: Box) -> list[Place]:
    """The tiles that lie in a box around each dab, row by row."""
    found: set[Place] = set()
    for bend, along in zip(bends, dabs, strict=True):
        reach = bend.radius // 16 + 2 * CELL
        for x, y in {(x // 16 // CELL * CELL, y // 16 // CELL * CELL) for x, y, _pressure in along.tolist()}:
            found.update(places(intersection((x - reach, y - reach, x + reach, y + reach), limit)))
    return sorted(found, key=lambda place: (place[1], place[0]))
