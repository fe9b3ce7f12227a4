"""Takes back jobs whose worker died, gives up on those lost too often, and rings for whatever waits."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from billing import ledger
from generation import doorbell, progress
from generation.failures import Failure
from generation.models import Job

log = structlog.get_logger(__name__)

_BATCH = 100


def sweep() -> None:
    """One turn of the beat: jobs whose lease ran out are queued again or failed; every lane with work hears a bell."""
    expired = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()).order_by("lease_until")
    for job in expired[:_BATCH]:
        _take_back(job)
    waiting = Job.objects.filter(state=Job.State.QUEUED).values_list("lane", flat=True).distinct()
    for lane in waiting.order_by("lane"):
        doorbell.ring(lane)


def _take_back(job: Job) -> None:
    with transaction.atomic():
        # Lost for the last time, or asked to stop by a person whose worker then died: it ends here.
        if job.cancel_requested_at is not None:
            ended = _end_expired(job, Job.State.CANCELLED, "")
        elif job.attempts + 1 >= settings.JOB_LOST_ATTEMPTS:
            ended = _end_expired(job, Job.State.FAILED, Failure.LOST)
        else:
            ended = False
            _queue_again(job)
        if ended:
            ledger.release(ref=job.hold_ref)
    progress.change(job.pk, stage="", step=0, of=0, picture=0)
    log.warning("job.lost", job_id=str(job.pk), attempts=job.attempts + 1, worker=job.lease_owner)


def _expired(job: Job) -> dict[str, object]:
    # The fence again: between reading and writing the worker may have renewed its lease or another one taken the job.
    return {"pk": job.pk, "state": Job.State.RUNNING, "fence": job.fence, "lease_until__lt": Now()}


def _end_expired(job: Job, state: Job.State, error_code: str) -> bool:
    rows = Job.objects.filter(**_expired(job)).update(
        state=state,
        error_code=error_code,
        attempts=F("attempts") + 1,
        fence=F("fence") + 1,
        finished_at=Now(),
        lease_owner="",
        lease_until=None,
    )
    return bool(rows)


def _queue_again(job: Job) -> None:
    Job.objects.filter(**_expired(job)).update(
        state=Job.State.QUEUED,
        attempts=F("attempts") + 1,
        fence=F("fence") + 1,
        lease_owner="",
        lease_until=None,
        started_at=None,
    )
