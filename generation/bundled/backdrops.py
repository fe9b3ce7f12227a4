"""What stands behind the objects of a setting: mountains, pines, houses of a city, waves, grass, a reef."""

from collections.abc import Callable
from random import Random
from typing import Final

from .canvas import Layout, Thing
from .palette import RGB, vary


def stand_behind(setting: str, rng: Random, p: Layout, fog: float) -> None:
    """Adds the things of a setting, if it has any, under a share of fog."""
    if setting in _BACKDROPS:
        _BACKDROPS[setting](rng, p, fog)


def _row(rng: Random, p: Layout, kind: str, step: float, size: tuple[float, float], base: float, foot: float,
         colour: RGB, haze: float = 0.0, share: float = 1.0) -> None:  # fmt: skip
    """A row of like things along the picture: `step` apart, standing with their `foot` (local v) on `base`."""
    x = rng.uniform(-0.5, 0.5) * step
    while x < p.width + 0.4 * step:
        s = rng.uniform(*size)
        if rng.random() < share:
            p.things.append(
                Thing(kind, x, base - foot * s, s, rng.choice((-1.0, 1.0)), vary(rng, colour), haze)
            )
        x += step * rng.uniform(0.75, 1.25)


def _floor(rng: Random, p: Layout, kind: str, count: float, colour: RGB) -> None:
    """Small things on the ground."""
    for _ in range(round(count * p.width / 16 + rng.random())):
        y = rng.uniform(min(p.ground_line.base + 0.9, p.height - 0.5), p.height - 0.2)
        p.things.append(
            Thing(
                kind,
                rng.uniform(0, p.width),
                y,
                _SIZES[kind] * rng.uniform(0.85, 1.1),
                1.0,
                vary(rng, colour),
            )
        )


def _waves(rng: Random, p: Layout, fog: float) -> None:
    del fog
    _floor(rng, p, "wave", 9, (0.50, 0.76, 0.90))


def _mountains(rng: Random, p: Layout, fog: float) -> None:
    m = min(p.width, p.height)
    base = p.ground_line.base + 0.6
    _row(rng, p, "mountain", m * 0.42, (m * 0.20, m * 0.27), base, 0.62, (0.60, 0.66, 0.80), 0.25 + 0.4 * fog)
    _row(rng, p, "mountain", m * 0.62, (m * 0.25, m * 0.37), base, 0.62, (0.47, 0.50, 0.64), 0.5 * fog)
    _floor(rng, p, "tuft", 4, (0.26, 0.50, 0.27))


def _hills(rng: Random, p: Layout, fog: float) -> None:
    _row(rng, p, "pine", p.height * 0.28, (p.height * 0.05, p.height * 0.08), p.ground_line.base + 0.4, 1.0,
         (0.26, 0.50, 0.32), 0.5 * fog, 0.4)  # fmt: skip
    _floor(rng, p, "tuft", 5, (0.28, 0.55, 0.25))


def _meadow(rng: Random, p: Layout, fog: float) -> None:
    del fog
    _floor(rng, p, "tuft", 6, (0.30, 0.58, 0.26))
    for colour in rng.sample(
        ((0.95, 0.45, 0.45), (0.98, 0.85, 0.40), (0.98, 0.98, 0.96), (0.80, 0.55, 0.90)), 2
    ):
        _floor(rng, p, "blossom", 4, colour)


def _forest(rng: Random, p: Layout, fog: float) -> None:
    h = p.height
    _row(
        rng,
        p,
        "pine",
        h * 0.15,
        (h * 0.17, h * 0.22),
        p.ground_line.base + 0.5,
        1.0,
        (0.30, 0.50, 0.40),
        0.22 + 0.4 * fog,
    )
    _row(
        rng,
        p,
        "pine",
        h * 0.23,
        (h * 0.20, h * 0.28),
        p.ground_line.base + 1.0,
        1.0,
        (0.16, 0.42, 0.28),
        0.4 * fog,
    )
    _floor(rng, p, "tuft", 5, (0.20, 0.40, 0.22))


def _desert(rng: Random, p: Layout, fog: float) -> None:
    del fog
    for _ in range(rng.randint(0, 2)):
        at = (rng.uniform(0, p.width), rng.uniform(p.ground_line.base + 0.6, p.height - 0.6))
        p.things.append(
            Thing("rock", *at, rng.uniform(0.6, 0.9), rng.choice((-1.0, 1.0)), vary(rng, (0.72, 0.50, 0.34)))
        )


def _city(rng: Random, p: Layout, fog: float) -> None:
    h, base = p.height, p.ground_line.base + 0.3
    _row(rng, p, "tower", h * 0.19, (h * 0.22, h * 0.29), base, 1.0, (0.58, 0.66, 0.80), 0.25 + 0.4 * fog)
    x = rng.uniform(-1, 1)
    while x < p.width + 1:
        kind, size = rng.choice(
            (("block", h * rng.uniform(0.14, 0.20)), ("tower", h * rng.uniform(0.16, 0.24)))
        )
        colour = rng.choice(((0.42, 0.50, 0.68), (0.72, 0.52, 0.46), (0.80, 0.70, 0.55), (0.48, 0.60, 0.66)))
        p.things.append(Thing(kind, x, base - size, size, 1.0, vary(rng, colour), 0.5 * fog))
        x += size * 1.6


def _snow(rng: Random, p: Layout, fog: float) -> None:
    h = p.height
    _row(
        rng,
        p,
        "pine",
        h * 0.26,
        (h * 0.09, h * 0.14),
        p.ground_line.base + 0.4,
        1.0,
        (0.34, 0.55, 0.50),
        0.5 * fog,
        0.6,
    )


def _moon_ground(rng: Random, p: Layout, fog: float) -> None:
    del fog
    if p.ground_line.base < p.height:
        for _ in range(rng.randint(2, 3)):
            at = (rng.uniform(0, p.width), rng.uniform(p.ground_line.base + 0.8, p.height - 0.3))
            p.things.append(Thing("crater", *at, rng.uniform(0.7, 1.3), 1.0, (0.48, 0.48, 0.55)))


def _reef(rng: Random, p: Layout, fog: float) -> None:
    del fog
    for _ in range(round(p.width * rng.uniform(0.25, 0.4))):
        kind, colour = rng.choice((("seaweed", (0.20, 0.60, 0.42)), ("seaweed", (0.28, 0.66, 0.36)),
                                   ("coral", (0.95, 0.50, 0.50)), ("coral", (0.95, 0.62, 0.40)),
                                   ("rock", (0.45, 0.50, 0.58))))  # fmt: skip
        size = rng.uniform(0.9, 1.5) * (0.7 if kind == "rock" else 1.0)
        y = min(p.ground_line.base + rng.uniform(0.5, 1.5), p.height - 0.2) - 0.9 * size
        p.things.append(
            Thing(kind, rng.uniform(0, p.width), y, size, rng.choice((-1.0, 1.0)), vary(rng, colour))
        )


_SIZES: Final = {"tuft": 0.5, "blossom": 0.6, "wave": 1.0}
_BACKDROPS: Final[dict[str, Callable[[Random, Layout, float], None]]] = {
    "sea": _waves, "mountains": _mountains, "hills": _hills, "meadow": _meadow, "forest": _forest,
    "desert": _desert, "city": _city, "snow": _snow, "space": _moon_ground, "underwater": _reef,
}  # fmt: skip
