"""Adjustments: what each is set by, and the program that the kernels make of it. The twin of worker/adjustments.js.

An adjustment is `{"kind": ..., name: value, ...}` as it stands in an operation; what is missing is neutral.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np

from editor.kernels.reference import MODES
from editor.replay.engine import Kernels
from editor.replay.planes import TILE

Adjustment = Mapping[str, Any]

# Kinds in the kernels' order (k1/tables.c); of each value its bounds and what changes nothing.
KINDS: Final[dict[str, dict[str, tuple[int, int, int]]]] = {
    "brightness": {"brightness": (-100, 100, 0), "contrast": (-100, 100, 0)},
    "exposure": {"exposure": (-500, 500, 0), "offset": (-200, 200, 0), "gamma": (10, 400, 100)},
    "levels": {},
    "curves": {},
    "hue": {"hue": (-180, 180, 0), "saturation": (-100, 100, 0), "lightness": (-100, 100, 0)},
    "temperature": {"temperature": (-100, 100, 0), "tint": (-100, 100, 0)},
    "balance": {
        **{
            f"{part}_{colour}": (-100, 100, 0)
            for part in ("shadows", "midtones", "highlights")
            for colour in ("red", "green", "blue")
        },
        "keep": (0, 1, 1),
    },
    "mono": {
        "red": (-200, 300, 40),
        "yellow": (-200, 300, 60),
        "green": (-200, 300, 40),
        "cyan": (-200, 300, 60),
        "blue": (-200, 300, 20),
        "magenta": (-200, 300, 80),
    },
    "invert": {},
    "threshold": {"level": (1, 255, 128)},
    "posterise": {"levels": (2, 64, 4)},
    "vignette": {
        "amount": (-100, 100, -50),
        "middle": (0, 100, 60),
        "round": (0, 100, 50),
        "feather": (0, 100, 60),
    },
}
# Levels and curves have values for all channels together and for each.
CHANNELS: Final = ("all", "red", "green", "blue")
NEUTRAL_LEVELS: Final = (0, 100, 255, 0, 255)
MOST_POINTS: Final = 16
_NUMBER: Final = {name: number for number, name in enumerate(KINDS)}
_MODE: Final = {name: number for number, name in enumerate(MODES)}
_PROGRAM: Final = 2896  # bytes, of k1/tables.c


def allowed(adjustment: Any) -> bool:
    """Tell whether this is an adjustment with values that the kernels take."""
    if not isinstance(adjustment, Mapping) or not isinstance(adjustment.get("kind"), str):
        return False
    kind = adjustment["kind"]
    values = {name: value for name, value in adjustment.items() if name != "kind"}
    if kind in ("levels", "curves"):
        fits = _levels_fit if kind == "levels" else _curve_fits
        return values.keys() <= set(CHANNELS) and all(map(fits, values.values()))
    bounds = KINDS.get(kind)
    if bounds is None or not values.keys() <= bounds.keys():
        return False
    return all(_whole(value, *bounds[name][:2]) for name, value in values.items())


def flat(adjustment: Adjustment) -> list[int]:
    """Return the values in the kernels' order."""
    kind = adjustment["kind"]
    if kind == "levels":
        return [value for channel in CHANNELS for value in adjustment.get(channel, NEUTRAL_LEVELS)]
    if kind == "curves":
        out: list[int] = []
        for channel in CHANNELS:
            points = adjustment.get(channel, [])
            out += [len(points), *(value for point in points for value in point)]
        return out
    return [adjustment.get(name, neutral) for name, (_low, _high, neutral) in KINDS[kind].items()]


def adjust(
    kernels: Kernels,
    target: int,
    adjustment: Adjustment,
    mask: int,
    *,
    opacity: int,
    mode: str,
    place: tuple[int, int],
    size: tuple[int, int],
) -> None:
    """Adjust the tile at an address, in place; `size` is the document's."""
    program = kernels.room(_PROGRAM)
    values = kernels.put(np.array([*flat(adjustment), *[0] * 10], np.int32))
    kernels.call("adjust_program", program, _NUMBER[adjustment["kind"]], values)
    x, y = place[0] * TILE, place[1] * TILE
    kernels.call("adjust", target, mask, program, opacity, _MODE[mode], x, y, TILE, 0, *size)


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _levels_fit(values: Any) -> bool:
    if not isinstance(values, list) or len(values) != len(NEUTRAL_LEVELS):
        return False
    black, gamma, white, *ends = values
    return (
        _whole(black, 0, 253)
        and _whole(white, 2, 255)
        and white - black >= 2
        and _whole(gamma, 10, 999)
        and all(_whole(end, 0, 255) for end in ends)
    )


def _curve_fits(points: Any) -> bool:
    if not isinstance(points, list) or not 2 <= len(points) <= MOST_POINTS:
        return False
    if not all(
        isinstance(point, list) and len(point) == 2 and all(_whole(value, 0, 255) for value in point)
        for point in points
    ):
        return False
    return all(before[0] < after[0] for before, after in pairwise(points))
