"""The picture of a tree of layers, tile by tile, by the kernels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from editor.kernels.reference import MODES
from editor.replay.engine import Kernels
from editor.replay.layers import Layer
from editor.replay.planes import TILE, Box, Bytes, Place, Plane, places

PIXELS: Final = TILE * TILE
MODE: Final = {name: number for number, name in enumerate(MODES)}


@dataclass(slots=True)
class Stack:
    """Tiles in the kernels' memory, handed out and taken back in order: a group within a group needs one more."""

    kernels: Kernels
    depth: int = 0

    def take(self, clear: bool = True) -> int:
        """Return the address of a tile, transparent if asked for."""
        at = self.kernels.room(4 * PIXELS)
        if clear:
            self.kernels.memory[at : at + 4 * PIXELS] = 0
        return at


def tile_of(kernels: Kernels, layers: list[Layer], place: Place) -> Bytes:
    """Return one tile [256, 256, 4] of what the layers show together. Uses, and resets, the kernels' memory."""
    kernels.reset()
    stack = Stack(kernels)
    target = stack.take()
    _draw(stack, target, layers, place)
    return kernels.view(target, (TILE, TILE, 4)).copy()


def picture_of(kernels: Kernels, layers: list[Layer], box: Box) -> Bytes:
    """Return a box of what the layers show together, [h, w, 4]."""
    out = Plane()
    for place in places(box):
        out.put(place, tile_of(kernels, layers, place))
    return out.read(box)


def digest_of(kernels: Kernels, layers: list[Layer], width: int, height: int) -> str:
    """Return the hash of a document's pixels: SHA-256 over the SHA-256 of each tile, row by row.

    What lies outside of the document counts as transparent. The browser computes the same (worker/digest.js).
    """
    whole = hashlib.sha256()
    for place in places((0, 0, width, height)):
        tile = tile_of(kernels, layers, place)
        tile[max(0, height - place[1] * TILE) :] = 0
        tile[:, max(0, width - place[0] * TILE) :] = 0
        whole.update(hashlib.sha256(tile.tobytes()).digest())
    return whole.hexdigest()


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
        source = _pixels(stack, base, place)
        if source is None:
            continue
        for layer in clipped:
            above = _pixels(stack, layer, place) if layer.visible else None
            if above is not None:
                mask = _mask(stack, layer, place)
                stack.kernels.call(
                    "composite_atop", source, above, mask, PIXELS, layer.opacity, MODE[layer.mode]
                )
        mask = _mask(stack, base, place)
        stack.kernels.call("composite", target, source, mask, PIXELS, base.opacity, MODE[base.mode])


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
        target = stack.take()
        _draw(stack, target, layer.children, place)
        return target
    if not layer.pixels.has(place):
        return None
    return stack.kernels.put(np.ascontiguousarray(layer.pixels.get(place)))


def _mask(stack: Stack, layer: Layer, place: Place) -> int:
    if layer.mask is None or not layer.mask_on:
        return 0
    return stack.kernels.put(np.ascontiguousarray(layer.mask.get(place)))
