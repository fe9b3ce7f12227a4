"""Recover jobs whose worker died: requeue them, fail those that expired too often, and notify every waiting lane."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from billing import ledger
from generation.jobs import notify, outcomes, progress, switching
from generation.jobs.failures import Failure
from generation.models import Job

log = structlog.get_logger(__name__)

_BATCH = 100


def sweep() -> None:
    """Requeue or end the jobs whose lease expired, then notify every lane that has queued jobs. Called by the beat."""
    expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()).order_by("lease_until")
    for job in expired[:_BATCH]:
        _recover(job)
    switching.sweep()
    waiting = Job.objects.filter(state=Job.State.QUEUED).values_list("lane", flat=True).distinct()
    for lane in waiting.order_by("lane"):
        notify.send(lane)


def _recover(job: Job) -> None:
    with transaction.atomic():
        # It ends when its last attempt expired, or when its owner cancelled it before its worker died.
        if job.cancel_requested_at is not None:
            _end(job, Job.State.CANCELLED)
        elif job.attempts + 1 >= settings.JOB_LOST_ATTEMPTS:
            _end(job, Job.State.FAILED, error_code=Failure.LOST)
        else:
            job.requeue_expired()
    progress.change(job.pk, stage="", step=0, of=0, picture=0)
    log.warning("job.lost", job_id=str(job.pk), attempts=job.attempts + 1, worker=job.lease_owner)


def _end(job: Job, state: Job.State, *, error_code: str = "") -> None:
    if job.end_expired(state, error_code=error_code):
        if job.price:
            ledger.release(ref=job.hold_ref)
        outcomes.announce(job.pk, state)
