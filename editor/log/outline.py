"""The layers of a document without their pixels: enough to refuse, when it is sent, what a replay could not do.

Each operation that changes the outline keeps it as it is afterwards; every other one names the last that did. So an
operation is checked against where it was done, whatever branch that is on, without a replay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from editor.replay import arranging, layers, opening
from editor.replay.engine import Kernels
from editor.replay.geometry import operations as geometry
from editor.replay.layers import Impossible, Layer
from editor.replay.planes import Plane
from editor.replay.retouch import operations as retouch
from editor.replay.state import Assets, Body, State, target, unlocked


class Outline(State):
    """A document whose planes are all empty. The operations on layers are those of the replay itself."""

    def __init__(self) -> None:
        # Nothing here draws, so nothing here needs kernels or pictures.
        super().__init__(cast("Kernels", None), cast("Assets", None))

    def redraw(self, layer: Layer) -> None:
        """Nothing: there are no pixels here."""

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Outline:
        """Return the outline that `to_json` wrote."""
        outline = cls()
        outline.width, outline.height = kept["size"]
        outline.layers = [_layer(each) for each in kept["layers"]]
        outline.selection = Plane((0,)) if kept["selected"] else None
        return outline

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "size": [self.width, self.height],
            "layers": [_json(layer) for layer in self.layers],
            "selected": self.selection is not None,
        }

    def apply(self, kind: str, body: Body) -> bool:
        """Do one operation; return whether the outline is another one now. Raises Impossible."""
        if kind in _LOOKS:
            _LOOKS[kind](self, body)
            return False
        _CHANGES[kind](self, body)
        return True


def _layer(kept: dict[str, Any]) -> Layer:
    return Layer(
        id=kept["id"],
        name="",
        group="children" in kept,
        locked=kept.get("locked", False),
        adjust={} if kept.get("adjusts") else None,
        shape={} if kept.get("shape") else None,
        text={} if kept.get("text") else None,
        mask=Plane((255,)) if kept.get("masked") else None,
        children=[_layer(child) for child in kept.get("children", [])],
    )


def _json(layer: Layer) -> dict[str, Any]:
    kept: dict[str, Any] = {"id": layer.id}
    if layer.group:
        kept["children"] = [_json(child) for child in layer.children]
    if layer.locked:
        kept["locked"] = True
    if layer.adjust is not None:
        kept["adjusts"] = True
    if layer.shape is not None:
        kept["shape"] = True
    if layer.text is not None:
        kept["text"] = True
    if layer.mask is not None:
        kept["masked"] = True
    return kept


def _as_replayed(kind: str) -> Callable[[Outline, Body], None]:
    apply = {**opening.KINDS, **arranging.KINDS, **geometry.KINDS}[kind]

    def change(outline: Outline, body: Body) -> None:
        apply(outline, body, b"")

    return change


def _open(outline: Outline, body: Body) -> None:
    outline.width, outline.height = body["width"], body["height"]
    outline.layers = [Layer(id=body["layer"], name="")]


def _add(outline: Outline, body: Body) -> None:
    arranging.KINDS["layer.add"](outline, {**body, "asset": None, "mask": None}, b"")
    if body.get("mask"):
        layers.find(outline.layers, body["layer"]).mask = Plane((0,))


def _flatten(outline: Outline, body: Body) -> None:
    outline.layers = [Layer(id=body["layer"], name="")]


def _merge(outline: Outline, body: Body) -> None:
    home = layers.home_of(outline.layers, body["layer"])
    index = next(number for number, layer in enumerate(home) if layer.id == body["layer"])
    if not home[index].group and index == 0:
        raise Impossible("There is no layer below to merge with.")
    first = index if home[index].group else index - 1
    if home[first].adjust is not None:
        raise Impossible("An adjustment can only be merged into a layer that has pixels.")
    home[first : index + 1] = [Layer(id=body["into"], name="")]


def _mask(outline: Outline, body: Body) -> None:
    layer = layers.find(outline.layers, body["layer"])
    if body["from"] == "apply" and (layer.mask is None or layer.group or layer.adjust is not None):
        raise Impossible("This layer has no mask to apply.")
    if body["from"] == "apply":
        target(layer, {})
    layer.mask = None if body["from"] in ("none", "apply") else Plane((255,))


def _paint(outline: Outline, body: Body) -> None:
    target(unlocked(outline, body), body)


def _adjust(outline: Outline, body: Body) -> None:
    arranging.KINDS["layer.adjust"](outline, body, b"")


def _shape(outline: Outline, body: Body) -> None:
    arranging.KINDS["layer.shape"](outline, body, b"")


def _text(outline: Outline, body: Body) -> None:
    arranging.KINDS["layer.text"](outline, body, b"")


def _erase(outline: Outline, body: Body) -> None:
    layer = unlocked(outline, body)
    if outline.selection is None:
        raise Impossible("Select what is to be erased first.")
    target(layer, body)


def _carry(outline: Outline, body: Body) -> None:
    _paint(outline, body)
    if outline.selection is None:
        raise Impossible("Select what is to be moved first.")


def _transform(outline: Outline, body: Body) -> None:
    layer = unlocked(outline, body)
    if outline.selection is not None:
        target(layer, body)


def _mesh(outline: Outline, body: Body) -> None:
    geometry.bendable(outline, body)


def _select(outline: Outline, body: Body) -> None:
    shape, layer = body["shape"], body.get("layer")
    if shape in ("grow", "feather") and outline.selection is None:
        raise Impossible("Nothing is selected.")
    if shape in ("wand", "colour") and not (
        0 <= body["x"] < outline.width and 0 <= body["y"] < outline.height
    ):
        raise Impossible("The point lies outside of the picture.")
    if shape in ("quick", "wand", "colour", "alpha", "mask") and layer:
        found = layers.find(outline.layers, layer)
        if shape == "mask" and found.mask is None:
            raise Impossible("This layer has no mask.")
    outline.selection = None if shape == "none" else Plane((0,))


_CHANGES: Final[dict[str, Callable[[Outline, Body], None]]] = {
    "open": _open,
    "flatten": _flatten,
    "layer.add": _add,
    "layer.merge": _merge,
    "layer.mask": _mask,
    "select": _select,
    **{
        kind: _as_replayed(kind)
        for kind in (
            *("canvas", "orient", "crop", "resize", "straighten"),
            *("layer.remove", "layer.move", "layer.set", "layer.duplicate", "layer.shift"),
            "layer.rasterize",
        )
    },
}
_LOOKS: Final[dict[str, Callable[[Outline, Body], None]]] = {
    "layer.adjust": _adjust,
    "layer.shape": _shape,
    "layer.text": _text,
    "stroke": _paint,
    "fill": _paint,
    "gradient": _paint,
    "clear": _paint,
    "filter": _paint,
    "erase": _erase,
    "move": _carry,
    "transform": _transform,
    "mesh": _mesh,
    **dict.fromkeys(retouch.KINDS, _paint),
}
