"""How a large picture gets detail of its own: redrawn a little in tiles. What a model's entry says about it, and where
the tiles lie; so the price is known before anything is drawn.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, Self

from generation.requests.sizes import Size

# Pixels. Tiles begin and end at multiples of this: whole cells of the latents of every family.
GRID: Final = 64
LEAST_TILE: Final = 4 * GRID
MOST_TILE: Final = 2048
# More would draw other things into the picture, in each tile its own.
MOST_STRENGTH: Final = 0.6
_OVERLAP: Final = 8  # tiles overlap by this part of their length


@dataclass(frozen=True, slots=True)
class Plan:
    """Tiles of one size in columns and rows; they cover `whole`, the picture grown to the right and down."""

    whole: Size
    tile: Size
    columns: tuple[int, ...]
    rows: tuple[int, ...]

    @property
    def tiles(self) -> int:
        return len(self.columns) * len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enhance:
    """Each tile, `tile` pixels wide at most, goes through image to image with `strength` of a schedule of `steps`."""

    strength: float
    steps: int
    tile: int = 1024

    @classmethod
    def read(cls, raw: object) -> Self:
        """From what the catalogue says. Raises ValueError, with what is wrong."""
        if not isinstance(raw, dict):
            raise ValueError("write { strength = 0.3, steps = 20 }")
        values: dict[str, Any] = raw
        if unknown := values.keys() - {"strength", "steps", "tile"}:
            raise ValueError(f"unknown field {min(unknown)!r}")
        strength, steps, tile = values.get("strength"), values.get("steps"), values.get("tile", 1024)
        if isinstance(strength, bool) or not isinstance(strength, int | float):
            raise ValueError("strength is a number")
        if not 0 < strength <= MOST_STRENGTH:
            raise ValueError(f"strength is above 0 and at most {MOST_STRENGTH}")
        if type(steps) is not int or int(steps * strength) < 1:
            raise ValueError("steps times strength has to be at least 1")
        if type(tile) is not int or tile % GRID or not LEAST_TILE <= tile <= MOST_TILE:
            raise ValueError(f"tile is a multiple of {GRID} from {LEAST_TILE} to {MOST_TILE}")
        return cls(strength=float(strength), steps=steps, tile=tile)

    @property
    def drawn_steps(self) -> int:
        """The steps of the schedule that each tile takes."""
        return math.ceil(round(self.steps * self.strength, 6))

    def plan(self, size: Size, tile: int = 0) -> Plan:
        """The tiles of a picture of this size; `tile` in place of its own length, where memory was short."""
        width, columns = _along(size.width, tile or self.tile)
        height, rows = _along(size.height, tile or self.tile)
        return Plan(Size(_grown(size.width), _grown(size.height)), Size(width, height), columns, rows)

    def cost(self, size: Size) -> int:
        """Pixels times steps that are drawn."""
        plan = self.plan(size)
        return plan.tile.pixels * plan.tiles * self.drawn_steps


def halved(tile: int) -> int | None:
    """A tile of half the length, on the grid; None where that is too small to show a model anything."""
    half = tile // 2 // GRID * GRID
    return half if half >= LEAST_TILE else None


def overlap(tile: int) -> int:
    """By how many pixels tiles of this length overlap at least."""
    return max(GRID, tile // _OVERLAP // GRID * GRID)


def _along(length: int, tile: int) -> tuple[int, tuple[int, ...]]:
    """The length of the tiles along a side, and where they begin: as few as fit, as small as lets them lie evenly."""
    whole, shared = _grown(length), overlap(tile)
    count = max(1, -(-(whole - shared) // (tile - shared)))
    each = _grown(-(-(whole + (count - 1) * shared) // count))
    step = (whole - each) / max(1, count - 1)
    return each, tuple(round(number * step / GRID) * GRID for number in range(count))


def _grown(length: int) -> int:
    return -(-length // GRID) * GRID
