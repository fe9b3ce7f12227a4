"""What was recorded about one person, day by day, and its deletion. Days are days in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.models import UsageEvent, User


@dataclass(frozen=True, slots=True)
class Recorded:
    """The same thing, recorded `times` times on one day."""

    event: str
    details: dict[str, Any]
    times: int


def days_of(user: User) -> list[date]:
    """Return the days on which something was recorded, newest first: as many as we keep events for, at most."""
    found = UsageEvent.objects.visible_to(user).annotate(day=TruncDate("at", tzinfo=UTC))
    return list(found.order_by("-day").values_list("day", flat=True).distinct())


def recorded_on(user: User, days: Sequence[date]) -> dict[date, list[Recorded]]:
    """Return what was recorded on each of these days, the most frequent first."""
    found: dict[date, list[Recorded]] = {day: [] for day in days}
    for row in _counted(user, days):
        found[row["day"]].append(Recorded(row["event"], row["details"], row["times"]))
    return found


def delete(user: User, day: date | None = None) -> int:
    """Delete what was recorded on one day, or everything; return how many events that were."""
    mine = UsageEvent.objects.visible_to(user)
    if day is not None:
        start = datetime.combine(day, datetime.min.time(), UTC)
        mine = mine.filter(at__gte=start, at__lt=start + timedelta(days=1))
    deleted, _tables = mine.delete()
    return deleted


def _counted(user: User, days: Sequence[date]) -> Iterator[Mapping[str, Any]]:
    mine = UsageEvent.objects.visible_to(user).annotate(day=TruncDate("at", tzinfo=UTC))
    return (
        mine.filter(day__in=days)
        .values("day", "event", "details")
        .annotate(times=Count("pk"))
        .order_by("-day", "event", "-times", "details")
        .iterator()
    )
