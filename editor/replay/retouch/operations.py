"""The operations of the retouching tools: clone, heal, spot heal, dodge and burn, smudge, red eye, liquify.

The twin of worker/retouch/operations.js. All of them change the pixels of a layer, never its mask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.replay import strokes
from editor.replay.planes import TILE, Box, Bytes, Place, Plane, intersection, places
from editor.replay.retouch import healing, sources
from editor.replay.retouch.liquifying import bent, liquified
from editor.replay.retouch.smudging import smudged
from editor.replay.state import Body, State, target, unlocked

PIXELS: Final = TILE * TILE
RANGES: Final = ("shadows", "midtones", "highlights")
BURN: Final = 4
FULL: Final = 32767


def brush_of(body: Body) -> strokes.Brush:
    """Return what the stroke of an operation is drawn with."""
    flow, flags = body.get("flow", FULL), body.get("flags", 0)
    return strokes.Brush(body["radius"], body["hardness"], flow, body["spacing"], flags)


def _dabs(document: State, body: Body, blob: bytes) -> NDArray[np.int32]:
    return strokes.dabs_of(document.kernels, brush_of(body), strokes.unpack(blob))


def _clone(document: State, body: Body, blob: bytes) -> None:
    layer, kernels = unlocked(document, body), document.kernels
    plane, by, inside = target(layer, body), (body["dx"], body["dy"]), (0, 0, *document.size)
    dabs = _dabs(document, body, blob)
    boxes = (sources.box_of(place, *by) for place, _touching in strokes.reached(dabs, inside))
    picture = sources.picture_for(document, layer, body, boxes)
    covered = strokes.coverage(kernels, brush_of(body), dabs, inside)
    _laid(document, body, covered, lambda place: picture.read(sources.box_of(place, *by)), plane)


def _laid(
    document: State,
    body: Body,
    covered: Iterator[tuple[Place, int]],
    source: Callable[[Place], Bytes],
    plane: Plane,
) -> None:
    """Lay pixels by coverage over a layer; source(place) [256, 256, 4] gives those of a tile."""
    kernels, flags = document.kernels, 1 if unlocked(document, body).lock_alpha else 0
    src: int | None = None

    def kernel(place: Place, out: int, old: int, cov: int, sel: int) -> None:
        nonlocal src
        src = kernels.room(4 * PIXELS) if src is None else src
        kernels.view(src, (TILE, TILE, 4))[...] = source(place)
        kernels.call("retouch_lay", out, old, src, cov, sel, PIXELS, body["opacity"], flags)

    strokes.change_at(kernels, plane, document.selection, covered, kernel)


def _tone(document: State, body: Body, blob: bytes) -> None:
    layer, kernels = unlocked(document, body), document.kernels
    plane, how = target(layer, body), RANGES.index(body["range"]) + BURN * (body["tool"] == "burn")

    def kernel(out: int, old: int, cov: int, sel: int) -> None:
        kernels.call("retouch_tone", out, old, cov, sel, PIXELS, body["exposure"], how)

    dabs = _dabs(document, body, blob)
    covered = strokes.coverage(kernels, brush_of(body), dabs, (0, 0, *document.size))
    strokes.change(kernels, plane, document.selection, covered, kernel)


def _heal(document: State, body: Body, blob: bytes) -> None:
    _healed(document, body, blob, lambda _target, _hole: (body["dx"], body["dy"]), healing.RING)


def _spot(document: State, body: Body, blob: bytes) -> None:
    def find(target: Bytes, hole: Bytes) -> tuple[int, int] | None:
        return healing.source_of(document.kernels, target, hole)

    _healed(document, body, blob, find, healing.AROUND)


def _healed(
    document: State,
    body: Body,
    blob: bytes,
    find: Callable[[Bytes, Bytes], tuple[int, int] | None],
    margin: int,
) -> None:
    """Heal what a stroke covers from the offset that is found; from what is around it alone where none is."""
    layer, kernels, inside = unlocked(document, body), document.kernels, (0, 0, *document.size)
    plane, dabs = target(layer, body), _dabs(document, body, blob)
    box = healing.grown(intersection(strokes.reach_of(dabs), inside), margin, inside)
    covered = {
        place: kernels.view(cov, (TILE, TILE), np.uint16).copy()
        for place, cov in strokes.coverage(kernels, brush_of(body), dabs, inside)
    }
    if not covered:
        return
    hole = _hole(covered, box)
    now = sources.picture_for(document, layer, body, [box]).read(box)
    by = find(now, hole)
    if by is None:
        other = healing.plain(now)
    else:
        moved = (box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1])
        other = sources.picture_for(document, layer, body, [moved]).read(moved)
    whole = Plane()
    whole.write(box, healing.fitted(kernels, other, now, hole))
    kernels.reset()
    _laid(document, body, _again(document, covered), whole.get, plane)


def _hole(covered: Mapping[Place, Any], box: Box) -> Bytes:
    """What of a box is covered, however little: 255."""
    whole = Plane((0,))
    for place, cov in covered.items():
        whole.put(place, np.where(cov > 0, 255, 0).astype(np.uint8))
    return whole.read(box)


def _again(document: State, covered: Mapping[Place, NDArray[np.uint16]]) -> Iterator[tuple[Place, int]]:
    """Yield coverage that was kept, as strokes.coverage does."""
    at = document.kernels.room(2 * PIXELS)
    for place, cov in covered.items():
        document.kernels.view(at, (TILE, TILE), np.uint16)[...] = cov
        yield place, at


def _smudge(document: State, body: Body, blob: bytes) -> None:
    layer = unlocked(document, body)
    plane, dabs = target(layer, body), _dabs(document, body, blob)
    smudged(document, plane, brush_of(body), dabs, rate=body["strength"], keep=layer.lock_alpha)


def _red(document: State, body: Body, _blob: bytes) -> None:
    kernels, plane, selection = document.kernels, target(unlocked(document, body), body), document.selection
    (x, y), (rx, ry) = (body["x"], body["y"]), (body["rx"], body["ry"])
    box = ((x - rx) // 16, (y - ry) // 16, (x + rx) // 16 + 1, (y + ry) // 16 + 1)
    for place in places(intersection(box, (0, 0, *document.size))):
        if not plane.has(place):
            continue
        kernels.reset()
        px = plane.put_into(kernels, place)
        sel = 0 if selection is None else selection.put_into(kernels, place)
        corner = (place[0] * TILE, place[1] * TILE)
        kernels.call("retouch_red", px, sel, *corner, x, y, rx, ry, body["tolerance"], body["dark"])
        plane.put(place, kernels.view(px, (TILE, TILE, 4)))


KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    "retouch.clone": _clone,
    "retouch.tone": _tone,
    "retouch.heal": _heal,
    "retouch.spot": _spot,
    "retouch.smudge": _smudge,
    "retouch.red": _red,
    "retouch.liquify": liquified,
    "retouch.bend": bent,
}
