"""Delete the requests of jobs: prompt, settings and previews. What accounting needs stays in the job's columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from generation.models import Job, JobPreview, Picture

if TYPE_CHECKING:
    from accounts.models import User
    from generation.models.jobs import JobQuerySet

log = structlog.get_logger(__name__)

BATCH: Final = 100


class StillLive(Exception):
    """The job is queued or running: cancel it first."""


class HasPictures(Exception):
    """The job has pictures; its request is deleted with the last of them."""


def delete_job(*, user: User, job: Job) -> None:
    """Delete the request of an ended job of ``user`` that has no pictures. Raises StillLive and HasPictures."""
    with transaction.atomic():
        lock([job.pk])
        mine = Job.objects.visible_to(user).get(pk=job.pk)
        if mine.is_live:
            raise StillLive
        if mine.pictures.exists():
            raise HasPictures
        _delete([mine.pk])


def lock(jobs: Iterable[UUID]) -> list[UUID]:
    """Lock these jobs until the transaction ends, and return their ids.

    Call it before pictures are deleted: of two transactions that each delete one of a job's last two pictures, the
    second then sees what the first one did. In the order of ids, so that they never wait for each other.
    """
    rows = Job.objects.filter(pk__in=set(jobs)).order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", flat=True))


def delete_of_purged(jobs: Collection[UUID]) -> int:
    """Delete the requests of those jobs that have no picture left; return how many. The caller has locked the jobs."""
    return _delete(list(_without_pictures().filter(pk__in=jobs).values_list("pk", flat=True)))


def delete_due(now: datetime, limit: int = 1000) -> int:
    """Delete the requests of jobs that ended TRASH_DAYS ago without a picture; return how many.

    No list shows such a job any more, so nobody would ever delete it. Each batch is its own transaction.
    """
    before = now - timedelta(days=settings.TRASH_DAYS)
    without = (Job.State.FAILED, Job.State.CANCELLED)
    due = _without_pictures().filter(state__in=without, request_deleted_at=None, finished_at__lte=before)
    forgotten = 0
    while forgotten < limit:
        with transaction.atomic():
            ids = lock(due.order_by("finished_at").values_list("pk", flat=True)[:BATCH])
            _delete(ids)
        if not ids:
            break
        forgotten += len(ids)
    if forgotten:
        log.info("jobs.words_deleted", count=forgotten)
    return forgotten


def _without_pictures() -> JobQuerySet:
    return Job.objects.exclude(state__in=Job.LIVE).exclude(Exists(Picture.objects.filter(job=OuterRef("pk"))))


def _delete(ids: Collection[UUID]) -> int:
    """Delete the requests of these jobs, and of failed ones that these retried: the prompt is the same."""
    every = set(ids)
    found: Collection[UUID] = every
    while found:
        found = _retried(found) - every
        every |= found
    JobPreview.objects.filter(job__in=every).delete()
    with_words = Job.objects.filter(pk__in=every, request_deleted_at=None)
    return with_words.update(request={}, batch_key="", request_deleted_at=Now())


def _retried(jobs: Collection[UUID]) -> set[UUID]:
    """Return the jobs that these retried. A key comes with a form, so it may name a stranger's job."""
    keys = Job.objects.filter(pk__in=jobs).values_list("idempotency_key", "owner")
    named = {(Job.retried_by(key), owner) for key, owner in keys}
    ended = _without_pictures().filter(pk__in=[job for job, _owner in named if job])
    return {job for job, owner in ended.values_list("pk", "owner") if (job, owner) in named}
