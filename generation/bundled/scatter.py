"""Small things, strewn with room around each: two that share a cell of the latent grid would spoil each other there."""

from random import Random
from typing import Final

from .canvas import Layout, Thing
from .palette import RGB, vary

# kind -> (half size, distance to the next one), both in cells
_SIZES: Final[dict[str, tuple[float, float]]] = {
    "star": (0.55, 2.3), "bubble": (0.5, 2.3), "rain": (0.62, 2.4), "flake": (0.45, 2.3), "tuft": (0.5, 2.5),
    "blossom": (0.6, 2.5), "wave": (1.0, 3.2),
}  # fmt: skip
_TRIES: Final = 6


def strew(rng: Random, p: Layout, kind: str, count: float, heights: tuple[float, float], colour: RGB) -> None:
    """About `count` in a picture of 16 cells' width, between two heights in cells; fewer where there is no room."""
    for _ in range(round(count * p.width / 16 + rng.random() - 0.5)):
        for _try in range(_TRIES):
            x, y = rng.uniform(0, p.width), rng.uniform(*heights)
            if _is_free(p, kind, x, y):
                size = _SIZES[kind][0] * rng.uniform(0.85, 1.1)
                p.things.append(Thing(kind, x, y, size, vary(rng, colour)))
                break


def _is_free(p: Layout, kind: str, x: float, y: float) -> bool:
    own = _SIZES[kind][1]
    for thing in p.things:
        if thing.kind in _SIZES:
            room = (own + _SIZES[thing.kind][1]) / 2
            if (x - thing.x) ** 2 + (y - thing.y) ** 2 < room * room:
                return False
    return True
