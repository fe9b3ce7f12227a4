"""Layers: added, removed, moved, named and blended, copied, merged, masked, shifted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from editor.replay import filling, layers, selecting
from editor.replay.geometry.following import STRAIGHT, moved
from editor.replay.layers import Impossible, Layer
from editor.replay.planes import Plane, shifted
from editor.replay.state import Body, State, alpha_at, follow, place, shown, target, unlocked

MOST_LAYERS: Final = 100


def _add(document: State, body: Body, _blob: bytes) -> None:
    layer = Layer(
        id=body["layer"],
        name=body["name"],
        group=body.get("group_layer", False),
        adjust=body.get("adjust"),
        shape=body.get("shape"),
        text=body.get("text"),
    )
    document.redraw(layer)
    if body.get("asset"):
        place(layer.pixels, document.assets.pixels(body["asset"]), body.get("x", 0), body.get("y", 0))
    if body.get("mask_from_selection") and document.selection is not None:
        layer.mask = document.selection.copy()
    if body.get("mask"):
        layer.mask = alpha_at(document, body["mask"], body.get("x", 0), body.get("y", 0))
    _insert(document, layer, body)


def _insert(document: State, layer: Layer, body: Body) -> None:
    known = {other.id for other in layers.walk(document.layers)}
    if known & {new.id for new in layers.walk([layer])}:
        raise Impossible("A layer with this id exists already.")
    if len(known) + len(list(layers.walk([layer]))) > MOST_LAYERS:
        raise Impossible(f"A document holds at most {MOST_LAYERS} layers. Merge or delete some first.")
    layers.insert(document.layers, layer, group=body.get("group"), above=body.get("above"))


def _remove(document: State, body: Body, _blob: bytes) -> None:
    layers.remove(document.layers, body["layer"])


def _move(document: State, body: Body, _blob: bytes) -> None:
    layer = layers.find(document.layers, body["layer"])
    into = body.get("group")
    if into is not None and any(inner.id == into for inner in layers.walk([layer])):
        raise Impossible("A group can't be moved into itself.")
    if body.get("above") == layer.id:
        raise Impossible("A layer can't be moved above itself.")
    before = document.layers
    document.layers = [other.copy() for other in before]
    try:
        moved = layers.remove(document.layers, layer.id)
        layers.insert(document.layers, moved, group=into, above=body.get("above"))
    except Impossible:
        document.layers = before
        raise


def _set(document: State, body: Body, _blob: bytes) -> None:
    layer = layers.find(document.layers, body["layer"])
    for name, value in body.items():
        if name not in ("layer", "back"):
            setattr(layer, name, value)


def _adjust(document: State, body: Body, _blob: bytes) -> None:
    layer = unlocked(document, body)
    if layer.adjust is None:
        raise Impossible("This layer is no adjustment.")
    layer.adjust = body["adjust"]


def _shape(document: State, body: Body, _blob: bytes) -> None:
    layer = _a_shape(document, body)
    layer.shape = body["shape"]
    document.redraw(layer)


def _text(document: State, body: Body, _blob: bytes) -> None:
    layer = unlocked(document, body)
    if layer.text is None:
        raise Impossible("This layer is no text.")
    layer.text = body["text"]
    document.redraw(layer)


def _rasterize(document: State, body: Body, _blob: bytes) -> None:
    """Turn a shape or a text into pixels: what it shows stays, and can be painted on."""
    layer = unlocked(document, body)
    if not layer.is_drawn:
        raise Impossible("This layer is no shape and no text.")
    layer.shape, layer.text, layer.place = None, None, STRAIGHT


def _a_shape(document: State, body: Body) -> Layer:
    layer = unlocked(document, body)
    if layer.shape is None:
        raise Impossible("This layer is no shape.")
    return layer


def _duplicate(document: State, body: Body, _blob: bytes) -> None:
    twin = layers.find(document.layers, body["layer"]).copy()
    copies = list(layers.walk([twin]))
    if len(body["ids"]) != len(copies):
        raise Impossible("A copy of this layer needs as many ids as it holds layers.")
    for layer, new_id in zip(copies, body["ids"], strict=True):
        layer.id = new_id
    twin.name = body["name"]
    home = layers.home_of(document.layers, body["layer"])
    group = next((other.id for other in layers.walk(document.layers) if other.children is home), None)
    _insert(document, twin, {"group": group, "above": body["layer"]})


def _merge(document: State, body: Body, _blob: bytes) -> None:
    """Merge a layer into the one below it, or a group into one layer."""
    home = layers.home_of(document.layers, body["layer"])
    index = next(i for i, layer in enumerate(home) if layer.id == body["layer"])
    upper = home[index]
    parts = [upper] if upper.group else home[max(0, index - 1) : index + 1]
    if len(parts) < 2 and not upper.group:
        raise Impossible("There is no layer below to merge with.")
    if parts[0].adjust is not None:
        raise Impossible("An adjustment can only be merged into a layer that has pixels.")
    merged = Layer(id=body["into"], name=parts[0].name)
    merged.pixels = shown(document, parts)
    home[home.index(parts[0]) : index + 1] = [merged]


def _mask(document: State, body: Body, _blob: bytes) -> None:
    layer = layers.find(document.layers, body["layer"])
    how = body["from"]
    if how == "none":
        layer.mask = None
    elif how == "selection":
        layer.mask = (document.selection or Plane((255,))).copy()
    elif how == "asset":
        layer.mask = alpha_at(document, body["asset"], body.get("x", 0), body.get("y", 0))
    elif how == "apply":
        if layer.mask is None or layer.group or layer.adjust is not None:
            raise Impossible("This layer has no mask to apply.")
        target(layer, {})
        inverse = selecting.inverted(document.kernels, layer.mask, document.size)
        filling.cleared(document.kernels, layer.pixels, inverse, document.size)
        layer.mask = None
    else:
        layer.mask = Plane((255,) if how == "white" else (0,))
    layer.mask_on = True


def _shift(document: State, body: Body, _blob: bytes) -> None:
    layer = unlocked(document, body)
    for each in layers.walk([layer]):
        each.pixels = shifted(each.pixels, body["dx"], body["dy"])
        if each.mask is not None:
            each.mask = shifted(each.mask, body["dx"], body["dy"])
    follow(document, [layer], moved(body["dx"], body["dy"]))


KINDS: Final[dict[str, Callable[[State, Body, bytes], None]]] = {
    "layer.add": _add,
    "layer.remove": _remove,
    "layer.move": _move,
    "layer.set": _set,
    "layer.adjust": _adjust,
    "layer.shape": _shape,
    "layer.text": _text,
    "layer.rasterize": _rasterize,
    "layer.duplicate": _duplicate,
    "layer.merge": _merge,
    "layer.mask": _mask,
    "layer.shift": _shift,
}
