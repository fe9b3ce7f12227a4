"""One field of noise over a whole picture: a tile is noised by what of it lies under the tile.

So the same place gets the same noise in every tile that shows it, and what a model draws from it agrees there.
"""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from generation.engine.contract import ModelUnavailable
from generation.requests.sizes import Size

# Where a scheduler's methods take the noise, by position.
_PLACES = (("add_noise", 1), ("scale_noise", 2))


@dataclass(frozen=True, slots=True)
class TileNoise:
    """The part of the field of `seed` that lies under the tile at (left, top) of a picture `width` wide, in pixels."""

    seed: int
    width: int
    left: int
    top: int
    tile: Size

    def like(self, noise: torch.Tensor) -> torch.Tensor:
        """Noise of this shape [..., h, w], h by w being the cells of the tile. Raises ModelUnavailable."""
        *lead, height, width = noise.shape
        cell = self.tile.width // width
        if (height * cell, width * cell) != (self.tile.height, self.tile.width) or self.width % cell:
            raise ModelUnavailable(
                f"tiles of {self.tile} can't be noised by one field: this pipeline noises {tuple(noise.shape)}"
            )
        first, left = self.top // cell, self.left // cell
        rows = [self._row(number, lead, self.width // cell) for number in range(first, first + height)]
        return torch.stack(rows, dim=-2)[..., left : left + width].to(noise)

    def _row(self, number: int, lead: list[int], cells: int) -> torch.Tensor:
        """One row of the whole field, [..., cells]: the same for every tile, without the rest being held."""
        digest = hashlib.sha256(f"{self.seed}:{number}".encode()).digest()
        generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest[:4], "big"))
        return torch.randn(*lead, cells, generator=generator)


def noised_by(scheduler: Any, noise: TileNoise) -> None:
    """Make a scheduler noise the picture that a run begins with by this field, whatever its pipeline draws.

    Once: pipelines for inpainting noise it again at each step, packed, to keep what their mask, here all white, covers.
    """
    waiting = [noise]
    for name, place in _PLACES:
        if hasattr(scheduler, name):
            setattr(scheduler, name, _first_with(waiting, getattr(scheduler, name), place))


def _first_with(
    waiting: list[TileNoise], method: Callable[..., torch.Tensor], place: int
) -> Callable[..., torch.Tensor]:
    """The same method; the first call takes its noise from what is waiting."""

    @functools.wraps(method)
    def noised(*args: Any, **named: Any) -> torch.Tensor:
        if not waiting:
            return method(*args, **named)
        field = waiting.pop()
        if "noise" in named:
            return method(*args, **(named | {"noise": field.like(named["noise"])}))
        return method(*args[:place], field.like(args[place]), *args[place + 1 :], **named)

    return noised
