"""Finds the lines in a picture's fields: a base and two waves fitted to the distances, and so known everywhere.

All of it is computed in double precision. How sums are rounded depends on where a buffer lies in memory; rounded
to single precision afterwards, the results are the same.
"""

from dataclasses import dataclass
from math import tau
from typing import Final

import torch
from torch import Tensor

from .latents import REACH

_WAVES: Final = 10  # frequencies tried for each wave
_BENT: Final = 0.12  # cells that a line may be off its fit
_STRAIGHT: Final = 0.06  # cells that a line may be off a straight one to be one
# Square of what noise moves a line by, in cells: it keeps waves that are much alike in the picture from growing huge.
_NOISE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Line:
    """Heights base + s₁·sin(f₁x) + s₂·sin(f₂x) + c₁·cos(f₁x) + c₂·cos(f₂x), in cells; `off` from what was seen."""

    frequencies: tuple[float, float]
    parts: tuple[float, float, float, float, float]
    off: float

    def at(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Heights and slopes at the places [n], in double precision."""
        angles = torch.stack([frequency * x for frequency in self.frequencies])
        base, first_sine, second_sine, first_cosine, second_cosine = self.parts
        sines, cosines = angles.sin(), angles.cos()
        heights = base + first_sine * sines[0] + second_sine * sines[1]
        heights = heights + first_cosine * cosines[0] + second_cosine * cosines[1]
        first, second = self.frequencies
        slopes = first * (first_sine * cosines[0] - first_cosine * sines[0])
        return heights, slopes + second * (second_sine * cosines[1] - second_cosine * sines[1])


def find(distance: Tensor) -> Line | None:
    """The line of these distances [h, w] of -1..1, positive above it; None where it leaves the picture or is none."""
    heights = _crossings(distance.double())
    line = None if heights is None else _fitted(heights)
    return line if line and line.off <= _BENT else None


def distances(line: Line, x: Tensor, y: Tensor, cell: float = 1.0) -> Tensor:
    """What the fields say of it, [rows, columns] of -1..1, at these places; `cell` is the length of their cells."""
    heights, slopes = line.at(x)
    exact = (heights - y[:, None]) / (torch.sqrt(1 + slopes * slopes) * cell)
    return exact.clamp(-REACH, REACH) / REACH


def middles(cells: int) -> Tensor:
    """The middles of so many cells in a row."""
    return torch.arange(cells, dtype=torch.float64) + 0.5


def _crossings(distance: Tensor) -> Tensor | None:
    """How far down the line is in every column, in cells [w]; None where it is in some column outside."""
    above, below = distance[:-1], distance[1:]
    crosses = (above > 0) & (below <= 0)
    if not bool((crosses.sum(0) == 1).all()):
        return None
    row = crosses.float().argmax(0)
    column = torch.arange(distance.shape[1])
    over, under = above[row, column], below[row, column]
    return row + 0.5 + over / (over - under)


def _fitted(heights: Tensor) -> Line:
    """The best sum of a base and two waves of the frequencies that lines have."""
    base = heights.mean()
    if float((heights - base).abs().mean()) < _STRAIGHT:
        return Line((0.0, 0.0), (float(base), 0.0, 0.0, 0.0, 0.0), 0.0)
    x = middles(len(heights))
    found = (
        _with_waves(heights, x, float(first), float(second))
        for first in torch.linspace(0.5, 1.1, _WAVES, dtype=torch.float64) * tau / 14
        for second in torch.linspace(1.2, 2.2, _WAVES, dtype=torch.float64) * tau / 14
    )
    return min(found, key=lambda line: line.off)


def _with_waves(heights: Tensor, x: Tensor, first: float, second: float) -> Line:
    """Least squares, with a small penalty on the waves."""
    angles = torch.stack((first * x, second * x))
    parts = torch.stack((torch.ones_like(x), *angles.sin(), *angles.cos()), 1)
    against = torch.eye(5, dtype=torch.float64) * (_NOISE * len(x))
    against[0, 0] = 0
    solved = torch.linalg.solve(parts.T @ parts + against, parts.T @ heights)
    off = float((heights - parts @ solved).abs().mean())
    one, two, three, four, five = solved.tolist()
    return Line((first, second), (one, two, three, four, five), off)
