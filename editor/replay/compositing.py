"""The picture of a tree of layers, tile by tile, by the kernels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from editor.kernels.reference import MODES
from editor.replay.effects import adjustments
from editor.replay.engine import Kernels
from editor.replay.layers import Layer
from editor.replay.planes import TILE, Box, Bytes, Place, Plane, places

PIXELS: Final = TILE * TILE
MODE: Final = {name: number for number, name in enumerate(MODES)}


@dataclass(slots=True)
class Stack:
    """Tiles in the kernels' memory, handed out and taken back in order: a group within a group needs one more."""

    kernels: Kernels
    size: tuple[int, int]  # of the document

    def take(self, clear: bool = True) -> int:
        """Return the address of a tile, transparent if asked for."""
        at = self.kernels.room(4 * PIXELS)
        if clear:
            self.kernels.memory[at : at + 4 * PIXELS] = 0
        return at


def tile_of(kernels: Kernels, layers: list[Layer], place: Place, size: tuple[int, int]) -> Bytes:
    """Return one tile [256, 256, 4] of what layers of a document of this size show together.

    Uses, and resets, the kernels' memory.
    """
    return _drawn(kernels, layers, place, size).copy()


def tile_inside(kernels: Kernels, layers: list[Layer], place: Place, size: tuple[int, int]) -> Bytes:
    """Return one tile as `tile_of` does, transparent outside of the document; it lies in the kernels' memory."""
    tile = _drawn(kernels, layers, place, size)
    tile[max(0, size[1] - place[1] * TILE) :] = 0
    tile[:, max(0, size[0] - place[0] * TILE) :] = 0
    return tile


def _drawn(kernels: Kernels, layers: list[Layer], place: Place, size: tuple[int, int]) -> Bytes:
    kernels.reset()
    stack = Stack(kernels, size)
    return kernels.view(_apart(stack, layers, place), (TILE, TILE, 4))


def picture_of(kernels: Kernels, layers: list[Layer], box: Box, size: tuple[int, int]) -> Bytes:
    """Return a box of what layers of a document of this size show together, [h, w, 4]."""
    out = Plane()
    for place in places(box):
        out.put(place, tile_of(kernels, layers, place, size))
    return out.read(box)


def digest_of(kernels: Kernels, layers: list[Layer], width: int, height: int) -> str:
    """Return the hash of a document's pixels: SHA-256 over the SHA-256 of each tile, row by row.

    What lies outside of the document counts as transparent. The browser computes the same (worker/digest.js).
    """
    return Digests().of(kernels, layers, width, height)


class Digests:
    """The digest of one document time after time: a tile whose parts are what they were is not drawn again."""

    def __init__(self) -> None:
        self._known: dict[Place, tuple[Any, bytes]] = {}

    def of(self, kernels: Kernels, layers: list[Layer], width: int, height: int) -> str:
        """Return the digest. The tiles that it was made of are held until `settle`."""
        whole, size = hashlib.sha256(), (width, height)
        for place in places((0, 0, width, height)):
            parts, known = (size, _parts(layers, place)), self._known.get(place)
            if known is None or known[0] != parts:
                tile = tile_inside(kernels, layers, place, size)
                known = self._known[place] = parts, hashlib.sha256(tile.data).digest()
            whole.update(known[1])
        return whole.hexdigest()

    def settle(self, layers: list[Layer]) -> None:
        """Hear that the tiles of the same pixels lie elsewhere by now."""
        for place, ((size, _before), digest) in self._known.items():
            self._known[place] = (size, _parts(layers, place)), digest


class Changes:
    """The tiles of one document that look otherwise than when they were asked for the last time."""

    def __init__(self) -> None:
        self._known: dict[Place, Any] = {}

    def tiles(
        self, kernels: Kernels, layers: list[Layer], size: tuple[int, int]
    ) -> Iterator[tuple[Place, Bytes]]:
        """Yield place and pixels of each; the pixels lie in the kernels' memory until the next."""
        for place in places((0, 0, *size)):
            parts = _parts(layers, place)
            if place not in self._known or self._known[place] != parts:
                self._known[place] = parts
                yield place, tile_inside(kernels, layers, place, size)

    def settle(self, layers: list[Layer]) -> None:
        """Hear that the tiles of the same pixels lie elsewhere by now; call it after `tiles` has seen all of them."""
        for place in self._known:
            self._known[place] = _parts(layers, place)


class _Same:
    """A tile, equal to itself alone: tiles never change."""

    __slots__ = ("tile",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, tile: object) -> None:
        self.tile = tile

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.tile is other.tile


def _parts(layers: list[Layer], place: Place) -> list[Any]:
    """What a tile is made of: equal parts, equal pixels."""
    return [
        (
            *(layer.visible, layer.clip, layer.group, layer.through, layer.mode, layer.opacity),
            layer.adjust,
            _Same(layer.pixels.tiles.get(place)),
            None
            if layer.mask is None or not layer.mask_on
            else (layer.mask.blank, _Same(layer.mask.tiles.get(place))),
            _parts(layer.children, place),
        )
        for layer in layers
    ]


def _apart(stack: Stack, layers: list[Layer], place: Place) -> int:
    """Draw siblings over nothing, and return where. A plain layer at the bottom is there at once, not composed."""
    lowest = next((index for index, layer in enumerate(layers) if layer.visible), len(layers))
    # Layers that are clipped, to what is hidden or to this one, are what `_draw` knows about.
    clips = any(layer.clip for layer in layers[max(1, lowest) : lowest + 2])
    if lowest < len(layers) and _is_plain(layers[lowest]) and not clips:
        source = _pixels(stack, layers[lowest], place)
        target, rest = (stack.take() if source is None else source), layers[lowest + 1 :]
    else:
        target, rest = stack.take(), layers
    _draw(stack, target, rest, place)
    return target


def _is_plain(layer: Layer) -> bool:
    return (
        not layer.group
        and layer.adjust is None
        and layer.mode == "normal"
        and layer.opacity == 255
        and (layer.mask is None or not layer.mask_on)
    )


def _draw(stack: Stack, target: int, layers: list[Layer], place: Place) -> None:
    """Draw siblings over `target`, bottom first; clipped layers go onto the one they are clipped to."""
    index = 0
    while index < len(layers):
        base, index = layers[index], index + 1
        clipped: list[Layer] = []
        while index < len(layers) and layers[index].clip:
            clipped.append(layers[index])
            index += 1
        if not base.visible:
            continue
        if base.group and base.through and base.mode == "normal" and not clipped:
            _draw_through(stack, target, base, place)
            continue
        if base.adjust is not None:
            _draw_adjustment(stack, target, base, clipped, place)
            continue
        source = _pixels(stack, base, place)
        if source is None:
            continue
        _draw_clipped(stack, source, clipped, place)
        mask = _mask(stack, base, place)
        stack.kernels.call("composite", target, source, mask, PIXELS, base.opacity, MODE[base.mode])


def _draw_clipped(stack: Stack, target: int, layers: list[Layer], place: Place) -> None:
    """Draw layers onto the pixels at `target`, which keep their alpha."""
    for layer in layers:
        if not layer.visible:
            continue
        if layer.adjust is not None:
            _adjust(stack, target, layer, place)
            continue
        above = _pixels(stack, layer, place)
        if above is not None:
            mask = _mask(stack, layer, place)
            stack.kernels.call("composite_atop", target, above, mask, PIXELS, layer.opacity, MODE[layer.mode])


def _draw_adjustment(stack: Stack, target: int, layer: Layer, clipped: list[Layer], place: Place) -> None:
    """Change what is below; layers that are clipped to an adjustment show where it does, and as much."""
    if not clipped:
        _adjust(stack, target, layer, place)
        return
    after = stack.take(clear=False)
    memory = stack.kernels.memory
    memory[after : after + 4 * PIXELS] = memory[target : target + 4 * PIXELS]
    _adjust(stack, after, layer, place, whole=True)
    _draw_clipped(stack, after, clipped, place)
    stack.kernels.call("mix", target, after, _mask(stack, layer, place), PIXELS, layer.opacity)


def _adjust(stack: Stack, target: int, layer: Layer, place: Place, *, whole: bool = False) -> None:
    assert layer.adjust is not None
    adjustments.adjust(
        stack.kernels,
        target,
        layer.adjust,
        0 if whole else _mask(stack, layer, place),
        opacity=255 if whole else layer.opacity,
        mode=layer.mode,
        place=place,
        size=stack.size,
    )


def _draw_through(stack: Stack, target: int, group: Layer, place: Place) -> None:
    """A group that lets its backdrop through: its children blend with what is below, then opacity and mask of it."""
    if group.opacity == 255 and (group.mask is None or not group.mask_on):
        _draw(stack, target, group.children, place)
        return
    after = stack.take(clear=False)
    memory = stack.kernels.memory
    memory[after : after + 4 * PIXELS] = memory[target : target + 4 * PIXELS]
    _draw(stack, after, group.children, place)
    stack.kernels.call("mix", target, after, _mask(stack, group, place), PIXELS, group.opacity)


def _pixels(stack: Stack, layer: Layer, place: Place) -> int | None:
    """The address of a layer's own pixels, or of a group's, drawn by itself; None when there are none."""
    if layer.group:
        return _apart(stack, layer.children, place)
    if not layer.pixels.has(place):
        return None
    return layer.pixels.put_into(stack.kernels, place)


def _mask(stack: Stack, layer: Layer, place: Place) -> int:
    if layer.mask is None or not layer.mask_on:
        return 0
    return layer.mask.put_into(stack.kernels, place)
