"""What other programs can hold of a document as it is, and what is drawn for them so that it looks the same.

Where something is drawn, the layers that it was drawn from stay in the file in a hidden group below it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from editor.replay import compositing
from editor.replay.layers import Layer, walk
from editor.replay.planes import TILE, Box, Bytes, Plane, intersection
from editor.replay.state import State

# How far outside of the picture pixels are kept.
_MARGIN = 8192


class Pixels(Protocol):
    """Where the pixels of a part come from, box by box."""

    def bounds(self) -> Box | None:
        """Return a box that holds everything but blank."""
        ...

    def read(self, box: Box) -> Bytes:
        """Return a box [h, w, 4]."""
        ...


class Drawn:
    """What several layers show together, drawn when it is asked for."""

    def __init__(self, state: State, layers: list[Layer]) -> None:
        self._state, self._layers = state, layers

    def bounds(self) -> Box | None:
        return 0, 0, *self._state.size

    def read(self, box: Box) -> Bytes:
        return compositing.picture_of(self._state.kernels, self._layers, box, self._state.size)


@dataclass(slots=True)
class Part:
    """A layer of the file, or a group with children, bottom first."""

    name: str
    pixels: Pixels = field(default_factory=Plane)
    children: list[Part] | None = None
    visible: bool = True
    opacity: int = 255
    mode: str = "normal"
    clip: bool = False
    lock_alpha: bool = False
    locked: bool = False
    through: bool = False
    mask: Plane | None = None
    mask_on: bool = True


@dataclass(slots=True)
class Prepared:
    """All parts, and the names of what was drawn."""

    parts: list[Part]
    drawn: list[str]


def for_photoshop(state: State) -> Prepared:
    """Prepare a document for a format with groups, masks and clipping, but without our adjustments."""
    return _Preparing(state, plain=False).all()


def for_openraster(state: State) -> Prepared:
    """Prepare a document for a format with groups, but without masks, clipping and adjustments."""
    return _Preparing(state, plain=True).all()


def content(pixels: Pixels, size: tuple[int, int]) -> Box | None:
    """Return the smallest box that holds all that can be seen of a part, or None when there is nothing."""
    bounds = pixels.bounds()
    if bounds is None:
        return None
    limit = intersection(bounds, around(size))
    left, right, top, bottom = limit[2], limit[0], limit[3], limit[1]
    for box in strips(limit):
        seen = pixels.read(box)[..., 3] != 0
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        if len(rows):
            top, bottom = min(top, box[1] + int(rows[0])), max(bottom, box[1] + int(rows[-1]) + 1)
            left, right = min(left, box[0] + int(columns[0])), max(right, box[0] + int(columns[-1]) + 1)
    return (left, top, right, bottom) if left < right and top < bottom else None


def around(size: tuple[int, int]) -> Box:
    """Return the box outside of which no pixels are kept."""
    return -_MARGIN, -_MARGIN, size[0] + _MARGIN, size[1] + _MARGIN


def strips(box: Box) -> Iterator[Box]:
    """Yield a box in strips of as many rows as a tile has."""
    for top in range(box[1], box[3], TILE):
        yield box[0], top, box[2], min(top + TILE, box[3])


class _Preparing:
    def __init__(self, state: State, *, plain: bool) -> None:
        self._state, self._plain = state, plain
        self._names: list[str] = []

    def all(self) -> Prepared:
        return Prepared(self._siblings(self._state.layers), self._names)

    def _siblings(self, layers: list[Layer]) -> list[Part]:
        """Parts for layers of one group; what is drawn takes everything below it into account."""
        parts: list[Part] = []
        below: list[Layer] = []
        for chain in chains(layers):
            base = chain[0]
            if self._changes_below(chain):
                if base.visible:
                    hidden = [*parts, *self._originals(chain)]
                    parts = [
                        *_group(f"Before {base.name}", hidden),
                        Part(base.name, Drawn(self._state, [*below, *chain])),
                    ]
                self._names.append(base.name)
            elif self._needs_drawing(chain):
                parts += self._drawn(chain)
            else:
                parts += [self._part(layer, clip=layer is not base) for layer in chain]
            below += chain
        return parts

    def _changes_below(self, chain: list[Layer]) -> bool:
        """Tell whether what is below looks otherwise because of these, in a way the format doesn't have."""
        base = chain[0]
        if base.adjust is not None:
            return True
        if not _is_through(chain):
            return False
        if self._plain and (base.opacity < 255 or _masked(base)):
            return True
        return any(self._changes_below(inner) for inner in chains(base.children) if inner[0].visible)

    def _needs_drawing(self, chain: list[Layer]) -> bool:
        if any(layer.adjust is not None for layer in chain[1:]):
            return True
        return self._plain and (len(chain) > 1 or _masked(chain[0]))

    def _drawn(self, chain: list[Layer]) -> list[Part]:
        """A layer with those that are clipped to it, in one; opacity and blend mode stay its own."""
        base = chain[0]
        alone = replace(base, opacity=255, mode="normal", visible=True, clip=False, through=False)
        if not self._plain:
            alone = replace(alone, mask=None)
        part = Part(base.name, Drawn(self._state, [alone, *chain[1:]]))
        part.visible, part.opacity, part.mode = base.visible, base.opacity, base.mode
        if not self._plain:
            part.mask, part.mask_on = base.mask, base.mask_on
        self._names.append(base.name)
        hidden = self._originals(chain) if len(chain) > 1 or base.group else []
        return [*_group(f"Parts of {base.name}", hidden), part]

    def _originals(self, chain: list[Layer]) -> list[Part]:
        """The layers that something was drawn from, as far as the format has them."""
        return [
            self._part(layer, clip=not self._plain and number > 0, hidden=True)
            for number, layer in enumerate(chain)
            if layer.adjust is None
        ]

    def _part(self, layer: Layer, *, clip: bool, hidden: bool = False) -> Part:
        part = Part(
            layer.name,
            layer.pixels,
            visible=layer.visible,
            opacity=layer.opacity,
            mode=layer.mode,
            clip=clip,
            lock_alpha=layer.lock_alpha,
            locked=layer.locked,
            through=layer.group and layer.through and layer.mode == "normal",
            mask=None if self._plain else layer.mask,
            mask_on=layer.mask_on,
        )
        if layer.group:
            part.children = (
                [
                    self._part(each, clip=each.clip, hidden=True)
                    for each in layer.children
                    if each.adjust is None
                ]
                if hidden
                else self._siblings(layer.children)
            )
        return part


def chains(layers: list[Layer]) -> Iterator[list[Layer]]:
    """Yield each layer that isn't clipped with those that are clipped to it, as the compositor takes them."""
    chain: list[Layer] = []
    for layer in layers:
        if chain and not layer.clip:
            yield chain
            chain = []
        chain.append(layer)
    if chain:
        yield chain


def adjustments(layers: list[Layer]) -> list[str]:
    """Return the names of the adjustments of a document."""
    return [layer.name for layer in walk(layers) if layer.adjust is not None]


def _group(name: str, children: list[Part]) -> list[Part]:
    return [Part(name, children=children, visible=False)] if children else []


def _is_through(chain: list[Layer]) -> bool:
    base = chain[0]
    return base.group and base.through and base.mode == "normal" and len(chain) == 1


def _masked(layer: Layer) -> bool:
    return layer.mask is not None and layer.mask_on
