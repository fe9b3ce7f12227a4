"""The queue of the editor's work: what waits, who works on it, and what becomes of it when a worker dies."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext as _

from editor.models import Asset, Document, Generation, Run

log = structlog.get_logger(__name__)

LANE: Final = "cpu"
LEASE_SECONDS: Final = 30
# A document that is being drawn in is replayed this long after a change, or at once when so many are new.
QUIET: Final = timedelta(seconds=20)
SNAPSHOT_EVERY: Final = 64
ORDER: Final = (Run.Kind.GENERATE, Run.Kind.EXPORT, Run.Kind.FLATTEN, Run.Kind.REPLAY, Run.Kind.CHECK)
KEPT: Final = timedelta(days=1)
_EXPIRES_SECONDS: Final = 60


def queue_replay(document: Document) -> None:
    """Have the document's snapshots and thumbnail follow its head, soon. Call it in the transaction of the change."""
    due = timezone.now()
    if document.seq - document.replayed_seq < SNAPSHOT_EVERY and document.replayed_seq:
        due += QUIET
    waiting = Run.objects.filter(document=document, kind=Run.Kind.REPLAY, state=Run.State.QUEUED)
    head = document.head
    assert head is not None
    if not waiting.update(operation=head):
        Run.objects.create(document=document, kind=Run.Kind.REPLAY, operation=head, not_before=due)
    elif due <= timezone.now():
        waiting.update(not_before=due)
    if due <= timezone.now():
        notify()


def queue(document: Document, kind: Run.Kind, operation: UUID, **fields: Any) -> Run:
    """Add work on a document."""
    run = Run.objects.create(document=document, kind=kind, operation=operation, **fields)
    notify()
    return run


class Lost(Exception):
    """Somebody else has the run by now, or nobody wants it any more."""


def notify() -> None:
    """Tell the workers, once the transaction has committed, that something waits. Never raises: `sweep` tells again."""
    transaction.on_commit(_send, robust=True)


def _send() -> None:
    try:
        current_app.send_task(
            "editor.work", queue=LANE, expires=_EXPIRES_SECONDS, ignore_result=True, retry=False
        )
    except Exception:
        log.warning("editor.notice_lost", exc_info=True)


def claim() -> Run | None:
    """Take the next run, leased and with a new fence; None when nothing is due.

    What somebody waits for goes first, and checks last. Of one kind, who had the fewest turns in the last minute comes
    first, so that nobody's many documents hold up somebody else's one.
    """
    of_owner = Run.objects.filter(document__owner=OuterRef("document__owner"), kind=OuterRef("kind"))
    served = of_owner.filter(
        Q(state=Run.State.RUNNING) | Q(finished_at__gte=timezone.now() - timedelta(minutes=1))
    )
    turns = served.order_by().values("document__owner").annotate(turns=Count("pk")).values("turns")
    due = Run.objects.filter(state=Run.State.QUEUED, not_before__lte=Now()).annotate(
        rank=Case(*(When(kind=kind, then=rank) for rank, kind in enumerate(ORDER)), default=len(ORDER)),
        turns=Coalesce(Subquery(turns), 0),
    )
    for pk in due.order_by("rank", "turns", "not_before", "pk").values_list("pk", flat=True)[:10]:
        taken = Run.objects.filter(pk=pk, state=Run.State.QUEUED).update(
            state=Run.State.RUNNING,
            fence=F("fence") + 1,
            lease_owner=f"{socket.gethostname()}:{os.getpid()}"[:120],
            lease_until=Now() + timedelta(seconds=LEASE_SECONDS),
        )
        if taken:
            return Run.objects.select_related("document", "document__owner").get(pk=pk)
    return None


def progress(run: Run, *, done: int, of: int) -> None:
    """Say how far it is; nothing once the lease is lost."""
    _held(run).update(done=done, of=of)


def release(run: Run) -> None:
    """Let somebody go on with it: its snapshots are kept, so that nothing is done twice."""
    changes = {"state": Run.State.QUEUED, "lease_owner": "", "lease_until": None, "not_before": Now()}
    if run.kind == Run.Kind.REPLAY and _other_waits(run):
        changes |= {"state": Run.State.DONE, "finished_at": Now()}
    _held(run).update(**changes)
    notify()


def finish(
    run: Run,
    *,
    failed: str = "",
    note: str = "",
    picture: UUID | None = None,
    made: UUID | None = None,
    file: Asset | None = None,
) -> bool:
    """End it, with a sentence when it failed or left something out; False when somebody else has it now."""
    with transaction.atomic():
        ended = _held(run).update(
            state=Run.State.FAILED if failed else Run.State.DONE,
            sentence=(failed or note)[:200],
            picture=picture,
            made=made,
            file=file,
            lease_owner="",
            lease_until=None,
            finished_at=Now(),
        )
        if ended and failed:
            _fail_order(run, failed)
    return bool(ended)


def sweep() -> None:
    """Called by the beat: requeue or fail work whose worker died, delete old rows, and notify workers of due work."""
    for run in Run.objects.filter(state=Run.State.RUNNING, lease_until__lt=Now())[:100]:
        _take_back(run)
    Run.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()
    if Run.objects.filter(state=Run.State.QUEUED, not_before__lte=Now()).exists():
        notify()


def _take_back(run: Run) -> None:
    expired = Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, fence=run.fence, lease_until__lt=Now())
    changes: dict[str, Any] = {"lease_owner": "", "lease_until": None, "fence": F("fence") + 1}
    if run.attempts + 1 >= settings.JOB_LOST_ATTEMPTS or (run.kind == Run.Kind.REPLAY and _other_waits(run)):
        sentence = _("The server was stopped several times while it worked on this. Try again later.")
        changes |= {"state": Run.State.FAILED, "sentence": sentence, "finished_at": Now()}
    else:
        changes |= {"state": Run.State.QUEUED, "not_before": Now()}
    with transaction.atomic():
        taken = expired.update(attempts=F("attempts") + 1, **changes)
        if taken and "sentence" in changes:
            _fail_order(run, changes["sentence"])
    if taken:
        log.warning("editor.run_lost", run=str(run.pk), kind=run.kind, attempts=run.attempts + 1)


def _fail_order(run: Run, sentence: str) -> None:
    """An order that a worker could not prepare has failed too; nothing was held for it yet."""
    if run.generation_id is None:
        return
    waiting = Generation.objects.filter(pk=run.generation_id, state=Generation.State.PREPARING)
    whole = _("%(sentence)s You were not charged.") % {"sentence": sentence}
    waiting.update(state=Generation.State.FAILED, sentence=whole[:300], finished_at=Now())


def _held(run: Run) -> Any:
    return Run.objects.filter(pk=run.pk, state=Run.State.RUNNING, fence=run.fence)


def _other_waits(run: Run) -> bool:
    waiting = Run.objects.filter(document=run.document_id, kind=run.kind, state=Run.State.QUEUED)
    return waiting.exclude(pk=run.pk).exists()
