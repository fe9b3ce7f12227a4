"""The colours of the drawn world: named colours, light of the day, sky and ground of each setting."""

from dataclasses import dataclass
from random import Random
from typing import Final

RGB = tuple[float, float, float]

NAMED: Final[dict[str, RGB]] = {
    "red": (0.86, 0.20, 0.21), "orange": (0.96, 0.54, 0.14), "yellow": (0.98, 0.83, 0.25),
    "green": (0.30, 0.64, 0.31), "teal": (0.13, 0.62, 0.60), "blue": (0.20, 0.40, 0.82),
    "purple": (0.54, 0.30, 0.72), "pink": (0.96, 0.58, 0.72), "brown": (0.53, 0.35, 0.22),
    "white": (0.95, 0.95, 0.94), "black": (0.19, 0.19, 0.23),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Light:
    """How a time of day colours the world."""

    sky_top: RGB
    sky_bottom: RGB
    tint: RGB  # falls on everything that does not shine itself
    haze: RGB  # what fog and distance fade to
    night: float


LIGHTS: Final[dict[str, Light]] = {
    "day": Light((0.34, 0.66, 0.93), (0.82, 0.94, 0.98), (1.0, 1.0, 1.0), (0.88, 0.92, 0.95), 0.0),
    "sunrise": Light((0.56, 0.68, 0.90), (1.0, 0.83, 0.72), (1.0, 0.92, 0.88), (0.96, 0.88, 0.85), 0.0),
    "sunset": Light((0.36, 0.24, 0.55), (1.0, 0.58, 0.35), (0.93, 0.76, 0.72), (0.86, 0.62, 0.58), 0.3),
    "night": Light((0.05, 0.08, 0.22), (0.17, 0.25, 0.48), (0.54, 0.60, 0.82), (0.25, 0.31, 0.46), 1.0),
}
SPACE: Final = Light((0.04, 0.03, 0.12), (0.16, 0.09, 0.28), (0.92, 0.92, 0.98), (0.2, 0.2, 0.3), 0.0)
UNDERWATER: Final = Light((0.20, 0.72, 0.80), (0.06, 0.32, 0.56), (0.86, 0.97, 1.0), (0.2, 0.5, 0.6), 0.0)

# Ground and what lies behind it, by day: (near the horizon, towards the viewer).
GROUND: Final[dict[str, tuple[RGB, RGB]]] = {
    "sea": ((0.22, 0.58, 0.80), (0.09, 0.36, 0.62)), "beach": ((0.97, 0.88, 0.66), (0.93, 0.80, 0.55)),
    "mountains": ((0.48, 0.70, 0.40), (0.32, 0.57, 0.32)), "hills": ((0.52, 0.76, 0.36), (0.36, 0.63, 0.29)),
    "meadow": ((0.58, 0.80, 0.38), (0.40, 0.68, 0.30)), "forest": ((0.33, 0.55, 0.32), (0.23, 0.44, 0.27)),
    "desert": ((0.95, 0.80, 0.52), (0.88, 0.67, 0.38)), "city": ((0.60, 0.63, 0.67), (0.46, 0.49, 0.55)),
    "snow": ((0.95, 0.97, 1.0), (0.84, 0.90, 0.97)), "space": ((0.66, 0.66, 0.72), (0.50, 0.50, 0.57)),
    "underwater": ((0.82, 0.80, 0.60), (0.70, 0.68, 0.50)),
}  # fmt: skip
FAR: Final[dict[str, tuple[RGB, RGB]]] = {
    "beach": ((0.18, 0.60, 0.78), (0.30, 0.74, 0.82)), "hills": ((0.56, 0.74, 0.60), (0.46, 0.70, 0.46)),
    "meadow": ((0.44, 0.66, 0.46), (0.38, 0.60, 0.38)), "forest": ((0.36, 0.56, 0.46), (0.30, 0.50, 0.38)),
    "desert": ((0.98, 0.86, 0.62), (0.92, 0.75, 0.48)), "snow": ((0.76, 0.86, 0.95), (0.82, 0.90, 0.97)),
    "mountains": ((0.55, 0.66, 0.74), (0.50, 0.64, 0.62)),
}  # fmt: skip


def mix(a: RGB, b: RGB, t: float) -> RGB:
    return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t)


def lit(colour: RGB, tint: RGB) -> RGB:
    return (colour[0] * tint[0], colour[1] * tint[1], colour[2] * tint[2])


def vary(rng: Random, colour: RGB, amount: float = 0.035) -> RGB:
    """A colour a little beside the named one, so that the model learns a region and not a point."""
    r, g, b = (min(1.0, max(0.0, c + rng.uniform(-amount, amount))) for c in colour)
    return (r, g, b)
