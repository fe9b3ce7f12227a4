"""How many times a day (UTC) no server took a mail, for the operator's first page."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Final

from django.core.cache import cache
from django.utils import timezone

_KEPT_SECONDS: Final = 3 * 24 * 3600


def count() -> None:
    key = _key(_today())
    cache.add(key, 0, _KEPT_SECONDS)
    cache.incr(key)


def recent() -> int:
    """Return how many attempts failed today and yesterday."""
    today = _today()
    return sum(int(cache.get(_key(day), 0)) for day in (today, today - timedelta(days=1)))


def _today() -> date:
    return timezone.now().astimezone(UTC).date()


def _key(day: date) -> str:
    return f"mail.not_sent:{day}"
