"""What the operations so far have made: size, layers and selection; and what several operations need of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from editor.replay import compositing, layers
from editor.replay.engine import Kernels
from editor.replay.geometry.following import after
from editor.replay.layers import Impossible, Layer
from editor.replay.planes import Bytes, Plane
from editor.replay.shapes import drawing as shapes
from editor.replay.text import drawing as texts

Body = Mapping[str, Any]


class Assets(Protocol):
    """Where pictures come from that operations name."""

    def pixels(self, sha256: str) -> Bytes:
        """Return an asset as [h, w, 4]. Raises Impossible when the document has no such asset."""
        ...


@dataclass(slots=True)
class State:
    """What the operations so far have made."""

    kernels: Kernels
    assets: Assets
    width: int = 0
    height: int = 0
    layers: list[Layer] = field(default_factory=list)
    selection: Plane | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height

    def redraw(self, layer: Layer) -> None:
        """Draw a shape or a text again: what describes it has changed, or its place."""
        if layer.shape is not None:
            layer.pixels = shapes.drawn(self.kernels, layer.shape, layer.place, self.size)
        elif layer.text is not None:
            layer.pixels = texts.drawn(self.kernels, layer.text, layer.place, self.size)

    def digest(self) -> str:
        """Return the hash of what the document shows."""
        return compositing.digest_of(self.kernels, self.layers, self.width, self.height)

    def picture(self) -> Bytes:
        """Return what the document shows, [h, w, 4]."""
        return compositing.picture_of(self.kernels, self.layers, (0, 0, *self.size), self.size)


def unlocked(document: State, body: Body) -> Layer:
    layer = layers.find(document.layers, body["layer"])
    if layer.locked:
        raise Impossible("This layer is locked. Unlock it first.")
    return layer


def target(layer: Layer, body: Body) -> Plane:
    if body.get("target") != "mask":
        if layer.group:
            raise Impossible("A group has no pixels of its own. Choose a layer in it.")
        if layer.adjust is not None:
            raise Impossible("An adjustment has no pixels of its own. Paint on its mask.")
        if layer.shape is not None:
            raise Impossible("This is a shape. Turn it into pixels to paint on it, or paint on its mask.")
        if layer.text is not None:
            raise Impossible("This is a text. Turn it into pixels to paint on it, or paint on its mask.")
        return layer.pixels
    if layer.mask is None:
        raise Impossible("This layer has no mask.")
    return layer.mask


def follow(document: State, some: list[Layer], change: Sequence[int]) -> None:
    """Draw shapes and texts where they come to lie; `change` leads from a point of the document to the one before."""
    for layer in layers.walk(some):
        if layer.is_drawn:
            layer.place = after(layer.place, change)
            document.redraw(layer)


def shown(document: State, parts: list[Layer]) -> Plane:
    """What layers show together, inside of the document."""
    out = Plane()
    inside = (0, 0, *document.size)
    out.write(inside, compositing.picture_of(document.kernels, parts, inside, document.size))
    return out


def alpha_at(document: State, sha256: str, x: int, y: int) -> Plane:
    """The alpha of a picture of the document as a mask, its left top corner at (x, y); 0 around it."""
    alpha = document.assets.pixels(sha256)[..., 3]
    mask = Plane((0,))
    place(mask, alpha, x, y)
    return mask


def place(pixels: Plane, values: Bytes, x: int, y: int) -> None:
    height, width = values.shape[:2]
    pixels.write((x, y, x + width, y + height), values)
