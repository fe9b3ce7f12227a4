"""Cancel a job: at once while it waits, at its next step while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from billing import ledger
from generation.jobs import outcomes, progress
from generation.models import Job

if TYPE_CHECKING:
    from accounts.models import User


def cancel(*, user: User, job: Job) -> None:
    """Cancel a live job of ``user``; one that has ended stays as it is. Credits of a waiting job come back at once.

    A running job stops at its next step: its finished pictures are kept and charged, the rest is refunded.
    """
    mine = Job.objects.visible_to(user).get(pk=job.pk)
    with transaction.atomic():
        if mine.cancel_queued():
            if mine.price:
                ledger.release(ref=mine.hold_ref)
            outcomes.announce(mine.pk, Job.State.CANCELLED)
        else:
            mine.request_cancel()
    progress.change(mine.pk)
