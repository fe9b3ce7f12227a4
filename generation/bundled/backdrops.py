"""What stands behind the objects of a setting: mountains, pines, houses of a city, waves, grass, a reef."""

from collections.abc import Callable
from random import Random
from typing import Final

from .canvas import Layout, Thing
from .palette import RGB, vary
from .scatter import PERIOD, slots, strew


def stand_behind(setting: str, rng: Random, p: Layout, fog: float) -> None:
    """Add the background things of a setting, if it has any, with some fog over them."""
    if setting in _BACKDROPS:
        _BACKDROPS[setting](rng, p, fog)


def _row(rng: Random, p: Layout, kind: str, sizes: tuple[float, float], base: float, colour: RGB,
         haze: float = 0.0, share: float = 1.0) -> None:  # fmt: skip
    """Place things of one kind in a row along the picture, standing on `base`, in a share of the slots.

    They don't overlap: a cell of the latents can describe only one thing.
    """
    for x in slots(rng, p):
        if rng.random() < share:
            _stand(rng, p, kind, x, rng.uniform(*sizes), base, colour, haze)


def _stand(
    rng: Random, p: Layout, kind: str, x: float, size: float, base: float, colour: RGB, haze: float
) -> None:
    """Place one thing of that size in cells, made smaller where its slot is too narrow."""
    half, foot = _SHAPES[kind]
    s = min(size, _WIDEST[kind] / half)
    p.things.append(Thing(kind, x, base - foot * s, s, vary(rng, colour), haze))


def _floor(rng: Random, p: Layout, kind: str, count: float, colour: RGB) -> None:
    """Small things on the ground."""
    strew(rng, p, kind, count, (min(p.ground_line.base + 0.9, p.height - 0.5), p.height - 0.2), colour)


def _spread(rng: Random, p: Layout, count: int) -> list[float]:
    """Places across the picture that keep away from each other."""
    slot = p.width / count
    return [slot * (i + 0.5) + rng.uniform(-0.5, 0.5) * max(0.0, slot - 2.8) for i in range(count)]


def _waves(rng: Random, p: Layout, fog: float) -> None:
    del fog
    _floor(rng, p, "wave", 7, (0.50, 0.76, 0.90))


def _mountains(rng: Random, p: Layout, fog: float) -> None:
    base, aside = p.ground_line.base + 0.6, PERIOD * rng.randrange(2)
    for x in slots(rng, p, 2 * PERIOD, 0.4):
        size = rng.uniform(2.4, _WIDEST["mountain"])
        if x - aside + size > 0:
            _stand(rng, p, "mountain", x - aside, size, base, (0.47, 0.50, 0.64), 0.5 * fog)
    _floor(rng, p, "tuft", 4, (0.26, 0.50, 0.27))


def _hills(rng: Random, p: Layout, fog: float) -> None:
    h, base = p.height, p.ground_line.base + 0.4
    _row(rng, p, "pine", (h * 0.06, h * 0.09), base, (0.26, 0.50, 0.32), 0.5 * fog, 0.4)
    _floor(rng, p, "tuft", 5, (0.28, 0.55, 0.25))


def _meadow(rng: Random, p: Layout, fog: float) -> None:
    del fog
    colours = ((0.95, 0.45, 0.45), (0.98, 0.85, 0.40), (0.98, 0.98, 0.96), (0.80, 0.55, 0.90))
    for colour in rng.sample(colours, 2):
        _floor(rng, p, "blossom", 3, colour)
    _floor(rng, p, "tuft", 3, (0.30, 0.58, 0.26))


def _forest(rng: Random, p: Layout, fog: float) -> None:
    h, base = p.height, p.ground_line.base + 0.7
    _row(rng, p, "pine", (h * 0.17, h * 0.27), base, (0.16, 0.42, 0.28), 0.4 * fog)
    _floor(rng, p, "tuft", 5, (0.20, 0.40, 0.22))


def _desert(rng: Random, p: Layout, fog: float) -> None:
    del fog
    for x in _spread(rng, p, rng.randint(1, 3))[1:]:
        y = rng.uniform(p.ground_line.base + 0.6, p.height - 0.6)
        p.things.append(Thing("rock", x, y, rng.uniform(0.6, 0.9), vary(rng, (0.72, 0.50, 0.34))))


def _city(rng: Random, p: Layout, fog: float) -> None:
    base = p.ground_line.base + 0.3
    lights = [thing for thing in p.things if thing.kind in ("sun", "moon", "crescent")]
    for x in slots(rng, p):
        kind, size = rng.choice((("block", rng.uniform(0.17, 0.26)), ("tower", rng.uniform(0.26, 0.44))))
        if any(abs(light.x - x) < light.size + 2 for light in lights):
            kind, size = "block", min(size, 0.26)  # it hides a low sun, and is learned badly
        colour = rng.choice(((0.42, 0.50, 0.68), (0.72, 0.52, 0.46), (0.80, 0.70, 0.55), (0.48, 0.60, 0.66)))
        _stand(rng, p, kind, x, size * base, base, colour, 0.5 * fog)


def _snow(rng: Random, p: Layout, fog: float) -> None:
    h, base = p.height, p.ground_line.base + 0.4
    _row(rng, p, "pine", (h * 0.09, h * 0.14), base, (0.34, 0.55, 0.50), 0.5 * fog, 0.6)


def _moon_ground(rng: Random, p: Layout, fog: float) -> None:
    del fog
    if p.ground_line.base < p.height:
        for x in _spread(rng, p, rng.randint(2, 3)):
            y = rng.uniform(p.ground_line.base + 0.8, p.height - 0.3)
            p.things.append(Thing("crater", x, y, rng.uniform(0.7, 1.3), (0.48, 0.48, 0.55)))


def _reef(rng: Random, p: Layout, fog: float) -> None:
    del fog
    for x in _spread(rng, p, round(p.width * rng.uniform(0.18, 0.28))):
        kind, colour = rng.choice((("seaweed", (0.20, 0.60, 0.42)), ("seaweed", (0.28, 0.66, 0.36)),
                                   ("coral", (0.95, 0.50, 0.50)), ("coral", (0.95, 0.62, 0.40)),
                                   ("rock", (0.45, 0.50, 0.58))))  # fmt: skip
        size = rng.uniform(0.9, 1.4) * (0.7 if kind == "rock" else 1.0)
        y = min(p.ground_line.base + rng.uniform(0.5, 1.5), p.height - 0.2) - 0.9 * size
        p.things.append(Thing(kind, x, y, size, vary(rng, colour)))


# kind -> (half width, foot) in local units
_SHAPES: Final = {"mountain": (1.0, 0.62), "pine": (0.56, 1.0), "tower": (0.40, 1.0), "block": (0.74, 1.0)}
# Cells to each side of a slot's middle.
_WIDEST: Final = {"mountain": 3.5, "pine": 1.55, "tower": 1.25, "block": 1.25}
_BACKDROPS: Final[dict[str, Callable[[Random, Layout, float], None]]] = {
    "sea": _waves, "mountains": _mountains, "hills": _hills, "meadow": _meadow, "forest": _forest,
    "desert": _desert, "city": _city, "snow": _snow, "space": _moon_ground, "underwater": _reef,
}  # fmt: skip
