"""What a worker does with one run: replay, compare, export, flatten.

Killed anywhere, the next one goes on from a snapshot.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from editor import assets, exporting, opening, replaying, runs
from editor.files import making
from editor.generating import preparing
from editor.log import snapshots
from editor.models import Asset, Document, Operation, Run
from editor.replaying import Stopped
from generation import edits
from generation.files import storing
from image2.lib import leases

log = structlog.get_logger(__name__)

# Other work of the lane waits meanwhile: longer than this, and the run goes on in another turn.
TURN_SECONDS: Final = 20.0
_PROGRESS_SECONDS: Final = 0.5


class _Enough(Exception):
    """This turn is over; what was done so far is in snapshots."""


def work() -> bool:
    """Do one run, and tell of the next; False when nothing was due."""
    run = runs.claim()
    if run is None:
        return False
    seconds = runs.LEASE_SECONDS

    def renewal() -> bool:
        return leases.renew(Run, run.pk, fence=run.fence, seconds=seconds)

    with leases.LeaseKeeper(renewal, every=seconds / 3) as keeper:
        _do(run, _Watch(run, keeper))
    runs.notify()
    return True


def _do(run: Run, watch: _Watch) -> None:
    try:
        _KINDS[run.kind](run, watch)
    except _Enough:
        runs.release(run)
    except snapshots.Unreadable:
        log.exception("editor.snapshot_lost", document=str(run.document_id))
        snapshots.forget(run.document)
        runs.release(run)
    except runs.Lost:
        log.warning("editor.run_taken", run=str(run.pk))
    except Stopped as stopped:
        _stopped(run, stopped)
    except (Document.DoesNotExist, Operation.DoesNotExist):
        runs.finish(run, failed=_("The document is not there any more."))
    except storing.StorageError:
        log.exception("editor.storage", run=str(run.pk))
        runs.finish(run, failed=_("Storage does not answer just now. Try again in a minute."))
    except Exception:
        log.exception("editor.failed", run=str(run.pk), kind=run.kind)
        runs.finish(run, failed=_("Something went wrong on our side. Nothing of your document is lost."))


class _Watch:
    """Says how far a run is, and ends its turn."""

    def __init__(self, run: Run, keeper: leases.LeaseKeeper) -> None:
        self._run, self._keeper = run, keeper
        self._begun = self._said = time.monotonic()

    def replaying(self, done: int, of: int) -> None:
        """Called at each operation. The first are always done, so that every turn gets somewhere."""
        if time.monotonic() - self._begun > TURN_SECONDS and done > replaying.SNAPSHOT_EVERY:
            raise _Enough
        self.say(done, 2 * of)

    def drawing(self, done: int, of: int) -> None:
        """Called at each row of tiles: the second half of the work."""
        self.say(of + done, 2 * of)

    def say(self, done: int, of: int) -> None:
        if self._keeper.lost.is_set():
            raise runs.Lost
        if time.monotonic() - self._said > _PROGRESS_SECONDS:
            self._said = time.monotonic()
            runs.progress(self._run, done=done, of=of)


def _replay(run: Run, watch: _Watch) -> None:
    """Bring snapshots and the thumbnail to the head that the document has now."""
    document = run.document
    assert document.head is not None
    head = document.head
    named = document.versions.filter(operation=head).exists()
    replay = replaying.replayed(document, head, on_progress=watch.replaying, last=named)
    with replay as state, exporting.work_folder() as folder:
        rendered = exporting.render(state, folder, watch.drawing)
        small = assets.keep(document, exporting.thumbnail(rendered, folder), Asset.Role.THUMBNAIL)
    with transaction.atomic():
        if not runs.finish(run):
            raise runs.Lost
        older = Asset.objects.filter(document=document, role=Asset.Role.THUMBNAIL).exclude(pk=small.pk)
        assets.discard(older)
        Document.objects.filter(pk=document.pk).update(
            replayed_seq=document.seq, good_head=head, stopped_at=None, stopped_because=""
        )


def _check(run: Run, watch: _Watch) -> None:
    with replaying.replayed(run.document, run.operation, on_progress=watch.replaying) as state:
        ours = state.digest()
    runs.finish(run)
    if ours != run.claimed_digest:
        # Never the person's loss: what the log says counts. An operator has to look at it, so it is an error.
        log.error(
            "editor.digests_differ",
            document=str(run.document_id),
            operation=str(run.operation),
            browser=run.claimed_digest,
            server=ours,
        )


def _export(run: Run, watch: _Watch) -> None:
    if run.format in making.FORMATS:
        _make_file(run, watch)
        return
    document = run.document
    replay = replaying.replayed(document, run.operation, on_progress=watch.replaying)
    with replay as state, exporting.work_folder() as folder:
        rendered = exporting.render(state, folder, watch.drawing)
        edited = exporting.picture(document, run.operation, rendered, folder)
        stored = edits.store(edited, attempt=f"{run.pk.hex}-{run.fence}")
    try:
        with transaction.atomic():
            picture = edits.publish(
                owner=document.owner, edited=edited, stored=stored, source=document.source
            )
            if not runs.finish(run, picture=picture):
                raise runs.Lost
    except BaseException:
        storing.discard(stored)
        raise
    try:
        exporting.make_file(picture, run.format)
    except storing.StorageError:
        # The picture is there; its file is made when it is asked for.
        log.warning("editor.file_not_made", picture=str(picture), form=run.format, exc_info=True)


def _make_file(run: Run, watch: _Watch) -> None:
    """Make a file that is downloaded: a project, one for another program, or a film."""
    try:
        with exporting.work_folder() as folder:
            if run.format == making.FILM:
                made = making.film(run, folder, watch.say)
            else:
                replay = replaying.replayed(run.document, run.operation, on_progress=watch.replaying)
                with replay as state:
                    made = making.make(run, state, folder, watch.drawing)
            kept = making.keep(run, made)
    except making.Failed as failed:
        runs.finish(run, failed=failed.sentence)
        return
    with transaction.atomic():
        if not runs.finish(run, file=kept, note=made.note):
            raise runs.Lost
        making.discard_older(kept)


def _flatten(run: Run, watch: _Watch) -> None:
    """Make a new document of what this one shows after an operation."""

    def last(made: Document) -> None:
        if not runs.finish(run, made=made.pk):
            raise runs.Lost

    replay = replaying.replayed(run.document, run.operation, on_progress=watch.replaying)
    with replay as state, exporting.work_folder() as folder:
        rendered = exporting.render(state, folder, watch.drawing)
        try:
            opening.flattened(run.document, exporting.png(rendered, folder), state.size, also=last)
        except opening.Refused as refused:
            runs.finish(run, failed=refused.sentence)


def _generate(run: Run, watch: _Watch) -> None:
    """Draw what a model sees, and submit the job."""
    try:
        preparing.prepare(run, on_replay=watch.replaying, on_draw=watch.drawing)
    except preparing.Failed as failed:
        runs.finish(run, failed=failed.sentence)


def _stopped(run: Run, stopped: Stopped) -> None:
    """The last good head stays what the server knows; the person reads why, and so does the operator."""
    with transaction.atomic():
        runs.finish(run, failed=stopped.sentence)
        if run.kind == Run.Kind.REPLAY:  # a picture or a check may be of another branch
            Document.objects.filter(pk=run.document_id).update(
                stopped_at=stopped.uid, stopped_because=stopped.sentence[:200], good_head=stopped.good
            )
    log.error("editor.stopped", document=str(run.document_id), operation=str(stopped.uid))


_KINDS: Final[dict[str, Callable[[Run, _Watch], None]]] = {
    Run.Kind.REPLAY: _replay,
    Run.Kind.CHECK: _check,
    Run.Kind.EXPORT: _export,
    Run.Kind.FLATTEN: _flatten,
    Run.Kind.GENERATE: _generate,
}
