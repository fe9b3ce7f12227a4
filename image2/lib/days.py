"""Whole days in UTC: the day of a column, for totals of many rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models.functions import TruncDate


class DayInUtc(TruncDate):
    """The day of a moment.

    On SQLite Django would call Python for each row; there the stored text, always in UTC, begins with the day.
    """

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, tzinfo=UTC)

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, tuple[str | int, ...]]:
        column, parameters = compiler.compile(self.lhs)
        return f"SUBSTR({column}, 1, 10)", tuple(parameters)


def start_of(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time.min, UTC)


def last_days(today: date, count: int) -> list[date]:
    """Return so many days, oldest first; the last one is today."""
    return [today - timedelta(days=ago) for ago in reversed(range(count))]
