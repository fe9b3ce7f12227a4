"""Uploads that nothing uses are deleted after UPLOAD_UNUSED_DAYS: which, when, and the beat's task.

An upload is in use while a picture that was made from it exists (also in the trash) or a job that starts from it is
waiting or running.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from generation.models import Job, Lineage, Upload
from generation.pictures import references, trash

log = structlog.get_logger(__name__)

MOST: Final = 1000
# Masks and parts of documents are kept for one job: without one, nobody will ever use or see them.
_UNLISTED: Final = timedelta(days=1)


def expire(now: datetime, limit: int = MOST) -> int:
    """Delete unused uploads that are due; return how many. Called by the beat; may be killed anywhere."""
    before = now - timedelta(days=settings.UPLOAD_UNUSED_DAYS)
    pictures = Lineage.objects.filter(upload=OuterRef("pk"))
    due = (
        Upload.objects.filter(~Exists(pictures), deleted_at=None, taken_down_at=None)
        .filter(Q(used_at__lte=before) | Q(used_at__lte=now - _UNLISTED, is_listed=False))
        .exclude(pk__in=references.uploads_of_live_jobs())
        .select_related("owner")
        .order_by("owner", "pk")[:limit]
    )
    gone = 0
    for owner, uploads in groupby(due, attrgetter("owner")):
        gone += trash.delete_uploads(user=owner, uploads=[upload.pk for upload in uploads], at=now)
    if gone:
        log.info("uploads.expired", count=gone)
    return gone


def ends_at(upload: Upload, used: Collection[UUID]) -> datetime | None:
    """Return when this upload is deleted if nothing uses it; None for one in use. ``used`` comes from `in_use`."""
    return None if upload.pk in used else upload.used_at + timedelta(days=settings.UPLOAD_UNUSED_DAYS)


def in_use(uploads: Collection[Upload]) -> set[UUID]:
    """Return those of these uploads that a picture or a live job uses."""
    ids = {upload.pk for upload in uploads}
    made = Lineage.objects.filter(upload__in=ids).values_list("upload_id", flat=True)
    jobs = Job.objects.filter(owner__in={upload.owner_id for upload in uploads})
    return {pk for pk in made if pk is not None} | (ids & references.uploads_of_live_jobs(jobs))
