"""Totals of usage for the operator, without people in them: every number is about five people or more.

The unit is one whole week (Monday to Sunday, UTC), since the totals of two overlapping periods could be subtracted from
each other. Within a week, the values of one detail ("model") are divided into groups of at least FEWEST people: a
value with fewer goes into one group with others, where only the group's total is known. No two groups overlap, so what
can be computed from them is a sum of groups again, never a value that is hidden. Counts are rounded as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Count, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts.models import UsageEvent
from image2.lib.days import DayInUtc
from image2.lib.owned import OwnedQuerySet

FEWEST = 5
ROUNDED_TO = 5
WEEK = timedelta(days=7)
# What is counted: an event, and the details by which it is divided.
COUNTED: dict[str, tuple[str, ...]] = {
    "generation.submitted": ("kind", "model", "shape", "size", "count"),
    "editor.used": ("tool",),
}
Events = OwnedQuerySet[UsageEvent]


@dataclass(frozen=True, slots=True)
class Group:
    """Values that are counted together, how many events they have, and how many people those are of."""

    values: tuple[str, ...]
    events: int
    people: int

    @property
    def rounded(self) -> int:
        return ROUNDED_TO * ((self.events + ROUNDED_TO // 2) // ROUNDED_TO)


def weeks(now: datetime | None = None) -> list[date]:
    """Return the Mondays of the whole weeks that are still kept, newest first."""
    today = (now or timezone.now()).astimezone(UTC).date()
    monday = today - timedelta(days=today.weekday())
    oldest = today - timedelta(days=settings.USAGE_EVENT_DAYS - 1)
    found = []
    while (monday := monday - WEEK) >= oldest:
        found.append(monday)
    return found


def week_total(event: str, monday: date) -> Group | None:
    """Return all uses of a week; None where they are of too few people (or of nobody)."""
    counted = _of_week(event, monday).aggregate(events=Count("pk"), people=Count("user", distinct=True))
    total = Group((), counted["events"], counted["people"])
    return total if total.people >= FEWEST else None


def divided(event: str, monday: date, detail: str) -> list[Group]:
    """Return a week's uses by a detail: each value with enough people alone, the others in one group, last."""
    named = Coalesce(Cast(KT(f"details__{detail}"), CharField()), Value(""))
    found = _of_week(event, monday).annotate(value=named)
    counts = found.values("value").annotate(events=Count("pk"), people=Count("user", distinct=True))
    values = [Group((row["value"],), row["events"], row["people"]) for row in counts.order_by("value")]

    def people_of(some: Sequence[str]) -> int:
        return int(found.filter(value__in=some).aggregate(people=Count("user", distinct=True))["people"])

    return in_groups(values, people_of)


def by_day(event: str, monday: date, detail: str) -> list[tuple[Group, list[Group]]]:
    """Return each group of ``divided`` with its days: a day with enough people alone, the other days as one, last.

    The days of a group are divided by the same rule as the values are, so every number is still about FEWEST people
    or more, and the numbers of the week are sums of these. The values of a day are its dates as text.
    """
    cells: _Cells = {}
    for value, day, person, events in _people_by_day(event, monday, detail):
        cells.setdefault(value, {}).setdefault(day.isoformat(), []).append((person, events))
    whole = {value: [pair for day in days.values() for pair in day] for value, days in cells.items()}
    return [(group, _grouped(_merged(cells, group.values))) for group in _grouped(whole)]


_Pairs = list[tuple[UUID, int]]
_Cells = dict[str, dict[str, _Pairs]]


def _people_by_day(event: str, monday: date, detail: str) -> Iterator[tuple[str, date, UUID, int]]:
    named = Coalesce(Cast(KT(f"details__{detail}"), CharField()), Value(""))
    found = _of_week(event, monday).annotate(value=named, day=DayInUtc("at"))
    counted = found.values("value", "day", "user").annotate(events=Count("pk")).order_by("value", "day")
    return counted.values_list("value", "day", "user", "events").iterator()


def _merged(cells: _Cells, values: Sequence[str]) -> dict[str, _Pairs]:
    days: dict[str, _Pairs] = {}
    for value in values:
        for day, pairs in cells[value].items():
            days.setdefault(day, []).extend(pairs)
    return days


def _grouped(uses: dict[str, _Pairs]) -> list[Group]:
    people = {name: {person for person, _events in pairs} for name, pairs in uses.items()}
    groups = [
        Group((name,), sum(events for _person, events in pairs), len(people[name]))
        for name, pairs in sorted(uses.items())
    ]
    return in_groups(groups, lambda names: len(set().union(*(people[name] for name in names))))


def in_groups(values: Sequence[Group], people_of: Callable[[Sequence[str]], int]) -> list[Group]:
    """Put values into groups of at least FEWEST people; nothing where all of them together have fewer.

    `people_of` counts the people of several values together: somebody may have used more than one.
    """
    shown = sorted(
        (group for group in values if group.people >= FEWEST), key=lambda group: (-group.people, group.values)
    )
    hidden = [group for group in values if group.people < FEWEST]
    if not hidden:
        return _by_events(shown)
    names = [name for group in hidden for name in group.values]
    # Too few even together: the value with the fewest people goes with them, or a subtraction would tell.
    while (people := people_of(names)) < FEWEST and shown:
        hidden.append(shown.pop())
        names += hidden[-1].values
    if people < FEWEST:
        return []
    rest = Group(tuple(sorted(names)), sum(group.events for group in hidden), people)
    return [*_by_events(shown), rest]


def _by_events(groups: Sequence[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (-group.events, group.values))


def _of_week(event: str, monday: date) -> Events:
    """Restrict to a week, without people who restricted what we may do with their data."""
    start = datetime.combine(monday, time.min, UTC)
    of_week = UsageEvent.objects.filter(event=event, at__gte=start, at__lt=start + WEEK)
    return of_week.filter(user__preferences__restricted_at__isnull=True)
