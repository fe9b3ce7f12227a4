"""What the operator's first page is made of: numbers, tables and charts, each with the list that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from image2.design.columns import HEIGHT, WIDTH, Bar, heights
from image2.lib import times

# Whether this member of staff may see the list of a model.
May = Callable[[type[Model]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number. ``alarming`` says that somebody has to look; the page says it in words too."""

    label: str
    value: str
    url: str = ""
    note: str = ""
    since: datetime | None = None
    # What stands before the moment.
    since_word: str = ""
    alarming: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; a number stands at the end of its column."""

    text: str
    url: str = ""
    at: datetime | None = None
    is_number: bool = False
    alarming: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under a caption. ``empty`` is the sentence that stands there without rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    empty: str
    url: str = ""
    note: str = ""

    @property
    def headings(self) -> Sequence[Cell]:
        """The columns' names; above numbers they stand where the numbers do."""
        numbers = [cell.is_number for cell in self.rows[0]] if self.rows else [False] * len(self.columns)
        return [
            Cell(text, is_number=is_number) for text, is_number in zip(self.columns, numbers, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a chart: its column, its number, and the list of that day."""

    day: date
    count: int
    bar: Bar
    url: str

    @property
    def written(self) -> str:
        return number(self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A number for each day, oldest first; drawn as columns, and the same as a table."""

    name: str
    title: str
    description: str
    unit: str
    days: Sequence[Day]
    total: int
    url: str
    # When it was counted: what is counted often is remembered for some minutes.
    counted_at: datetime

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT

    @property
    def written_total(self) -> str:
        return number(self.total)

    @property
    def first(self) -> date:
        return self.days[0].day

    @property
    def last(self) -> date:
        return self.days[-1].day

    @property
    def newest_first(self) -> Sequence[Day]:
        return self.days[::-1]

    @property
    def summary(self) -> str:
        """Say in a sentence what the columns show."""
        most = max(self.days, key=lambda day: day.count)
        if not most.count:
            return _("Nothing in these days.")
        return _("Most on %(day)s: %(count)s. Today: %(today)s.") % {
            "day": times.calendar_day(most.day),
            "count": number(most.count),
            "today": number(self.days[-1].count),
        }


@dataclass(slots=True, kw_only=True)
class Section:
    """One question of the operator, and what answers it."""

    name: str
    title: str
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.figures or self.tables or self.charts)


def listing(model: type[Model], **filters: Any) -> str:
    """Return the address of a model's list in the admin, with these filters set."""
    meta = model._meta  # noqa: SLF001  (Django's own way)
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def number(value: int) -> str:
    return f"{value:,}"


def count_cell(value: int, url: str = "", *, alarming: bool = False) -> Cell:
    return Cell(number(value), url, is_number=True, alarming=alarming)


def days_of(counts: dict[date, int], days: Sequence[date], url: Callable[[date], str]) -> list[Day]:
    """Return every day with its column, also those on which nothing happened."""
    values = [counts.get(day, 0) for day in days]
    return [
        Day(day=day, count=value, bar=bar, url=url(day))
        for day, value, bar in zip(days, values, heights(values), strict=True)
    ]
