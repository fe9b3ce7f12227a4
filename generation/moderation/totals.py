"""Counts refusals: a row a day, stage and category, without words and people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from generation.models import ModerationTotal

KEPT: Final = timedelta(days=400)
_LONGEST: Final = 60


def count(stage: ModerationTotal.Stage, category: str) -> None:
    """Add one to today's total. In a transaction of its own: it stays when the request is refused."""
    row: dict[str, Any] = {"day": datetime.now(UTC).date(), "stage": stage, "category": category[:_LONGEST]}
    with transaction.atomic():
        ModerationTotal.objects.get_or_create(**row)
        ModerationTotal.objects.filter(**row).update(count=F("count") + 1)


def forget_old() -> int:
    """Delete what is older than a year and a month; return how many rows. Called by the beat."""
    return ModerationTotal.objects.filter(day__lt=(datetime.now(UTC) - KEPT).date()).delete()[0]
