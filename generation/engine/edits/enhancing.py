"""Gives a large picture detail of its own: the model redraws each tile a little, by one field of noise over the whole.

A tile keeps the light and the colours of what it is drawn over; only what is finer is new. So neighbours agree on what
an eye sees first, whatever the model makes of each. What is finer agrees by the noise, and fades from one to the other.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

import numpy as np
from PIL import Image

from generation.engine import device
from generation.engine.contract import AcceleratorFailed, ModelUnavailable, OutOfMemory, PictureOrder
from generation.engine.families import Batch, Family
from generation.engine.families.noise import TileNoise
from generation.engine.finishing import Finish
from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.laying import stretched
from generation.engine.pixels.resample import Rows
from generation.engine.pixels.tiling import Floats, joined_strips, meeting
from generation.requests import enhancing
from generation.requests.catalogue import Entry
from generation.requests.enhancing import Enhance
from generation.requests.sizes import Size

# Pixels, a divisor of the grid: what is coarser stays as it was.
_CELL: Final = 16

# Told the number of the tile that is being drawn, from 0, and how many there are.
OnTile = Callable[[int, int], None]


class SmallerTiles(Exception):
    """A tile did not fit into memory. `strips` can be called again, and draws tiles half as long."""


def wanted(picture: Finish, order: PictureOrder, entry: Entry, family: Family, on_tile: OnTile) -> Finish:
    """The picture with new detail, where its request asks for that. Raises ModelUnavailable."""
    if not order.request.enhance:
        return picture
    if entry.enhance is None:
        raise ModelUnavailable(
            f"{entry.id}: its entry says no more how detail is added; set enhance, or leave it out"
        )
    return Enhanced(picture, order, entry.enhance, family, on_tile)


class Enhanced:
    """A picture of the request's output size, redrawn a little in rows of tiles; no more than two rows are held."""

    stages: tuple[dict[str, Any], ...]

    def __init__(
        self, picture: Finish, order: PictureOrder, how: Enhance, family: Family, on_tile: OnTile
    ) -> None:
        self.channels, self.every, self.small = picture.channels, picture.every, picture.small
        self._picture, self._order, self._how, self._family = picture, order, how, family
        self._size, self._on_tile = order.request.output, on_tile
        self._use(how.tile)

    def _use(self, tile: int) -> None:
        """Draw tiles of this length at most."""
        self._tile = tile
        self._plan = self._how.plan(self._size, tile)
        named = {
            "stage": "enhance",
            "strength": self._how.strength,
            "steps": self._how.steps,
            "tile_width": self._plan.tile.width,
            "tile_height": self._plan.tile.height,
            "tiles": self._plan.tiles,
        }
        self.stages = (*self._picture.stages, named)

    def strips(self) -> Generator[Pixels]:
        """Raises SmallerTiles, OutOfMemory with the smallest, AcceleratorFailed and what `on_tile` raises."""
        plan, source = self._plan, _Split(self._picture.strips(), self.channels)
        feather = enhancing.overlap(self._tile) // 2
        across = meeting(plan.columns, plan.tile.width, feather)
        down = meeting(plan.rows, plan.tile.height, feather)
        rows = Rows(_grown(source.colours(), self._size, plan.whole))

        def row_of_tiles(top: int) -> Iterator[Floats]:
            band = rows.between(top, top + plan.tile.height)
            rows.drop(next((start for start in plan.rows if start > top), top))
            for left in plan.columns:
                yield self._drawn(band[:, left : left + plan.tile.width], left, top)

        top = 0
        for strip in joined_strips(row_of_tiles, across, down, 1):
            inside = strip[: self._size.height - top, : self._size.width]
            if len(inside):
                yield source.with_opacity(inside, top)
            top += len(strip)

    def _drawn(self, seen: Pixels, left: int, top: int) -> Floats:
        """The tile [h, w, 3] at (left, top), drawn over what is seen there: from 0 to 1."""
        plan = self._plan
        number = plan.rows.index(top) * len(plan.columns) + plan.columns.index(left)
        self._on_tile(number, plan.tiles)
        batch = self._batch(seen, left, top)
        try:
            latents = self._family.run(batch, lambda _step: self._on_tile(number, plan.tiles))
            drawn = self._family.decode(latents[0], plan.tile)
        except Exception as error:
            if device.is_out_of_memory(error):
                self._shrink()
                raise SmallerTiles from error
            if device.is_accelerator_failure(error):
                raise AcceleratorFailed(str(error)) from error
            raise
        return _lit_as(seen, drawn[:, :, :3])

    def _shrink(self) -> None:
        smaller = enhancing.halved(self._tile)
        if smaller is None:
            raise OutOfMemory(f"a tile of {self._plan.tile} does not fit, and smaller ones show too little")
        self._use(smaller)

    def _batch(self, seen: Pixels, left: int, top: int) -> Batch:
        request, plan = self._order.request, self._plan
        return Batch(
            prompts=(self._order.prompt,),
            negative_prompts=(self._order.negative_prompt,),
            seeds=(self._order.seed,),
            size=plan.tile,
            steps=self._how.steps,
            guidance=request.guidance,
            reference=Image.fromarray(seen),
            strength=self._how.strength,
            noise=TileNoise(self._order.seed, plan.whole.width, left, top, plan.tile),
        )


class _Split:
    """The strips of a picture as colours; its opacity, where it has some, waits for the rows that are drawn."""

    def __init__(self, strips: Iterator[Pixels], channels: int) -> None:
        self._strips, self._is_opaque = strips, channels == 3
        self._waiting: deque[Pixels] = deque()
        self._opacity = Rows(self._opacity_of_what_was_read())

    def colours(self) -> Iterator[Pixels]:
        for strip in self._strips:
            if not self._is_opaque:
                self._waiting.append(strip[:, :, 3:].copy())
            yield strip[:, :, :3]

    def with_opacity(self, drawn: Pixels, top: int) -> Pixels:
        """Rows [n, w, 3] from `top` on, with the opacity of the picture there."""
        if self._is_opaque:
            return drawn
        return np.concatenate([drawn, self._opacity.between(top, top + len(drawn))], axis=2)

    def _opacity_of_what_was_read(self) -> Iterator[Pixels]:
        while True:
            yield self._waiting.popleft()


def _grown(strips: Iterator[Pixels], size: Size, whole: Size) -> Iterator[Pixels]:
    """The rows of a picture of `size` with its edge pixels going on to the right and down."""
    last: Pixels | None = None
    for strip in strips:
        last = np.pad(strip, ((0, 0), (0, whole.width - size.width), (0, 0)), mode="edge")
        yield last
    assert last is not None
    if whole.height > size.height:
        yield np.repeat(last[-1:], whole.height - size.height, axis=0)


def _lit_as(seen: Pixels, drawn: Pixels) -> Floats:
    """What is drawn, from 0 to 1, with the light and colours of what is seen in cells of _CELL pixels."""
    height, width, channels = seen.shape
    change: Floats = drawn.astype(np.float32) - seen
    cells = change.reshape(height // _CELL, _CELL, width // _CELL, _CELL, channels).mean(axis=(1, 3))
    for first in range(0, height, STRIP_ROWS):  # in strips: whole tiles of floats come and go
        last = min(first + STRIP_ROWS, height)
        change[first:last] = drawn[first:last] - stretched(cells, first, last, (height, width))
    change /= np.float32(255)
    return change
