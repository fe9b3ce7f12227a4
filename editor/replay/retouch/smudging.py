"""Smudging: dab after dab, each taking up and leaving paint. The twin of worker/retouch/smudging.js."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from editor.replay import strokes
from editor.replay.engine import Kernels
from editor.replay.planes import TILE, Place, Plane, intersection, places
from editor.replay.state import State

PIXELS: Final = TILE * TILE
SLOTS: Final = 192  # tiles that are held in the kernels' memory at once


def smudged(document: State, plane: Plane, brush: strokes.Brush, dabs: Any, *, rate: int, keep: bool) -> None:
    """Smudge a layer along dabs of one size. rate 0..255: how much of its paint a dab takes along."""
    kernels, (width, height) = document.kernels, document.size
    kernels.reset()
    masks = strokes.Masks(kernels, brush)
    side = int(dabs[0, 5]) if len(dabs) else 1
    carry = kernels.room(10 * side * side)
    kernels.memory[carry : carry + 10 * side * side] = 0
    tiles = _Tiles(kernels, plane, document.selection)
    for piece, addresses in masks.of(dabs):
        for (_r, _px, _py, left, top, w, flow), mask in zip(piece.tolist(), addresses.tolist(), strict=True):
            for place in places(intersection((left, top, left + w, top + w), (0, 0, width, height))):
                px, sel = tiles.at(place)
                x, y = place[0] * TILE, place[1] * TILE
                corner, ends = (left - x, top - y), (width - x, height - y)
                kernels.call("smudge", px, sel, carry, mask, w, *corner, *ends, rate, flow, int(keep))
    tiles.end()


class _Tiles:
    """Tiles of a plane in the kernels' memory, changed there; the one that was used longest ago makes room."""

    def __init__(self, kernels: Kernels, plane: Plane, selection: Plane | None) -> None:
        self._kernels, self._plane, self._selection = kernels, plane, selection
        self._held: OrderedDict[Place, tuple[int, int]] = OrderedDict()

    def at(self, place: Place) -> tuple[int, int]:
        """Return the addresses of a tile and of its selection (0 without one)."""
        if place in self._held:
            self._held.move_to_end(place)
        else:
            self._held[place] = self._filled(place, self._slot())
        return self._held[place]

    def end(self) -> None:
        """Give every tile back to the plane."""
        for place, (px, _sel) in self._held.items():
            self._plane.put(place, self._kernels.view(px, (TILE, TILE, 4)))

    def _slot(self) -> tuple[int, int]:
        kernels = self._kernels
        if len(self._held) < SLOTS:
            return kernels.room(4 * PIXELS), 0 if self._selection is None else kernels.room(PIXELS)
        place, slot = self._held.popitem(last=False)
        self._plane.put(place, kernels.view(slot[0], (TILE, TILE, 4)))
        return slot

    def _filled(self, place: Place, slot: tuple[int, int]) -> tuple[int, int]:
        self._kernels.view(slot[0], (TILE, TILE, 4))[...] = self._plane.get(place)
        if self._selection is not None:
            self._kernels.view(slot[1], (TILE, TILE))[...] = self._selection.get(place)
        return slot
