"""Where retouching takes pixels from: a layer, or all that is seen up to it. The twin of worker/retouch/sources.js."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from editor.replay import compositing
from editor.replay.layers import Layer
from editor.replay.planes import TILE, Box, Place, Plane, intersection, places
from editor.replay.state import Body, State


def up_to(layers: list[Layer], name: str) -> list[Layer] | None:
    """Return layers up to one of them, by its id, without those above it, also in groups; None where it is missing."""
    for index, layer in enumerate(layers):
        if layer.id == name:
            return layers[: index + 1]
        inner = up_to(layer.children, name)
        if inner is not None:
            return [*layers[:index], replace(layer, children=inner)]
    return None


def picture_for(document: State, layer: Layer, body: Body, wanted: Iterable[Box]) -> Plane:
    """Return the pixels that are taken: at least those of the boxes that are wanted.

    Uses, and resets, the kernels' memory.
    """
    if not body.get("all"):
        return layer.pixels.copy()
    parts, inside = up_to(document.layers, layer.id) or [], (0, 0, *document.size)
    out, seen = Plane(), set[Place]()
    for box in wanted:
        for place in places(intersection(box, inside)):
            if place not in seen:
                out.put(place, compositing.tile_inside(document.kernels, parts, place, document.size))
            seen.add(place)
    return out


def box_of(place: Place, dx: int = 0, dy: int = 0) -> Box:
    """Return the pixels of a tile, moved."""
    x, y = place[0] * TILE + dx, place[1] * TILE + dy
    return x, y, x + TILE, y + TILE
