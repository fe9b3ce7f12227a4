"""What a worker does with one copy in one turn: add files to the part in hand, store finished parts.

Killed anywhere, the next worker makes the part in hand again and keeps the parts before it. A turn that ends by itself
leaves the part in hand where the next one goes on.
"""

from __future__ import annotations

import hashlib
import time
from typing import IO, Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from billing.payments import Unavailable
from generation.files import storing
from image2.lib import leases
from image2.lib.processes import stopping
from privacy.export import plan, queue, words
from privacy.export.zips import ZipPart
from privacy.models import Export, ExportDraft, ExportPart, ExportPlan

log = structlog.get_logger(__name__)

# Other work of the lane waits meanwhile.
TURN_SECONDS: Final = 15.0
_PROGRESS_SECONDS: Final = 0.5


class _Lost(Exception):
    """Somebody else has it by now, or its owner stopped it."""


class _NoRoom(Exception):
    """There isn't enough free space for the whole copy."""


def work() -> bool:
    """Give one copy a turn, and tell of the next; False when nothing was due."""
    export = queue.claim()
    if export is None:
        return False
    seconds = queue.LEASE_SECONDS

    def renewal() -> bool:
        return leases.renew(Export, export.pk, fence=export.fence, seconds=seconds)

    with leases.LeaseKeeper(renewal, every=seconds / 3) as keeper:
        _do(export, keeper)
    queue.notify()
    return True


def _do(export: Export, keeper: leases.LeaseKeeper) -> None:
    try:
        _Turn(export, keeper).run()
    except _Lost:
        log.warning("export.taken", export=str(export.pk))
    except _NoRoom:
        log.error("export.no_room", export=str(export.pk))
        queue.fail(
            export, _("The server doesn't have enough free space for your copy just now. Try again tomorrow.")
        )
    except storing.StorageFull:
        log.exception("export.storage_full", export=str(export.pk))
        queue.fail(export, _("The server ran out of space while it made your copy. Try again tomorrow."))
    except (storing.StorageUnavailable, Unavailable):
        log.warning("export.postponed", export=str(export.pk), exc_info=True)
        queue.postpone(export)
    except Exception:
        log.exception("export.failed", export=str(export.pk))
        queue.fail(export, _("Something went wrong on our side while we made your copy. We've logged it."))


class _Turn:
    """One turn of one copy."""

    def __init__(self, export: Export, keeper: leases.LeaseKeeper) -> None:
        assert export.user is not None
        self._export, self._keeper, self._person = export, keeper, export.user
        self._begun = self._said = time.monotonic()
        self._place: plan.Place = dict(export.place)
        self._left_out: list[Any] = []
        self._key = ""

    def run(self) -> None:
        if self._export.planned_at is None:
            self._draw_up()
        self._part = self._part_in_hand()
        self._done = int(self._place.get("count", 0))
        try:
            self._fill()
        except BaseException:
            self._part.close()
            raise

    def _draw_up(self) -> None:
        extent = plan.draw_up(self._export, self._person, still_ours=self._check)
        free = queue.storage().free_bytes()
        if free is not None and free - extent.bytes < settings.EXPORT_SPARE_BYTES:
            raise _NoRoom
        self._hold(planned_at=Now(), of=extent.things)

    def _fill(self) -> None:
        for unit in plan.units(self._export, self._person, self._place):
            largest = sum(item.largest for item in unit.items)
            files = len(unit.items)
            if not self._part.has_room(largest, files=files, limit=settings.EXPORT_PART_BYTES):
                self._store_part()
                self._part = self._new_part()
            self._add(unit)
            if self._is_over():
                self._pause()
                return
        self._store_part(is_last=True)

    def _add(self, unit: plan.Unit) -> None:
        self._left_out += unit.left_out
        for item in unit.items:
            try:
                self._part.add(item.path, item.write, largest=item.largest)
            except storing.ObjectMissing:
                log.warning("export.left_out", export=str(self._export.pk), exc_info=True)
                self._left_out.append((item.path, plan.LOST if item.is_there() else plan.GONE))
        self._done += unit.done
        self._place = {**unit.after, "count": self._done}
        self._say()

    def _is_over(self) -> bool:
        return stopping.requested() or time.monotonic() - self._begun > TURN_SECONDS

    def _check(self) -> None:
        if self._keeper.lost.is_set():
            raise _Lost

    def _say(self) -> None:
        self._check()
        if time.monotonic() - self._said > _PROGRESS_SECONDS:
            self._said = time.monotonic()
            self._hold(done=self._done)

    def _hold(self, **changes: Any) -> None:
        """Change the row as long as it is ours. Raises _Lost."""
        if not queue.held(self._export).update(**changes):
            raise _Lost

    # --- the part in hand ----------------------------------------------------------------------------------------

    def _part_in_hand(self) -> ZipPart:
        draft = ExportDraft.objects.filter(export=self._export).first()
        if draft is None:
            return self._new_part()
        if part := self._resumed(draft):
            return part
        queue.abandon(draft)
        return self._new_part()

    def _resumed(self, draft: ExportDraft) -> ZipPart | None:
        # From now on nobody knows what storage has, until this turn has ended.
        if not ExportDraft.objects.filter(pk=draft.pk, is_paused=True).update(is_paused=False):
            return None
        try:
            pieces = queue.storage().resume(draft.key, written=draft.written, tail=bytes(draft.tail))
        except storing.ObjectMissing:
            log.warning("export.part_lost", export=str(self._export.pk))
            return None
        self._key, self._place, self._left_out = draft.key, dict(draft.place), list(draft.left_out)
        return ZipPart(pieces, self._export.created_at, draft.entries)

    def _new_part(self) -> ZipPart:
        attempt = f"{self._export.pk.hex}-{self._export.fence}"
        self._key, self._left_out = storing.new_key(kind="export", attempt=attempt, suffix="zip"), []
        with transaction.atomic():
            self._hold(place=self._place)
            ExportDraft.objects.create(export=self._export, key=self._key)
        return ZipPart(queue.storage().begin(self._key), self._export.created_at)

    def _pause(self) -> None:
        tail, written = self._part.pause(), self._part.written
        with transaction.atomic():
            if not queue.release(self._export, done=self._done):
                raise _Lost
            ExportDraft.objects.filter(export=self._export, key=self._key).update(
                is_paused=True,
                written=written,
                tail=tail,
                entries=self._part.entries,
                place=self._place,
                left_out=self._left_out,
            )

    def _store_part(self, *, is_last: bool = False) -> None:
        number = ExportPart.objects.filter(export=self._export).count() + 1
        manifest = words.manifest(
            number=number,
            made_at=self._export.created_at,
            entries=self._part.entries,
            left_out=self._left_out,
        )
        name = "manifest.json" if number == 1 else f"manifest-{number}.json"
        self._part.add(name, lambda target: _write(target, manifest), largest=len(manifest))
        self._part.finish()
        try:
            with transaction.atomic():
                changes = {"place": self._place, "attempts": 0, "refusals": 0, "done": self._done}
                self._hold(**changes, left_out=F("left_out") + len(self._left_out))
                if is_last:
                    queue.finish(self._export)
                    ExportPlan.objects.filter(export=self._export).delete()
                ExportDraft.objects.filter(export=self._export).delete()
                ExportPart.objects.create(
                    export=self._export,
                    number=number,
                    key=self._key,
                    bytes=self._part.written,
                    files=len(self._part.entries),
                    sha256=hashlib.sha256(manifest).hexdigest(),
                )
        except BaseException:
            storing.discard_keys([self._key])
            raise


def _write(target: IO[bytes], content: bytes) -> None:
    target.write(content)
