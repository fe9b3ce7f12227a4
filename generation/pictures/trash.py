"""The trash: delete and restore pictures, and purge what was in it too long, with every file."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from generation.files import storing
from generation.models import File, Job, Picture, Upload
from generation.pictures import references, request_deletion
from generation.search import index

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

# Rows in one transaction: few enough that a request never waits long for a lock.
BATCH: Final = 100
# How long the deletion of an upload, or of a result that was never in the history, can be undone.
UNDO: Final = timedelta(hours=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def delete(*, user: User, pictures: Collection[UUID], at: datetime | None = None) -> int:
    """Move pictures of this person to the trash; return how many. Others' and unknown ones are ignored.

    All of them get the same time (``at``, or now), which identifies the act, so that ``undo`` can revert it.
    """
    mine, moment = Picture.objects.visible_to(user), at or timezone.now()
    return sum(mine.filter(pk__in=some).update(deleted_at=moment) for some in _in_batches(pictures))


def act_at(moment: datetime) -> int:
    """Return the number of the act at this time: microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def undo(*, user: User, act: int) -> int:
    """Restore what this person deleted in one act; return how many."""
    try:
        moment = _EPOCH + act * _MICROSECOND
    except OverflowError:
        return 0
    thrown = Picture.objects.in_trash_of(user).filter(deleted_at=moment)
    return restore(user=user, pictures=list(thrown.values_list("pk", flat=True)))


def restore(*, user: User, pictures: Collection[UUID]) -> int:
    """Restore pictures of this person from the trash; return how many."""
    thrown = Picture.objects.in_trash_of(user)
    return sum(thrown.filter(pk__in=some).update(deleted_at=None) for some in _in_batches(pictures))


def delete_uploads(*, user: User, uploads: Collection[UUID], at: datetime | None = None) -> int:
    """Delete uploads of this person; return how many. ``at`` (or now) identifies the act, as in ``delete``.

    They aren't shown in the trash: their files are deleted after UNDO, or sooner when their space is needed. A job
    that was submitted before still gets its reference.
    """
    mine, moment = Upload.objects.visible_to(user), at or timezone.now()
    return sum(mine.filter(pk__in=some).update(deleted_at=moment) for some in _in_batches(uploads))


def undo_uploads(*, user: User, act: int) -> list[UUID]:
    """Restore the uploads that were deleted in one act, while their files exist; return which."""
    try:
        moment = _EPOCH + act * _MICROSECOND
    except OverflowError:
        return []
    with transaction.atomic():
        rows = Upload.objects.in_trash_of(user).filter(deleted_at=moment).select_for_update()
        ids = list(rows.values_list("pk", flat=True))
        # Unused ones get their full time again.
        Upload.objects.filter(pk__in=ids).update(deleted_at=None, used_at=timezone.now())
    return ids


def purge_uploads(*, user: User) -> int:
    """Purge this person's deleted uploads now, since their space is needed; return how many."""
    gone = 0
    while purged := _purge_uploads(Upload.objects.in_trash_of(user), BATCH):
        gone += purged
    return gone


def empty(*, user: User) -> int:
    """Purge this person's whole trash now; return how many pictures."""
    gone = 0
    while purged := _purge_pictures(Picture.objects.in_trash_of(user), BATCH):
        gone += purged
    return gone


def purge(*, user: User, pictures: Collection[UUID]) -> int:
    """Purge these pictures from the trash now; return how many."""
    thrown = Picture.objects.in_trash_of(user)
    return sum(_purge_pictures(thrown.filter(pk__in=some), BATCH) for some in _in_batches(pictures))


def purge_job(*, user: User, job: Job) -> int:
    """Purge everything that an ended job of this person made, also what isn't in the trash; return how many pictures.

    Its prompt and settings go with the last one. Raises request_deletion.StillLive, and HasPictures when somebody else
    has one of them in hand at this moment.
    """
    mine = Job.objects.visible_to(user).get(pk=job.pk)
    if mine.is_live:
        raise request_deletion.StillLive
    gone = 0
    while purged := _purge_pictures(Picture.objects.owned_by(user).filter(job=mine), BATCH):
        gone += purged
    request_deletion.delete_job(user=user, job=mine)
    return gone


def purge_any(pictures: QuerySet[Picture], limit: int) -> int:
    """Let go of up to so many of these pictures, wherever they lie; return how many."""
    gone = 0
    while gone < limit and (purged := _purge_pictures(pictures, min(BATCH, limit - gone))):
        gone += purged
    return gone


def purge_any_uploads(uploads: QuerySet[Upload], limit: int) -> int:
    """Let go of up to so many of these uploads, wherever they lie; return how many."""
    gone = 0
    while gone < limit and (purged := _purge_uploads(uploads, min(BATCH, limit - gone))):
        gone += purged
    return gone


def purge_due(now: datetime, limit: int = 1000) -> int:
    """Purge pictures after TRASH_DAYS in the trash, and deleted uploads and results after UNDO; return how many.

    Called by the beat. Each batch is its own transaction: after a kill, the next call continues.
    """
    before = now - timedelta(days=settings.TRASH_DAYS)
    gone = 0
    while gone < limit:
        some = min(BATCH, limit - gone)
        purged = _purge_pictures(Picture.objects.filter(deleted_at__lte=before), some)
        purged = purged or _purge_pictures(_thrown_away(now - UNDO), some)
        purged = purged or _purge_uploads(Upload.objects.filter(deleted_at__lte=now - UNDO), some)
        if not purged:
            break
        gone += purged
    if gone:
        log.info("trash.purged", count=gone)
    return gone


def _thrown_away(before: datetime) -> QuerySet[Picture]:
    """Results of the editor that nobody took back; those that a live job starts from stay until it has ended."""
    thrown = Picture.objects.filter(kept=False, deleted_at__lte=before)
    return thrown.exclude(pk__in=references.pictures_of_live_jobs())


def _purge_pictures(pictures: QuerySet[Picture], limit: int) -> int:
    """Delete up to `limit` pictures and queue their files for deletion, in one transaction.

    A job's prompt is deleted with its last picture. What was made from them keeps the fact that it
    had a parent (the foreign key of its lineage becomes null).
    """
    with transaction.atomic():
        ids = _locked(pictures.order_by("deleted_at", "pk"), limit)
        # Uploads that nothing else uses get their full time from now on.
        Upload.objects.filter(children__child__in=ids).update(used_at=timezone.now())
        gone = Picture.objects.filter(pk__in=ids)
        jobs = request_deletion.lock(gone.filter(job__isnull=False).values_list("job", flat=True))
        storing.discard_files(File.objects.filter(picture__in=ids))
        index.forget(ids)
        gone.delete()
        request_deletion.delete_of_purged(jobs)
    return len(ids)


def _purge_uploads(uploads: QuerySet[Upload], limit: int) -> int:
    """The same for uploads. Recipes keep the fact that there was one; live jobs keep the upload until they end."""
    uploads = uploads.exclude(pk__in=references.uploads_of_live_jobs())
    with transaction.atomic():
        ids = _locked(uploads.order_by("deleted_at", "pk"), limit)
        storing.discard_files(File.objects.filter(upload__in=ids))
        Upload.objects.filter(pk__in=ids).delete()
    return len(ids)


def _locked(rows: QuerySet[Picture] | QuerySet[Upload], limit: int) -> list[UUID]:
    """Return ids that nobody can restore meanwhile: locked on PostgreSQL; SQLite has one writer at a time."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows.values_list("pk", flat=True)[:limit])


def _in_batches(ids: Collection[UUID]) -> list[list[UUID]]:
    every = list(ids)
    return [every[at : at + BATCH] for at in range(0, len(every), BATCH)]
