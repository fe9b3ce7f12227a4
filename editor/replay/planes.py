"""Planes: pixels or masks of any size as tiles of 256 x 256; what was never touched costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import ref

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from editor.replay.engine import Kernels

TILE: Final = 256

Bytes = NDArray[np.uint8]
Place = tuple[int, int]  # (column, row) of a tile
Box = tuple[int, int, int, int]  # x0, y0, x1, y1, the last two outside


# What the tiles of a process may take together, beside the kernels' own memory.
MOST_HELD: Final = 1536 * 1024 * 1024


class Stored(Protocol):
    """A tile that lies elsewhere, and is read when it is needed."""

    def read(self) -> Bytes:
        """Return its pixels, to be read only."""
        ...

    def put(self, kernels: Kernels) -> int:
        """Write its pixels into fresh room of the kernels' memory and return the address. Several threads may."""
        ...


class _Held:
    """Counts the bytes of tiles that are alive."""

    def __init__(self) -> None:
        self.bytes = 0
        self._alive: dict[int, tuple[Any, int]] = {}

    def add(self, tile: Bytes) -> Bytes:
        """Count a tile until nobody has it any more. Raises MemoryError when it is one too many."""
        if self.bytes + tile.nbytes > MOST_HELD:
            raise MemoryError("the tiles of this document do not fit into what a replay may use")
        key, size = id(tile), tile.nbytes
        self._alive[key] = (ref(tile, lambda _gone: self._remove(key, size)), size)
        self.bytes += size
        return tile

    def _remove(self, key: int, size: int) -> None:
        self._alive.pop(key, None)
        self.bytes -= size


held: Final = _Held()


@dataclass(slots=True)
class Plane:
    """Tiles by place. A tile is never changed once it is here: `put` takes another, so copies of a plane share them.

    `blank` is the value of every pixel without a tile: (0, 0, 0, 0) for pixels, (0,) or (255,) for masks.
    """

    blank: tuple[int, ...] = (0, 0, 0, 0)
    tiles: dict[Place, Bytes | Stored] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a tile."""
        return (TILE, TILE, 4) if len(self.blank) == 4 else (TILE, TILE)

    def get(self, place: Place) -> Bytes:
        """Return a tile, to be read only."""
        found = self.tiles.get(place)
        if found is None:
            return self._uniform(self.blank)
        return found if isinstance(found, np.ndarray) else found.read()

    def put_into(self, kernels: Kernels, place: Place) -> int:
        """Write a tile into fresh room of the kernels' memory and return the address."""
        found = self.tiles.get(place)
        if found is None or isinstance(found, np.ndarray):
            return kernels.put(self.get(place))
        return found.put(kernels)

    def has(self, place: Place) -> bool:
        """Tell whether anything but blank may be there."""
        return place in self.tiles

    def put(self, place: Place, tile: Bytes) -> None:
        """Keep a copy of a tile; one of a single colour costs a few bytes, a blank one nothing."""
        first = tuple(tile[0, 0].tolist()) if tile.ndim == 3 else (int(tile[0, 0]),)
        if not _is_uniform(tile):
            self.tiles[place] = held.add(tile.copy())
        elif first == self.blank:
            self.tiles.pop(place, None)
        else:
            self.tiles[place] = self._uniform(first)

    def copy(self) -> Plane:
        """Return a plane of its own with the same tiles."""
        return Plane(self.blank, dict(self.tiles))

    def bounds(self) -> Box | None:
        """Return the box of whole tiles that holds everything but blank."""
        if not self.tiles:
            return None
        columns, rows = [x for x, _ in self.tiles], [y for _, y in self.tiles]
        return min(columns) * TILE, min(rows) * TILE, (max(columns) + 1) * TILE, (max(rows) + 1) * TILE

    def read(self, box: Box) -> Bytes:
        """Return a box as one array [h, w, 4] or [h, w]."""
        x0, y0, x1, y1 = box
        out = np.empty((y1 - y0, x1 - x0, *self.shape[2:]), np.uint8)
        for place in places(box):
            tile_part, box_part = overlap(place, box)
            out[box_part] = self.get(place)[tile_part]
        return out

    def write(self, box: Box, values: Bytes) -> None:
        """Put an array [h, w, ...] at a box."""
        for place in places(box):
            tile_part, box_part = overlap(place, box)
            tile = self.get(place).copy()
            tile[tile_part] = values[box_part]
            self.put(place, tile)

    def _uniform(self, value: tuple[int, ...]) -> Bytes:
        small = np.array(value if len(value) == 4 else value[0], np.uint8)
        return np.broadcast_to(small, self.shape)


def _is_uniform(tile: Bytes) -> bool:
    """Whether all pixels are the same; most tiles are known not to be by two of them."""
    if tile.ndim == 3 and tile.flags.c_contiguous:
        pixels = tile.reshape(-1).view(np.uint32)
        return bool(pixels[0] == pixels[-1] and (pixels == pixels[0]).all())
    return bool((tile == tile[0, 0]).all())


def places(box: Box) -> Iterator[Place]:
    """Yield the tiles that a box touches, row by row."""
    x0, y0, x1, y1 = box
    if x0 < x1 and y0 < y1:
        for row in range(y0 // TILE, -(-y1 // TILE)):
            for column in range(x0 // TILE, -(-x1 // TILE)):
                yield column, row


def overlap(place: Place, box: Box) -> tuple[Any, Any]:
    """Return the part of a tile that lies in a box, and the part of the box that lies in the tile, as indices."""
    x, y = place[0] * TILE, place[1] * TILE
    x0, y0, x1, y1 = intersection((x, y, x + TILE, y + TILE), box)
    tile_part = np.s_[y0 - y : y1 - y, x0 - x : x1 - x]
    return tile_part, np.s_[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]]


def intersection(a: Box, b: Box) -> Box:
    """Return what two boxes share; x0 >= x1 or y0 >= y1 when nothing."""
    return max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])


def shifted(plane: Plane, dx: int, dy: int) -> Plane:
    """A plane moved by whole pixels."""
    if dx % TILE == 0 and dy % TILE == 0:
        moved = {(x + dx // TILE, y + dy // TILE): tile for (x, y), tile in plane.tiles.items()}
        return Plane(plane.blank, moved)
    out = Plane(plane.blank)
    bounds = plane.bounds()
    if bounds is None:
        return out
    box = (bounds[0] + dx, bounds[1] + dy, bounds[2] + dx, bounds[3] + dy)
    for place in places(box):
        x, y = place[0] * TILE - dx, place[1] * TILE - dy
        out.put(place, plane.read((x, y, x + TILE, y + TILE)))
    return out
