"""What a picture consists of before it is drawn: things with places, sizes and colours, two lines, some light.

Lengths are in cells of 1/16 of the base size.
"""

from dataclasses import dataclass, field
from typing import Final

from .palette import RGB

NOWHERE: Final = 99.0  # a ground line that lies below every picture


@dataclass(frozen=True, slots=True)
class Thing:
    """One drawn thing: kind, centre and half size in cells, colour, share of haze over it.

    All things of a kind face the same way: a model that has seen both draws fish with two heads.
    """

    kind: str
    x: float
    y: float
    size: float
    colour: RGB
    haze: float = 0.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A ground line y(x) = base + two waves (amplitude, angular frequency, phase)."""

    base: float = NOWHERE
    waves: tuple[tuple[float, float, float], tuple[float, float, float]] = ((0.0, 1.0, 0.0), (0.0, 1.0, 0.0))


@dataclass(slots=True)
class Layout:
    """Everything that `draw.py` needs; things are in the order of drawing, back to front."""

    width: int
    height: int
    sky: tuple[RGB, RGB]
    far: tuple[RGB, RGB]
    ground: tuple[RGB, RGB]
    far_line: Curve
    ground_line: Curve
    tint: RGB
    haze: RGB
    night: float
    things: list[Thing] = field(default_factory=list)
