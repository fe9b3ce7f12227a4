"""What the editor ordered: pictures that wait, shown in no list, until they are used or kept; then they are like any.

They are named as every picture is in a request (``picture:…``), and were charged when they were made.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.conf import settings
from django.utils import timezone

from generation.models import Job, Picture
from generation.models.pictures import PictureQuerySet
from generation.pictures import references, trash
from generation.pictures.references import ReferenceGone

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)


def of_job(*, user: User, job: Job) -> PictureQuerySet:
    """Return what a job of this person made and still is there, waiting or not, in its order."""
    return of_jobs(user=user, jobs=[job.pk])


def of_jobs(*, user: User, jobs: Collection[UUID]) -> PictureQuerySet:
    """Return the same of several jobs."""
    return Picture.objects.available_to(user).filter(job__in=jobs).order_by("job", "index")


def keep(*, user: User, reference: str) -> Picture:
    """Put a result into the history; one that is there already stays. Raises ReferenceGone, also for a mask."""
    found = references.find(user=user, reference=reference)
    if not isinstance(found, Picture) or (found.job and found.job.kind == Job.Kind.SEGMENT):
        raise ReferenceGone
    if not Picture.objects.available_to(user).filter(pk=found.pk).update(kept=True):
        raise ReferenceGone  # it went meanwhile
    found.kept = True
    return found


def discard(*, user: User, pictures: Collection[UUID]) -> int:
    """Let go of those of these results that were neither used nor kept, for good; return how many."""
    mine = Picture.objects.available_to(user).filter(pk__in=pictures, kept=False)
    return trash.purge_any(mine.exclude(pk__in=references.pictures_of_live_jobs()), len(pictures))


def throw_away(*, user: User, pictures: Collection[UUID]) -> int:
    """Take these results off every list; return how many. `trash.purge_due` deletes them after `trash.UNDO`.

    Those in the history go to the trash.
    """
    waiting = Picture.objects.available_to(user).filter(pk__in=pictures, kept=False)
    gone = waiting.update(deleted_at=timezone.now())
    return gone + trash.delete(user=user, pictures=pictures)


def take_back(*, user: User, pictures: Collection[UUID]) -> int:
    """Undo `throw_away`, as long as they are there; return how many."""
    thrown = Picture.objects.thrown_away_of(user).filter(pk__in=pictures)
    return thrown.update(deleted_at=None) + trash.restore(user=user, pictures=pictures)


def expire(now: datetime, limit: int = 1000) -> int:
    """Let go of results that were neither used nor kept for RESULT_DAYS; return how many. A task of the beat.

    Those that a waiting or running job starts from stay until it has ended.
    """
    before = now - timedelta(days=settings.RESULT_DAYS)
    due = Picture.objects.filter(kept=False, deleted_at=None, created_at__lte=before)
    gone = trash.purge_any(due.exclude(pk__in=references.pictures_of_live_jobs()), limit)
    if gone:
        log.info("results.expired", count=gone)
    return gone
