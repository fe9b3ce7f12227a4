"""Deletes messages to support of people without an account, a year after they were answered."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from privacy.models import SupportMessage

DAYS = 365


def sweep() -> int:
    """Return how many messages went. Those of people with an account go with the account."""
    overdue = SupportMessage.objects.filter(
        user__isnull=True, closed_at__lt=timezone.now() - timedelta(days=DAYS)
    )
    deleted, _tables = overdue.delete()
    return deleted
