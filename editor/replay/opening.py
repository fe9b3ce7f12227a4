"""The document as a whole: opened, given another canvas, flattened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from editor.replay import filling, layers
from editor.replay.geometry.following import moved
from editor.replay.geometry.placing import clipped
from editor.replay.layers import Layer
from editor.replay.planes import shifted
from editor.replay.state import Body, State, follow, place, shown


def _open(document: State, body: Body, _blob: bytes) -> None:
    document.width, document.height = body["width"], body["height"]
    base = Layer(id=body["layer"], name=body["name"])
    if body.get("asset"):
        place(base.pixels, document.assets.pixels(body["asset"]), 0, 0)
    elif body.get("rgba"):
        source = filling.colour(document.kernels, body["rgba"])
        filling.laid_over(
            document.kernels,
            base.pixels,
            None,
            document.size,
            source,
            opacity=255,
            mode="normal",
            lock_alpha=False,
        )
    document.layers = [base]


def _canvas(document: State, body: Body, _blob: bytes) -> None:
    for layer in layers.walk(document.layers):
        layer.pixels = shifted(layer.pixels, body["dx"], body["dy"])
        if layer.mask is not None:
            layer.mask = shifted(layer.mask, body["dx"], body["dy"])
    document.width, document.height = body["width"], body["height"]
    follow(document, document.layers, moved(body["dx"], body["dy"]))
    if document.selection is not None:
        selection = shifted(document.selection, body["dx"], body["dy"])
        document.selection = clipped(selection, document.size) if body.get("keep") else None


def _flatten(document: State, body: Body, _blob: bytes) -> None:
    flat = Layer(id=body["layer"], name=body["name"])
    flat.pixels = shown(document, document.layers)
    document.layers = [flat]


KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    "open": _open,
    "canvas": _canvas,
    "flatten": _flatten,
}
