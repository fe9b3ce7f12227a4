"""Delete objects from storage: those in the outbox, and those that no row ever published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generation.files import storing
from generation.models import File, StorageDeletion

log = structlog.get_logger(__name__)

BATCH: Final = 200
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(days=1)
# Folders of these days are read on every run, older ones once in so many days, so that a run takes about the same
# time however many years there are.
_RECENT: Final = timedelta(days=3)
_ROUND: Final = 30
# Original uploads, with their metadata, aren't kept any more. A process of the previous version may store one during an
# update, after the migration that deleted them, so this folder is swept whatever a row says.
RETIRED: Final = "original"
_FOLDERS: Final = (*storing.KINDS, RETIRED)


def delete_due(limit: int = 1000, *, seconds: float = float("inf")) -> int:
    """Delete the objects of the outbox that are due, for so many seconds at most; return how many.

    Called by the beat. Deleting twice is harmless, so nothing is locked, and a run that is killed loses nothing.
    """
    gone = 0
    seen = 0
    end = time.monotonic() + seconds
    for number, deletion in enumerate(_due(limit)):
        seen = number + 1
        gone += _delete(deletion)
        if time.monotonic() > end:
            break
    if seen:
        log.info("storage.deleted", count=gone, failed=seen - gone)
    return gone


def sweep_unreferenced(older_than: timedelta = timedelta(days=1), *, now: datetime | None = None) -> int:
    """Put objects without a row, older than this, into the outbox; return how many. Called by the beat.

    They are left by attempts that were killed between storing and publishing.
    """
    moment = now or timezone.now()
    days = {
        day for day in _days() if moment.date() - day <= _RECENT or day.toordinal() % _ROUND == _turn(moment)
    }
    return _sweep(moment - older_than, days)


def sweep_everything(older_than: timedelta = timedelta(days=1), *, now: datetime | None = None) -> int:
    """Do the same for all days: for the operator, for example after restoring a backup."""
    return _sweep((now or timezone.now()) - older_than, set(_days()))


def count_unreferenced(older_than: timedelta = timedelta(days=1)) -> int:
    """Return how many objects `sweep_everything` would put into the outbox."""
    before = timezone.now() - older_than
    return sum(len(keys) for folder in _folders(set(_days()), before) for keys in _unreferenced(folder))


def _due(limit: int) -> Iterator[StorageDeletion]:
    """Yield rows in the order they are due, each once, even when its deletion fails."""
    now = timezone.now()
    last: tuple[datetime, int] | None = None
    while limit > 0:
        rows = StorageDeletion.objects.filter(due_at__lte=now).order_by("due_at", "pk")
        if last is not None:
            rows = rows.filter(due_at__gte=last[0]).exclude(due_at=last[0], pk__lte=last[1])
        batch = list(rows[: min(BATCH, limit)])
        if not batch:
            return
        limit -= len(batch)
        last = (batch[-1].due_at, batch[-1].pk)
        yield from batch


def _delete(deletion: StorageDeletion) -> bool:
    # A key that a row publishes stays, whatever the outbox says.
    if not storing.published({deletion.key}):
        try:
            default_storage.delete(deletion.key)
        except storing.StorageError as error:
            pause = min(_FIRST_PAUSE * 2 ** min(deletion.attempts, 20), _LONGEST_PAUSE)
            log.warning(
                "storage.deletion_failed", key=deletion.key, attempts=deletion.attempts, error=str(error)
            )
            later = timezone.now() + pause
            rows = StorageDeletion.objects.filter(pk=deletion.pk, attempts__lt=1000)
            rows.update(attempts=F("attempts") + 1, due_at=later)
            return False
    deletion.delete()
    return True


def _sweep(before: datetime, days: set[date]) -> int:
    found = 0
    for folder in _folders(days, before):
        if folder.startswith(f"{RETIRED}/"):
            _discard_published(folder)
        for keys in _unreferenced(folder):
            storing.discard_keys(sorted(keys))
            found += len(keys)
    if found:
        log.info("storage.swept", count=found)
    return found


def _discard_published(folder: str) -> None:
    names = default_storage.listdir(folder)[1]
    for at in range(0, len(names), BATCH):
        with transaction.atomic():
            keys = [f"{folder}/{name}" for name in names[at : at + BATCH]]
            storing.discard_files(File.objects.filter(key__in=keys, role=RETIRED))


def _unreferenced(folder: str) -> Iterator[set[str]]:
    names = default_storage.listdir(folder)[1]
    for at in range(0, len(names), BATCH):
        keys = {f"{folder}/{name}" for name in names[at : at + BATCH]}
        keys -= storing.published(keys)
        yield keys - set(StorageDeletion.objects.filter(key__in=keys).values_list("key", flat=True))


def _folders(days: set[date], before: datetime) -> Iterator[str]:
    for kind in _FOLDERS:
        for day in sorted(days):
            yield from _hours(kind, day, before)


def _days() -> Iterator[date]:
    for kind in _FOLDERS:
        for name in default_storage.listdir(kind)[0]:
            try:
                yield datetime.strptime(name, "%Y%m%d").replace(tzinfo=UTC).date()
            except ValueError:
                log.warning("storage.strange_folder", folder=f"{kind}/{name}")


def _hours(kind: str, day: date, before: datetime) -> Iterator[str]:
    """Return the folders of a day whose hour ended before the limit: all their objects are older."""
    for name in sorted(default_storage.listdir(f"{kind}/{day:%Y%m%d}")[0]):
        if name.isdecimal() and int(name) < 24:
            end = datetime(day.year, day.month, day.day, int(name), tzinfo=UTC) + timedelta(hours=1)
            if end <= before:
                yield f"{kind}/{day:%Y%m%d}/{name}"


def _turn(moment: datetime) -> int:
    return moment.date().toordinal() % _ROUND
