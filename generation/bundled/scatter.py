"""Places of what stands behind and of small things: a lattice in step with the denoiser's coarsest level.

Two things that share a cell of the latent grid would corrupt each other there. And where things may stand anywhere with
room around each, every place depends on all others, which a small denoiser does not get right: it draws streaks between
the possible places. On a lattice each place is decided alone.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

from .canvas import Layout, Thing
from .palette import RGB, vary

PERIOD: Final = 4  # cells: what one value of the denoiser's coarsest level spans
# In each PERIOD x PERIOD cells, at corners of cells: what is smaller is described by the four cells around it alone.
_SITES: Final = ((1.0, 1.0), (3.0, 3.0))
_JITTER: Final = 0.15  # cells
# Half sizes, and distances to the next one, in cells.
SIZES: Final[dict[str, float]] = {
    "star": 0.55, "bubble": 0.5, "rain": 0.62, "flake": 0.45, "tuft": 0.5, "blossom": 0.6, "wave": 0.95,
}  # fmt: skip
_ROOM: Final[dict[str, float]] = {
    "star": 2.3, "bubble": 2.3, "rain": 2.4, "flake": 2.3, "tuft": 2.4, "blossom": 2.4, "wave": 2.6,
}  # fmt: skip
_TRIES: Final = 6


def strew(rng: Random, p: Layout, kind: str, count: float, heights: tuple[float, float], colour: RGB) -> None:
    """About `count` in a picture of 16 cells' width, between two heights in cells; fewer where there is no room."""
    sites = list(_sites(p, heights))
    rng.shuffle(sites)
    left = round(count * p.width / 16 + rng.random() - 0.5)
    for x, y in sites:
        place = _free_place(rng, p, kind, x, y) if left > 0 else None
        if place:
            size = SIZES[kind] * rng.uniform(0.85, 1.1)
            p.things.append(Thing(kind, *place, size, vary(rng, colour)))
            left -= 1


def slots(rng: Random, p: Layout, period: int = PERIOD, jitter: float = 0.2) -> Iterator[float]:
    """Middles of places along the picture, `period` cells apart but for the jitter; the last may be cut off."""
    for middle in range(period // 2, p.width + period // 2, period):
        yield middle + rng.uniform(-jitter, jitter)


def _sites(p: Layout, heights: tuple[float, float]) -> Iterator[tuple[float, float]]:
    for top in range(0, p.height, PERIOD):
        for left in range(0, p.width, PERIOD):
            for x, y in _SITES:
                if left + x < p.width and heights[0] <= top + y <= heights[1]:
                    yield left + x, top + y


def _free_place(rng: Random, p: Layout, kind: str, x: float, y: float) -> tuple[float, float] | None:
    """Near a site, with room around it."""
    for _ in range(_TRIES):
        place = x + rng.uniform(-_JITTER, _JITTER), y + rng.uniform(-_JITTER, _JITTER)
        if _is_free(p, kind, *place):
            return place
    return None


def _is_free(p: Layout, kind: str, x: float, y: float) -> bool:
    own = _ROOM[kind]
    for thing in p.things:
        if thing.kind in _ROOM:
            room = (own + _ROOM[thing.kind]) / 2
            if (x - thing.x) ** 2 + (y - thing.y) ** 2 < room * room:
                return False
    return True
