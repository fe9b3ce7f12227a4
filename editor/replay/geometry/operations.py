"""What turns, crops, resizes and straightens a document, or transforms or bends a layer.

The twin of worker/geometry.js.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from editor.replay import filling, layers
from editor.replay.geometry import following
from editor.replay.geometry.meshing import Mesh, meshed
from editor.replay.geometry.placing import clipped, cut, turned, turned_size
from editor.replay.geometry.resizing import resized
from editor.replay.geometry.warping import warped
from editor.replay.layers import Impossible, Layer
from editor.replay.planes import Plane
from editor.replay.state import Body, State, follow, target, unlocked


def _everywhere(
    document: State, change: Callable[[Plane], Plane], size: tuple[int, int], way: Sequence[int]
) -> None:
    """Change each layer, mask and the selection, and give the document a size.

    `way` is the same change as a projection, by which shapes and texts follow: they are drawn again instead.
    """
    for layer in layers.walk(document.layers):
        if not layer.is_drawn:
            layer.pixels = change(layer.pixels)
        if layer.mask is not None:
            layer.mask = change(layer.mask)
    if document.selection is not None:
        document.selection = clipped(change(document.selection), size)
    document.width, document.height = size
    follow(document, document.layers, way)


def _orient(document: State, body: Body, _blob: bytes) -> None:
    how, size = body["how"], document.size
    way = following.turned(how, size)
    _everywhere(document, partial(turned, how=how, size=size), turned_size(how, size), way)


def _crop(document: State, body: Body, _blob: bytes) -> None:
    box = (body["x0"], body["y0"], body["x1"], body["y1"])
    change = partial(cut, box=box, discard=body.get("discard", False))
    way = following.moved(-box[0], -box[1])
    _everywhere(document, change, (box[2] - box[0], box[3] - box[1]), way)


def _resize(document: State, body: Body, _blob: bytes) -> None:
    size, new = document.size, (body["width"], body["height"])
    way = following.resized(size, new)
    _everywhere(document, lambda plane: resized(document.kernels, plane, size, new, body["method"]), new, way)


def _straighten(document: State, body: Body, _blob: bytes) -> None:
    """Look at the document through a frame that is turned or askew: what lies outside of it is dropped."""
    size = (body["width"], body["height"])
    _everywhere(
        document,
        lambda plane: warped(document.kernels, plane, body["matrix"], (0, 0, *size), body["method"]),
        size,
        body["matrix"],
    )


def _transform(document: State, body: Body, _blob: bytes) -> None:
    """Transform a layer with all it holds, or what is selected of its pixels and the selection with them."""
    layer, kernels = unlocked(document, body), document.kernels
    box = (body["x0"], body["y0"], body["x1"], body["y1"])
    _reshaped(document, body, lambda plane: warped(kernels, plane, body["matrix"], box, body["method"]))
    if document.selection is None:
        follow(document, [layer], body["matrix"])


def _mesh(document: State, body: Body, _blob: bytes) -> None:
    """Bend a layer with all it holds by a grid of handles, or what is selected of it; nothing where none was moved."""
    bendable(document, body)
    if not any(body["points"]):
        return
    box = (body["x0"], body["y0"], body["x1"], body["y1"])
    mesh = Mesh(box, body["columns"], body["rows"], body["points"])
    _reshaped(document, body, lambda plane: meshed(document.kernels, plane, mesh, body["method"]))


def bendable(document: State, body: Body) -> Layer:
    """Return the layer that a mesh may bend. Raises Impossible."""
    layer = unlocked(document, body)
    if document.selection is not None:
        target(layer, body)
    elif any(each.is_drawn for each in layers.walk([layer])):
        raise Impossible("A mesh can't bend shapes and texts. Turn them into pixels first.")
    return layer


def _reshaped(document: State, body: Body, change: Callable[[Plane], Plane]) -> None:
    """Change a layer with all it holds, or what is selected of its pixels and the selection with them."""
    layer, kernels = unlocked(document, body), document.kernels
    if document.selection is None:
        for each in layers.walk([layer]):
            if not each.is_drawn:
                each.pixels = change(each.pixels)
            if each.mask is not None:
                each.mask = change(each.mask)
        return
    pixels, selection = target(layer, body), document.selection
    lifted = filling.lifted(kernels, pixels, selection, document.size)
    filling.cleared(kernels, pixels, selection, document.size)
    filling.laid(kernels, pixels, change(lifted))
    document.selection = clipped(change(selection), document.size)


KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    "orient": _orient,
    "crop": _crop,
    "resize": _resize,
    "straighten": _straighten,
    "transform": _transform,
    "mesh": _mesh,
}
