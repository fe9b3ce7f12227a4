"""What the regular comparisons found the last time they ran, for the operator's first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When it ran, and how much differed."""

    at: datetime
    differences: int


def record(name: str, differences: int) -> None:
    """Remember the result of the comparison that ended now; it takes the place of the one before."""
    cache.set(_key(name), {"at": timezone.now().isoformat(), "differences": differences}, timeout=None)


def last(name: str) -> LastCheck | None:
    """Return the last result; None where it never ran."""
    found = cache.get(_key(name))
    return LastCheck(datetime.fromisoformat(found["at"]), found["differences"]) if found else None


def _key(name: str) -> str:
    return f"last_check:{name}"
