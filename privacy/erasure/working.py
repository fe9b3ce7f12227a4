"""What a worker does with one erasure in one turn.

First a line on the list outside of the database, then Stripe, then every table, last the account. Killed between any
two steps, the next turn goes on: what is gone is gone. The row's fence is looked at in each transaction, so that
nothing is counted twice.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts import mail
from accounts.models import User
from billing import leaving
from generation.models import StorageDeletion
from image2.lib import leases
from image2.lib.personal_data import ModelData
from image2.lib.processes import stopping as shutdown
from privacy.erasure import steps, stopping, tombstones
from privacy.export import queue
from privacy.models import Erasure, ExportDraft

log = structlog.get_logger(__name__)

LEASE_SECONDS: Final = 30
# Other work of the lane waits meanwhile.
TURN_SECONDS: Final = 15.0
_AGAIN: Final = timedelta(minutes=1)


class _Lost(Exception):
    """Somebody else has it by now."""


class _Over(Exception):
    """The turn is over; the next one goes on."""


def work() -> bool:
    """Give one erasure a turn; False when nothing was due."""
    erasure = claim()
    if erasure is None:
        return False

    def renewal() -> bool:
        return leases.renew(Erasure, erasure.pk, fence=erasure.fence, seconds=LEASE_SECONDS)

    with leases.LeaseKeeper(renewal, every=LEASE_SECONDS / 3):
        _do(erasure)
    return True


def begin_due() -> None:
    """Start to erase the closed accounts whose time is over, unless something of theirs has to end first."""
    closed = Erasure.objects.filter(
        state=Erasure.State.CLOSED, user__isnull=False, mailed_at__isnull=False, due_at__lte=timezone.now()
    )
    for erasure in closed.filter(not_before__lte=Now()).select_related("user").order_by("due_at")[:100]:
        assert erasure.user is not None
        stopping.stop_work(erasure.user)
        if stopping.is_working(erasure.user) or stopping.is_held(erasure.user):
            Erasure.objects.filter(pk=erasure.pk).update(not_before=Now() + _AGAIN)
            continue
        if _begin(erasure, erasure.user):
            log.info("erasure.begun", erasure=str(erasure.pk))


def _begin(erasure: Erasure, person: User) -> bool:
    """From now on the link reopens nothing. Who came back with a backup has had a receipt."""
    is_told = erasure.cause != Erasure.Cause.RESTORED
    still = Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.CLOSED)
    return bool(
        still.update(
            state=Erasure.State.ERASING,
            begun_at=Now(),
            not_before=Now(),
            address=(mail.address_of(person) or "") if is_told else "",
        )
    )


def claim() -> Erasure | None:
    """Take the one that waits longest, leased and with a new fence; None when nothing is due.

    One whose lease has expired is taken as well: its worker died.
    """
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    due = Erasure.objects.filter(free, state=Erasure.State.ERASING, not_before__lte=Now())
    for pk in due.order_by("not_before", "pk").values_list("pk", flat=True)[:10]:
        taken = Erasure.objects.filter(free, pk=pk, state=Erasure.State.ERASING).update(
            fence=F("fence") + 1,
            lease_owner=f"{socket.gethostname()}:{os.getpid()}"[:120],
            lease_until=Now() + timedelta(seconds=LEASE_SECONDS),
        )
        if taken:
            return Erasure.objects.select_related("user").filter(pk=pk).first()
    return None


def _do(erasure: Erasure) -> None:
    try:
        _Turn(erasure).run()
    except _Lost:
        log.warning("erasure.taken", erasure=str(erasure.pk))
    except _Over:
        _release(erasure, wait=timedelta())
    except Exception:
        # Whatever it was, the account stays closed and is tried again: an erasure never fails for good.
        log.exception("erasure.postponed", erasure=str(erasure.pk))
        _release(erasure, wait=_AGAIN)


def _release(erasure: Erasure, *, wait: timedelta) -> None:
    _held(erasure).update(lease_owner="", lease_until=None, not_before=Now() + wait)


def _held(erasure: Erasure) -> QuerySet[Erasure]:
    return Erasure.objects.filter(
        pk=erasure.pk, state=Erasure.State.ERASING, fence=erasure.fence, lease_until__isnull=False
    )


class _Turn:
    """One turn of one erasure."""

    def __init__(self, erasure: Erasure) -> None:
        assert erasure.user is not None  # the row and the account end in one transaction
        self._erasure, self._person = erasure, erasure.user
        self._begun = time.monotonic()

    def run(self) -> None:
        tombstones.write(self._erasure.account_hash)
        self._end_payments()
        self._abandon_copies()
        for declared in steps.emptied():
            self._repeat(partial(self._empty, declared))
        for declared in steps.going():
            self._repeat(partial(self._delete, declared))
        self._finish()

    def _end_payments(self) -> None:
        if self._erasure.payment:
            return
        answer = leaving.erase(self._person)
        if not _held(self._erasure).update(payment=answer):
            raise _Lost

    def _abandon_copies(self) -> None:
        """Unfinished objects are removed before the row that says where they are."""
        for draft in ExportDraft.objects.filter(export__user=self._person):
            queue.abandon(draft)

    def _repeat(self, step: Callable[[], bool]) -> None:
        """Do a step, each time in a transaction of its own, until nothing is left for it. Raises _Lost and _Over."""
        more = True
        while more:
            with transaction.atomic():
                self._lock()
                more = step()
            if more and (shutdown.requested() or time.monotonic() - self._begun > TURN_SECONDS):
                raise _Over

    def _empty(self, declared: ModelData) -> bool:
        return bool(steps.empty_some(declared, self._person))

    def _delete(self, declared: ModelData) -> bool:
        return self._count(steps.delete_some(declared, self._person))

    def _count(self, gone: Counter[str]) -> bool:
        if gone:
            self._erasure.counts = dict(Counter(self._erasure.counts) + gone)
            _held(self._erasure).update(counts=self._erasure.counts)
        return bool(gone)

    def _lock(self) -> None:
        """Lock the row and read what was counted by turns before. Raises _Lost."""
        row = _held(self._erasure).select_for_update(of=("self",)).first()
        if row is None:
            raise _Lost
        self._erasure.counts = row.counts

    def _finish(self) -> None:
        """Delete the account and end the row, both or neither."""
        with transaction.atomic():
            self._lock()
            User.objects.select_for_update().get(pk=self._person.pk)
            if left := steps.left_of(self._person):
                log.warning("erasure.more_came", erasure=str(self._erasure.pk), models=left)
                raise _Over
            self._count(steps.delete_account(self._person))
            newest = StorageDeletion.objects.order_by("-pk").values_list("pk", flat=True).first()
            _held(self._erasure).update(
                state=Erasure.State.DONE,
                finished_at=Now(),
                last_object=newest,
                lease_owner="",
                lease_until=None,
            )
        log.info("erasure.done", erasure=str(self._erasure.pk))
