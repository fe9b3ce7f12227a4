"""The operator's charts, as shapes that a template draws as SVG. No script, no style in the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.usage.totals import Group

WIDTH, HEIGHT = 720, 160
BAR = 240
_GAP = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One week. Without a count it stays empty: too few people, or nobody."""

    monday: date
    count: int | None
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a detail, or several that are counted together, with the length of its bar."""

    label: str
    count: int
    length: float


def columns(weeks: Sequence[tuple[date, Group | None]]) -> list[Column]:
    """Return a column a week, in the order given, as high as its count."""
    most = max((group.rounded for _monday, group in weeks if group), default=0)
    width = WIDTH / max(1, len(weeks))
    found = []
    for place, (monday, group) in enumerate(weeks):
        count = group.rounded if group else None
        height = HEIGHT * (count or 0) / most if most else 0
        found.append(
            Column(
                monday=monday,
                count=count,
                x=round(place * width + _GAP / 2, 1),
                y=round(HEIGHT - height, 1),
                width=round(width - _GAP, 1),
                height=round(height, 1),
            )
        )
    return found


def rows(groups: Sequence[tuple[str, Group]]) -> list[Row]:
    """Return a bar for each label, the longest as long as BAR."""
    most = max((group.rounded for _label, group in groups), default=0)
    return [
        Row(label, group.rounded, round(BAR * group.rounded / most, 1) if most else 0)
        for label, group in groups
    ]
