"""Deletes tickets of people without an account, a year after they were closed."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from privacy.models import Ticket
from privacy.support import conversation

DAYS = 365


def sweep() -> int:
    """Return how many tickets went. Those of people with an account go with it, or when their owner deletes them."""
    overdue = Ticket.objects.filter(user__isnull=True, closed_at__lt=timezone.now() - timedelta(days=DAYS))
    return conversation.delete(tickets=overdue)
