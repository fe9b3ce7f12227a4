"""Throwing pictures away, taking them back, and what is left in the trash too long: gone, with every file."""

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

from generation import storing
from generation.models import File, Picture, Upload

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

# Rows of one transaction: short enough that a request never waits long for a lock.
BATCH: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def delete(*, user: User, pictures: Collection[UUID], at: datetime | None = None) -> int:
    """Throw pictures of this person into the trash; return how many. Others' and unknown ones are passed over.

    All of them carry the same moment (``at``, or now): it names the act, so that ``undo`` can take it back.
    """
    mine, moment = Picture.objects.visible_to(user), at or timezone.now()
    return sum(mine.filter(pk__in=some).update(deleted_at=moment) for some in _in_batches(pictures))


def act_at(moment: datetime) -> int:
    """The number of what was thrown away at this moment: its microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def undo(*, user: User, act: int) -> int:
    """Take out of the trash what this person threw away in one act; return how many came back."""
    try:
        moment = _EPOCH + act * _MICROSECOND
    except OverflowError:
        return 0
    thrown = Picture.objects.in_trash_of(user).filter(deleted_at=moment)
    return restore(user=user, pictures=list(thrown.values_list("pk", flat=True)))


def restore(*, user: User, pictures: Collection[UUID]) -> int:
    """Take pictures of this person out of the trash; return how many came back."""
    thrown = Picture.objects.in_trash_of(user)
    return sum(thrown.filter(pk__in=some).update(deleted_at=None) for some in _in_batches(pictures))


def delete_uploads(*, user: User, uploads: Collection[UUID]) -> int:
    """Throw uploads of this person away; they leave storage together with the trash of the same day."""
    mine = Upload.objects.visible_to(user)
    return sum(mine.filter(pk__in=some).update(deleted_at=timezone.now()) for some in _in_batches(uploads))


def empty(*, user: User) -> int:
    """Let go of everything in this person's trash now; return how many pictures."""
    gone = 0
    while purged := _purge_pictures(Picture.objects.in_trash_of(user), BATCH):
        gone += purged
    return gone


def purge(*, user: User, pictures: Collection[UUID]) -> int:
    """Let go of these pictures of the trash now; return how many."""
    thrown = Picture.objects.in_trash_of(user)
    return sum(_purge_pictures(thrown.filter(pk__in=some), BATCH) for some in _in_batches(pictures))


def purge_due(now: datetime, limit: int = 1000) -> int:
    """Let go of what has lain in the trash for TRASH_DAYS; return how many pictures and uploads.

    The task of the beat. Each batch is a transaction of its own: killed in the middle, the next turn carries on.
    """
    before = now - timedelta(days=settings.TRASH_DAYS)
    gone = 0
    while gone < limit:
        some = min(BATCH, limit - gone)
        purged = _purge_pictures(Picture.objects.filter(deleted_at__lte=before), some)
        purged = purged or _purge_uploads(Upload.objects.filter(deleted_at__lte=before), some)
        if not purged:
            break
        gone += purged
    if gone:
        log.info("trash.purged", count=gone)
    return gone


def _purge_pictures(pictures: QuerySet[Picture], limit: int) -> int:
    """The rows of up to `limit` pictures, their files into the outbox: in one transaction, so both or neither.

    What was made from them keeps the fact that it had a parent (the foreign key of its lineage becomes null).
    """
    with transaction.atomic():
        ids = _locked(pictures.order_by("deleted_at", "pk"), limit)
        storing.discard_files(File.objects.filter(picture__in=ids))
        Picture.objects.filter(pk__in=ids).delete()
    return len(ids)


def _purge_uploads(uploads: QuerySet[Upload], limit: int) -> int:
    with transaction.atomic():
        ids = _locked(uploads.order_by("deleted_at", "pk"), limit)
        storing.discard_files(File.objects.filter(upload__in=ids))
        Upload.objects.filter(pk__in=ids).delete()
    return len(ids)


def _locked(rows: QuerySet[Picture] | QuerySet[Upload], limit: int) -> list[UUID]:
    """Ids that nobody restores meanwhile: locked on PostgreSQL; SQLite has one writer at a time anyway."""
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows.values_list("pk", flat=True)[:limit])


def _in_batches(ids: Collection[UUID]) -> list[list[UUID]]:
    every = list(ids)
    return [every[at : at + BATCH] for at in range(0, len(every), BATCH)]
