"""The selection: drawn, found by colour, taken from layers, combined, grown, softened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from editor.replay import compositing, layers, selecting, strokes
from editor.replay.layers import Impossible
from editor.replay.planes import TILE, Bytes, Place, Plane
from editor.replay.quick import quick
from editor.replay.state import Body, State, alpha_at, shown


def _select(document: State, body: Body, blob: bytes) -> None:
    kernels, size = document.kernels, document.size
    shape, selection = body["shape"], document.selection
    if shape == "none":
        document.selection = None
        return
    if shape in _WHOLE:
        document.selection = _WHOLE[shape](document, body)
        return
    mask = _SHAPES[shape](document, body, blob)
    if body.get("feather"):
        mask = selecting.feathered(kernels, mask, size, body["feather"])
    document.selection = selecting.combined(kernels, selection, mask, body.get("how", "replace"), size)


def _changed_selection(document: State) -> Plane:
    if document.selection is None:
        raise Impossible("Nothing is selected.")
    return document.selection


_WHOLE: Final[dict[str, Callable[[State, Body], Plane]]] = {
    "all": lambda document, _body: selecting.rectangle((0, 0, *document.size), document.size),
    "invert": lambda document, _body: selecting.inverted(
        document.kernels, document.selection or Plane((0,)), document.size
    ),
    "grow": lambda document, body: selecting.grown(
        document.kernels, _changed_selection(document), document.size, body["radius"]
    ),
    "feather": lambda document, body: selecting.feathered(
        document.kernels, _changed_selection(document), document.size, body["radius"]
    ),
}


def _by_colour(document: State, body: Body, _blob: bytes) -> Plane:
    """Wand and colour range: pixels like the one at (x, y), of a layer or of the picture."""
    x, y = body["x"], body["y"]
    if not (0 <= x < document.width and 0 <= y < document.height):
        raise Impossible("The point lies outside of the picture.")
    if body.get("layer"):
        pixels = layers.find(document.layers, body["layer"]).pixels
    else:
        pixels = shown(document, document.layers)
    tile = pixels.get((x // TILE, y // TILE))
    rgba = int.from_bytes(tile[y % TILE, x % TILE].tobytes(), "little")
    joined = body["shape"] == "wand"
    mask = selecting.similar(
        document.kernels,
        pixels,
        document.size,
        rgba,
        body["tolerance"],
        0 if joined else body.get("soft", 0),
    )
    return selecting.joined(document.kernels, mask, document.size, x, y) if joined else mask


def _by_outline(document: State, _body: Body, blob: bytes) -> Plane:
    points = np.frombuffer(blob, "<i4").reshape(-1, 2)
    return selecting.outline(document.kernels, points, document.size)


def _by_stroke(document: State, body: Body, blob: bytes) -> Plane:
    """Quick selection: what belongs to a stroke over a layer or over the picture."""
    tile: Callable[[Place], Bytes]
    if body.get("layer"):
        tile = layers.find(document.layers, body["layer"]).pixels.get
    else:

        def tile(place: Place) -> Bytes:
            return compositing.tile_of(document.kernels, document.layers, place, document.size)

    return quick(document.kernels, tile, document.size, body["brush"], strokes.unpack(blob))


_SHAPES: Final[dict[str, Callable[[State, Body, bytes], Plane]]] = {
    "rectangle": lambda document, body, _blob: selecting.rectangle(
        (body["x0"], body["y0"], body["x1"], body["y1"]), document.size
    ),
    "outline": _by_outline,
    "quick": _by_stroke,
    "wand": _by_colour,
    "colour": _by_colour,
    "alpha": lambda document, body, _blob: selecting.alpha_of(
        layers.find(document.layers, body["layer"]).pixels, document.size
    ),
    "mask": lambda document, body, _blob: _mask_of(document, body),
    "picture": lambda document, body, _blob: selecting.within(
        alpha_at(document, body["asset"], body.get("x", 0), body.get("y", 0)), document.size
    ),
}


def _mask_of(document: State, body: Body) -> Plane:
    mask = layers.find(document.layers, body["layer"]).mask
    if mask is None:
        raise Impossible("This layer has no mask.")
    whole = Plane((0,))
    whole.write((0, 0, *document.size), mask.read((0, 0, *document.size)))
    return whole


KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    "select": _select,
}
