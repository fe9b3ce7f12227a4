"""Totals by day of the last four weeks. They read many index entries, so they are remembered for five minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

from django.core.cache import caches
from django.db.models import Aggregate, Count, Model, QuerySet
from django.utils import timezone

from image2.lib.days import DayInUtc, last_days, start_of
from image2.website.operator.parts import Chart, days_of, listing

DAYS: Final = 28
REMEMBERED_SECONDS: Final = 300
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Remembered:
    """A value, and when it was counted."""

    value: Any
    at: datetime


def remembered(name: str, count: Callable[[], Any]) -> Remembered:
    """Return what was counted within the last five minutes, or count it now. The same for every member of staff."""
    key = f"operator:{name}:{_today()}"
    found: Remembered | None = caches["forgetful"].get(key)
    if found is None:
        found = Remembered(count(), timezone.now())
        caches["forgetful"].set(key, found, REMEMBERED_SECONDS)
    return found


def since() -> datetime:
    """Return the first moment of the first day that is shown."""
    return start_of(_today() - timedelta(days=DAYS - 1))


def chart(
    rows: QuerySet[Any],
    *,
    name: str,
    field: str,
    title: str,
    description: str,
    unit: str,
    what: Aggregate | None = None,
    leads_to: type[Model] | None = None,
    **filters: Any,
) -> Chart:
    """Count ``rows`` by the day of ``field``, or add up ``what``; each day leads to its list, with these filters."""
    shown = leads_to or rows.model
    counted = remembered(name, lambda: _counted(rows, field, what or Count("*")))
    days = days_of(
        counted.value, last_days(_today(), DAYS), lambda day: listing(shown, **_on(field, day), **filters)
    )
    return Chart(
        name=name,
        title=title,
        description=description,
        unit=unit,
        days=days,
        total=sum(day.count for day in days),
        url=listing(shown, **{f"{field}__gte": str(since())}, **filters),
        counted_at=counted.at,
    )


def _counted(rows: QuerySet[Any], field: str, what: Aggregate) -> dict[date, int]:
    recent = rows.filter(**{f"{field}__gte": since()}).annotate(day_in_utc=DayInUtc(field))
    return dict(
        recent.order_by().values("day_in_utc").annotate(total=what).values_list("day_in_utc", "total")
    )


def _on(field: str, day: date) -> dict[str, str]:
    """Return the filters of the admin for one day, as its own filter of dates writes them."""
    return {
        f"{field}__gte": str(start_of(day)),
        f"{field}__lt": str(start_of(day + timedelta(days=1))),
    }


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
