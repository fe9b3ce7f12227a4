"""Erasures in tests: ordered, brought to their day, and worked on to the end."""

from __future__ import annotations

import re
from datetime import timedelta

from django.core import mail
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from generation.files import sweeping
from privacy.erasure import housekeeping, ordering, working
from privacy.models import Erasure

LINK = re.compile(r"http://127\.0\.0\.1:8000(/account/reopen/[^/\s]+/)")


def order(person: User) -> Erasure:
    """Close the account and let the beat write its mail."""
    erasure = ordering.order(person)
    housekeeping.sweep()
    erasure.refresh_from_db()
    return erasure


def link_of_last_mail() -> str:
    """Return the path that the newest mail with a link leads to."""
    return next(found[1] for sent in reversed(mail.outbox) if (found := LINK.search(str(sent.body))))


def let_time_pass(erasure: Erasure) -> None:
    """Bring its day: as if everything had happened fifteen days ago."""
    Erasure.objects.filter(pk=erasure.pk).update(
        due_at=timezone.now() - timedelta(days=1), ordered_at=F("ordered_at") - timedelta(days=15)
    )


def finish(erasure: Erasure) -> Erasure:
    """Work until the account is gone, its objects too, and the receipt is out."""
    let_time_pass(erasure)
    for _each in range(50):
        Erasure.objects.filter(pk=erasure.pk).update(not_before=timezone.now() - timedelta(seconds=1))
        housekeeping.sweep()
        while working.work():
            pass
        sweeping.delete_due()
        erasure.refresh_from_db()
        if erasure.receipt_sent_at is not None:
            return erasure
    raise AssertionError(f"it doesn't end: {erasure.state}")


def erase(person: User) -> Erasure:
    """Order and finish."""
    return finish(order(person))
