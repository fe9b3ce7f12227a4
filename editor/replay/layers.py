"""The layers of a document: a tree, bottom first, and where a layer stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from editor.replay.geometry.following import STRAIGHT
from editor.replay.planes import Plane


class Impossible(Exception):
    """An operation that the document as it is does not allow: an unknown layer, a group within itself.

    Its text is one sentence for the person.
    """


@dataclass(slots=True)
class Layer:
    """A layer with pixels, an adjustment of what is below, a shape, a text, or a group with children.

    The pixels of a shape or a text are drawn from what describes it, and again whenever that or its place changes.

    Masks are planes of one byte; None means no mask.
    """

    id: str
    name: str
    group: bool = False
    visible: bool = True
    opacity: int = 255
    mode: str = "normal"
    clip: bool = False  # drawn only where the next layer below that is not clipped is
    lock_alpha: bool = False
    locked: bool = False
    through: bool = False  # of a group: its children blend with what is below the group
    mask: Plane | None = None
    mask_on: bool = True
    adjust: Mapping[str, Any] | None = (
        None  # never changed, only replaced; see editor.replay.effects.adjustments
    )
    shape: Mapping[str, Any] | None = None  # the same; see editor.replay.shapes.description
    text: Mapping[str, Any] | None = None  # the same; see editor.replay.text.description
    place: tuple[int, ...] = STRAIGHT  # where its own plane stands; see editor.replay.geometry.following
    pixels: Plane = field(default_factory=Plane)
    children: list[Layer] = field(default_factory=list)

    @property
    def is_drawn(self) -> bool:
        """Whether its pixels are drawn from a description."""
        return self.shape is not None or self.text is not None

    def copy(self) -> Layer:
        """Return a layer of its own that shares tiles; children are copied too."""
        return replace(
            self,
            pixels=self.pixels.copy(),
            mask=self.mask.copy() if self.mask else None,
            children=[child.copy() for child in self.children],
        )


def walk(layers: list[Layer]) -> Iterator[Layer]:
    """Yield every layer and group, bottom first, a group before its children."""
    for layer in layers:
        yield layer
        yield from walk(layer.children)


def find(layers: list[Layer], layer_id: str) -> Layer:
    """Return a layer. Raises Impossible."""
    for layer in walk(layers):
        if layer.id == layer_id:
            return layer
    raise Impossible("This layer doesn't exist any more.")


def siblings(layers: list[Layer], group_id: str | None) -> list[Layer]:
    """Return the list that holds a group's children, or the document's own. Raises Impossible."""
    if group_id is None:
        return layers
    group = find(layers, group_id)
    if not group.group:
        raise Impossible("Only a group holds other layers.")
    return group.children


def home_of(layers: list[Layer], layer_id: str) -> list[Layer]:
    """Return the list that a layer stands in. Raises Impossible."""
    if any(layer.id == layer_id for layer in layers):
        return layers
    for layer in walk(layers):
        if any(child.id == layer_id for child in layer.children):
            return layer.children
    raise Impossible("This layer doesn't exist any more.")


def insert(layers: list[Layer], layer: Layer, *, group: str | None, above: str | None) -> None:
    """Stand a layer above another one of the group, or at the group's bottom. Raises Impossible."""
    home = siblings(layers, group)
    if above is None:
        home.insert(0, layer)
        return
    for index, other in enumerate(home):
        if other.id == above:
            home.insert(index + 1, layer)
            return
    raise Impossible("The layer below the new place doesn't exist any more.")


def remove(layers: list[Layer], layer_id: str) -> Layer:
    """Take a layer out with all it holds and return it. Raises Impossible."""
    home = home_of(layers, layer_id)
    layer = next(layer for layer in home if layer.id == layer_id)
    home.remove(layer)
    return layer
