"""Pixels of one layer: strokes, fills, gradients, clearing, erasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from editor.replay import filling, strokes
from editor.replay.effects import filters
from editor.replay.layers import Impossible
from editor.replay.planes import TILE, Plane, shifted
from editor.replay.state import Body, State, target, unlocked


def _stroke(document: State, body: Body, blob: bytes) -> None:
    layer = unlocked(document, body)
    kernels = document.kernels
    brush = strokes.Brush(
        body["radius"], body["hardness"], body["flow"], body["spacing"], body.get("flags", 0)
    )
    dabs = strokes.dabs_of(kernels, brush, strokes.unpack(blob))
    plane = target(layer, body)
    opacity, rgb = body["opacity"], body.get("rgb", 0)
    kernel: Callable[[int, int, int, int], None]
    n = TILE * TILE
    if body.get("target") == "mask":

        def kernel(out: int, old: int, cov: int, sel: int) -> None:
            kernels.call("brush_mask_paint", out, old, cov, sel, n, body["value"], opacity)
    elif body["tool"] == "erase":

        def kernel(out: int, old: int, cov: int, sel: int) -> None:
            kernels.call("brush_erase", out, old, cov, sel, n, opacity)
    else:
        lock = strokes.LOCK_ALPHA if layer.lock_alpha else 0

        def kernel(out: int, old: int, cov: int, sel: int) -> None:
            kernels.call("brush_paint", out, old, cov, sel, n, rgb, opacity, lock)

    covered = strokes.coverage(kernels, brush, dabs, (0, 0, document.width, document.height))
    strokes.change(kernels, plane, document.selection, covered, kernel)


def _fill(document: State, body: Body, _blob: bytes) -> None:
    source = filling.colour(document.kernels, body["rgba"])
    _lay(document, body, source)


def _gradient(document: State, body: Body, _blob: bytes) -> None:
    ramp = filling.ramp_of([(stop[0], stop[1]) for stop in body["stops"]])
    start, end = (body["x0"], body["y0"]), (body["x1"], body["y1"])
    _lay(document, body, filling.gradient(document.kernels, ramp, start, end, body["shape"]))


def _lay(document: State, body: Body, source: Callable[[int, int, int], None]) -> None:
    layer = unlocked(document, body)
    filling.laid_over(
        document.kernels,
        target(layer, body),
        document.selection,
        document.size,
        source,
        opacity=body["opacity"],
        mode=body["mode"],
        lock_alpha=layer.lock_alpha,
    )


def _clear(document: State, body: Body, _blob: bytes) -> None:
    layer = unlocked(document, body)
    filling.cleared(document.kernels, target(layer, body), document.selection, document.size)


def _move(document: State, body: Body, _blob: bytes) -> None:
    """Move the selected pixels of a layer, and the selection with them."""
    layer = unlocked(document, body)
    pixels, selection = target(layer, body), document.selection
    if selection is None:
        raise Impossible("Select what is to be moved first.")
    by, copy = (body["dx"], body["dy"]), body.get("copy", False)
    filling.carried(document.kernels, pixels, selection, document.size, by, copy=copy)
    inside = (0, 0, *document.size)
    document.selection = Plane((0,))
    document.selection.write(inside, shifted(selection, *by).read(inside))


def _erase(document: State, body: Body, _blob: bytes) -> None:
    layer = unlocked(document, body)
    if document.selection is None:
        raise Impossible("Select what is to be erased first.")
    filling.erased(document.kernels, target(layer, body), document.selection, document.size, body["seed"])


def _filter(document: State, body: Body, _blob: bytes) -> None:
    layer = unlocked(document, body)
    filters.filtered(
        document.kernels,
        target(layer, body),
        document.selection,
        document.size,
        body["filter"],
        lock_alpha=layer.lock_alpha,
    )


KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    "stroke": _stroke,
    "fill": _fill,
    "gradient": _gradient,
    "clear": _clear,
    "erase": _erase,
    "filter": _filter,
    "move": _move,
}
