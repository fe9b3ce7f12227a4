"""Where the columns of a chart stand: shapes that a template draws as SVG, without script or style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 160
_GAP = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in a chart of WIDTH × HEIGHT, whose y grows downwards."""

    x: float
    y: float
    width: float
    height: float


def heights(counts: Sequence[int | None]) -> list[Bar]:
    """Return a column for each count, in their order, the highest as high as the chart; None and 0 have no height."""
    most = max((count or 0 for count in counts), default=0)
    width = WIDTH / max(1, len(counts))
    tall = [HEIGHT * (count or 0) / most if most else 0 for count in counts]
    return [
        Bar(
            x=round(place * width + _GAP / 2, 1),
            y=round(HEIGHT - height, 1),
            width=round(width - _GAP, 1),
            height=round(height, 1),
        )
        for place, height in enumerate(tall)
    ]
