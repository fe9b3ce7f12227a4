"""The operator's charts, as shapes that a template draws as SVG. No script, no style in the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.usage.totals import Group
from image2.design.columns import HEIGHT, WIDTH, heights

__all__ = ["BAR", "HEIGHT", "WIDTH", "columns", "rows"]
BAR = 240


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
    counts = [group.rounded if group else None for _monday, group in weeks]
    return [
        Column(monday=monday, count=count, x=bar.x, y=bar.y, width=bar.width, height=bar.height)
        for (monday, _group), count, bar in zip(weeks, counts, heights(counts), strict=True)
    ]


def rows(groups: Sequence[tuple[str, Group]]) -> list[Row]:
    """Return a bar for each label, the longest as long as BAR."""
    most = max((group.rounded for _label, group in groups), default=0)
    return [
        Row(label, group.rounded, round(BAR * group.rounded / most, 1) if most else 0)
        for label, group in groups
    ]
