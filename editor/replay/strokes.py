"""Strokes: the samples of a pen become dabs, dabs become coverage, coverage changes a layer or its mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from editor.replay.engine import Kernels
from editor.replay.planes import TILE, Box, Place, Plane, intersection, places

MOST_DABS: Final = 400_000
PIECE: Final = 4096  # dabs that are handed to a kernel at once
LOCK_ALPHA: Final = 1


@dataclass(frozen=True, slots=True)
class Brush:
    """What a stroke is drawn with. radius in sixteenths; spacing in 256ths of the diameter; flow 0..32767.

    flags: 1 lets pressure change the size, 2 the flow.
    """

    radius: int
    hardness: int
    flow: int
    spacing: int
    flags: int


class TooManyDabs(Exception):
    """The stroke would need more dabs than a replay draws."""


def dabs_of(kernels: Kernels, brush: Brush, samples: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the dabs of samples [n, 3], each {radius, px16, py16, left, top, w, flow}. Raises TooManyDabs."""
    kernels.reset()
    state, path = kernels.put(np.zeros(5, np.int32)), kernels.put(samples)
    room = kernels.room(12 * MOST_DABS)
    count = kernels.call(
        "brush_walk", state, path, len(samples), brush.radius, brush.spacing, brush.flags, room, MOST_DABS
    )
    if count < 0:
        raise TooManyDabs
    out = kernels.room(28 * max(1, count))
    kernels.call("brush_place", out, room, count, brush.radius, brush.flow, brush.flags)
    return kernels.view(out, (count, 7), np.int32).copy()


def coverage(
    kernels: Kernels, brush: Brush, dabs: NDArray[np.int32], limit: Box
) -> Iterator[tuple[Place, int]]:
    """Yield each tile that the dabs reach inside `limit`, and the address of its coverage [256, 256] of 16 bits.

    Tiles come one after the other, so memory is bounded however long the stroke is.
    """
    kernels.reset()
    masks = Masks(kernels, brush)
    cov, table, pointers = (kernels.room(size) for size in (2 * TILE * TILE, 28 * PIECE, 4 * PIECE))
    for place, touching in reached(dabs, limit):
        x, y = place[0] * TILE, place[1] * TILE
        kernels.memory[cov : cov + 2 * TILE * TILE] = 0
        for piece, addresses in masks.of(touching):
            placed = kernels.view(table, piece.shape, np.int32)
            placed[...] = piece
            kernels.view(pointers, addresses.shape, np.int32)[...] = addresses
            kernels.call("brush_cover", cov, table, pointers, len(piece), x, y)
        yield place, cov


def reach_of(dabs: NDArray[np.int32]) -> Box:
    """Return the box that holds the masks of all dabs."""
    if not len(dabs):
        return 0, 0, 0, 0
    left, top, w = dabs[:, 3], dabs[:, 4], dabs[:, 5]
    return int(left.min()), int(top.min()), int((left + w).max()), int((top + w).max())


def reached(dabs: NDArray[np.int32], limit: Box) -> Iterator[tuple[Place, NDArray[np.int32]]]:
    """Yield each tile that dabs reach inside `limit`, with those that do."""
    left, top, w = dabs[:, 3], dabs[:, 4], dabs[:, 5]
    for place in places(intersection(reach_of(dabs), limit)):
        x, y = place[0] * TILE, place[1] * TILE
        # What a dab covers of the tile outside of the limit doesn't count: so a path in pieces reaches the same tiles.
        x0, y0, x1, y1 = intersection((x, y, x + TILE, y + TILE), limit)
        touching = dabs[(left < x1) & (left + w > x0) & (top < y1) & (top + w > y0)]
        if len(touching):
            yield place, touching


class Masks:
    """The masks of dabs, each made when it is first needed; all are discarded when memory runs out."""

    def __init__(self, kernels: Kernels, brush: Brush) -> None:
        self._kernels, self._hardness = kernels, brush.hardness
        self._lut = kernels.room(2 * 4096)
        self._lut_radius = 0
        largest = 2 * -(-(brush.radius + 8) // 16) + 3
        self._room = max(32 * 1024 * 1024, 2 * largest * largest + 64)
        self._begin = kernels.room(self._room)
        self._next = self._begin
        self._known: dict[tuple[int, int, int], int] = {}

    def of(self, dabs: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Yield the dabs in pieces whose masks are in memory together, with the address of each dab's mask."""
        begin = 0
        addresses: list[int] = []
        for index, (radius, px, py, _left, _top, width, _flow) in enumerate(dabs.tolist()):
            key = (radius, px, py)
            if index - begin == PIECE or (key not in self._known and not self._fits(width)):
                yield dabs[begin:index], np.array(addresses, np.int32)
                begin, addresses = index, []
                if key not in self._known and not self._fits(width):
                    self._known.clear()
                    self._next = self._begin
            if key not in self._known:
                self._known[key] = self._make(radius, px, py, width)
            addresses.append(self._known[key])
        yield dabs[begin:], np.array(addresses, np.int32)

    def _fits(self, width: int) -> bool:
        return self._next + 2 * width * width + 16 <= self._begin + self._room

    def _make(self, radius: int, px: int, py: int, width: int) -> int:
        size = -(-2 * width * width // 16) * 16
        at, self._next = self._next, self._next + size
        if radius != self._lut_radius:
            self._kernels.call("brush_profile", self._lut, radius, self._hardness)
            self._lut_radius = radius
        self._kernels.call("brush_mask", at, self._lut, width, radius, px, py)
        return at


def change(
    kernels: Kernels,
    plane: Plane,
    selection: Plane | None,
    covered: Iterator[tuple[Place, int]],
    kernel: Callable[[int, int, int, int], None],
) -> None:
    """Change a plane where it is covered: kernel(out, old, coverage, selection) runs on each whole tile."""
    change_at(kernels, plane, selection, covered, lambda _place, *tiles: kernel(*tiles))


def change_at(
    kernels: Kernels,
    plane: Plane,
    selection: Plane | None,
    covered: Iterator[tuple[Place, int]],
    kernel: Callable[[Place, int, int, int, int], None],
) -> None:
    """Do the same with a kernel that is told which tile it is."""
    size = int(np.prod(plane.shape))
    scratch: tuple[int, int, int] | None = None
    for place, cov in covered:
        if selection is not None and not _selected(selection, place):
            continue
        if scratch is None:
            scratch = (kernels.room(size), kernels.room(size), kernels.room(TILE * TILE))
        old, out, sel = scratch
        kernels.memory[old : old + size] = np.ascontiguousarray(plane.get(place)).reshape(-1)
        if selection is not None:
            kernels.memory[sel : sel + TILE * TILE] = np.ascontiguousarray(selection.get(place)).reshape(-1)
        kernel(place, out, old, cov, 0 if selection is None else sel)
        plane.put(place, kernels.view(out, plane.shape))


def _selected(selection: Plane, place: Place) -> bool:
    return selection.blank != (0,) or selection.has(place)


def unpack(blob: bytes) -> NDArray[np.int32]:
    """Return the samples [n, 3] of a stroke's bytes: x and y as differences in zigzag varints, then pressure.

    Raises ValueError when the bytes end early.
    """
    samples: list[list[int]] = []
    at, x, y = 0, 0, 0
    while at < len(blob):
        dx, at = _varint(blob, at)
        dy, at = _varint(blob, at)
        if at >= len(blob):
            raise ValueError("the samples end early")
        x, y = x + dx, y + dy
        samples.append([x, y, blob[at]])
        at += 1
    return np.array(samples, np.int32).reshape(-1, 3)


def pack(samples: NDArray[np.int32]) -> bytes:
    """Return samples [n, 3] as a stroke's bytes."""
    out = bytearray()
    x, y = 0, 0
    for sample in samples.tolist():
        for difference in (sample[0] - x, sample[1] - y):
            value = difference * 2 if difference >= 0 else -difference * 2 - 1
            while value > 127:
                out.append(value & 127 | 128)
                value >>= 7
            out.append(value)
        x, y = sample[0], sample[1]
        out.append(sample[2])
    return bytes(out)


def _varint(blob: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(blob) or shift > 28:
            raise ValueError("the samples end early")
        value |= (blob[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if blob[at - 1] < 128:
            return (value >> 1) ^ -(value & 1), at
