"""The queue of copies: who asked for one, who works on it, and what becomes of it when a worker dies."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog
from celery import current_app
from django.conf import settings
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from generation import fair_shares
from generation.files import storing
from image2.lib.storage.pieces import TakesPieces
from privacy.export import sharing
from privacy.models import Export, ExportDraft, ExportPart, ExportPlan

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

LANE: Final = "cpu"
LEASE_SECONDS: Final = 30
_EXPIRES_SECONDS: Final = 60
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=10)
_MOST_REFUSALS: Final = 60  # about nine hours


def current(user: User) -> Export | None:
    """Return the newest copy of this person, whatever became of it."""
    return Export.objects.visible_to(user).order_by("-created_at", "-pk").first()


def start(user: User) -> Export:
    """Order a copy; the one that is being made or kept, if there is one. Raises fair_shares.OverShare."""
    fair_shares.take(sharing.SHARE, caller=user.pk)
    one = Export.objects.visible_to(user).filter(state__in=(*Export.LIVE, Export.State.DONE))
    try:
        with transaction.atomic():
            export = one.first() or Export.objects.create(user=user)
    except IntegrityError:  # another tab was first
        export = one.get()
    notify()
    return export


def remove(export: Export) -> None:
    """Stop a copy that is being made, or remove one that is there: its files go to the outbox of deletions."""
    with transaction.atomic():
        _end(Export.objects.filter(pk=export.pk, state__in=Export.LIVE), export, Export.State.CANCELLED)
        done = Export.objects.filter(pk=export.pk, state=Export.State.DONE)
        if done.update(state=Export.State.REMOVED):
            _discard_parts(export)


def notify() -> None:
    """Tell the workers, once the transaction has committed, that something waits. Never raises.

    The sweep tells again.
    """
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    try:
        current_app.send_task(
            "privacy.export", queue=LANE, expires=_EXPIRES_SECONDS, ignore_result=True, retry=False
        )
    except Exception:
        log.warning("export.notice_lost", exc_info=True)


def claim() -> Export | None:
    """Take the one whose last turn is the longest ago, leased and with a new fence; None when nothing is due."""
    due = Export.objects.filter(state=Export.State.QUEUED, not_before__lte=Now(), user__isnull=False)
    for pk in due.order_by("not_before", "pk").values_list("pk", flat=True)[:10]:
        taken = Export.objects.filter(pk=pk, state=Export.State.QUEUED).update(
            state=Export.State.RUNNING,
            fence=F("fence") + 1,
            lease_owner=f"{socket.gethostname()}:{os.getpid()}"[:120],
            lease_until=Now() + timedelta(seconds=LEASE_SECONDS),
        )
        if taken:
            return Export.objects.select_related("user").filter(pk=pk).first()
    return None


def held(export: Export) -> QuerySet[Export]:
    """Return the row as long as this worker has it."""
    return Export.objects.filter(
        pk=export.pk, state=Export.State.RUNNING, fence=export.fence, user__isnull=False
    )


def release(export: Export, *, done: int) -> bool:
    """Let the next turn go on with it; False when it is somebody else's, or was stopped."""
    return bool(held(export).update(**_QUEUED, not_before=Now(), attempts=0, refusals=0, done=done))


def postpone(export: Export) -> None:
    """Try again a little later, since a service that it needs doesn't answer; fail after half a day of that."""
    if export.refusals + 1 >= _MOST_REFUSALS:
        fail(export, _("Storage didn't answer for hours. Make a new copy later."))
        return
    pause = min(_FIRST_PAUSE * 2 ** min(export.refusals, 10), _LONGEST_PAUSE)
    held(export).update(**_QUEUED, not_before=Now() + pause, refusals=F("refusals") + 1)


def finish(export: Export) -> bool:
    """End it well; False when it is somebody else's, or was stopped."""
    return bool(
        held(export).update(
            state=Export.State.DONE, lease_owner="", lease_until=None, finished_at=Now(), done=F("of")
        )
    )


def fail(export: Export, sentence: str) -> None:
    """End it with a sentence for its owner; nothing of it stays in storage."""
    with transaction.atomic():
        _end(held(export), export, Export.State.FAILED, sentence)


def take_back(export: Export) -> None:
    """Queue a copy again whose worker died; the third time without any progress it fails."""
    expired = Export.objects.filter(
        pk=export.pk, state=Export.State.RUNNING, fence=export.fence, lease_until__lt=Now()
    )
    if export.attempts + 1 >= settings.JOB_LOST_ATTEMPTS:
        with transaction.atomic():
            sentence = _(
                "The server was stopped several times while it made your copy. Make a new one later."
            )
            _end(expired, export, Export.State.FAILED, sentence)
    else:
        expired.update(**_QUEUED, not_before=Now(), attempts=F("attempts") + 1, fence=F("fence") + 1)
    log.warning("export.lost", export=str(export.pk), attempts=export.attempts + 1)


def forget(export: Export) -> None:
    """Delete a copy with its row: nobody is left to whom it belongs, or its time is over.

    A part in hand has to be abandoned before: its row goes too.
    """
    with transaction.atomic():
        _discard_parts(export)
        export.delete()


def storage() -> TakesPieces:
    """Return the site's storage, which has to take objects in pieces."""
    found = storages["default"]
    assert isinstance(found, TakesPieces)
    return found


def abandon(draft: ExportDraft) -> None:
    """Remove a part that isn't finished. Its pieces go first: the row is how they are found after a kill."""
    storage().abandon(draft.key)
    with transaction.atomic():
        # Its writer may have been killed after the last piece, before the row that publishes it.
        storing.discard_keys([draft.key])
        draft.delete()


def published(keys: set[str]) -> set[str]:
    """Return those of these keys that are parts of a copy: storage is never cleared of them."""
    return set(ExportPart.objects.filter(key__in=keys).values_list("key", flat=True))


def _end(rows: QuerySet[Export], export: Export, state: str, sentence: str = "") -> None:
    """The fence is raised, so that a worker which still writes publishes nothing.

    The sweep abandons the part in hand.
    """
    ended = rows.update(
        state=state,
        sentence=sentence[:300],
        lease_owner="",
        lease_until=None,
        fence=F("fence") + 1,
        finished_at=Now(),
        # Nobody has to be told of what they stopped.
        mailed_at=Now() if state == Export.State.CANCELLED else None,
    )
    if ended:
        _discard_parts(export)


def _discard_parts(export: Export) -> None:
    ExportPlan.objects.filter(export=export.pk).delete()
    parts = ExportPart.objects.filter(export=export.pk)
    storing.discard_keys(list(parts.values_list("key", flat=True)))
    parts.delete()


_QUEUED: Final[dict[str, Any]] = {"state": Export.State.QUEUED, "lease_owner": "", "lease_until": None}
