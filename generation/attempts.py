"""One worker's attempt at one job: its lease, what it tells its watchers, what it has stored, and how it ends."""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError

from generation import catalogue, progress, publishing, references, storing
from generation.engine.contract import (
    AcceleratorFailed,
    Cancelled,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    Progress,
)
from generation.failures import Failure
from generation.models import Job, Picture, Upload
from generation.publishing import Fenced, Finished
from generation.references import ReferenceGone
from generation.requests import InvalidRequest
from generation.run_clock import RunClock
from image2.lib import stopping
from image2.lib.leases import LeaseKeeper, renew

log = structlog.get_logger(__name__)

# A watcher sees no more than this many changes a second, and the database no more writes.
_TELL_EVERY = 0.25
# A passing fault of storage is tried again after so long.
_STORAGE_DELAY = 15.0
# Faults that another attempt would meet again.
_FINAL: dict[type[Exception], Failure] = {
    storing.StorageFull: Failure.STORAGE,
    storing.StorageRefused: Failure.STORAGE,
    storing.ObjectMissing: Failure.REFERENCE,
    SoftTimeLimitExceeded: Failure.TIME,
    ModelUnavailable: Failure.MODEL_MISSING,
    ReferenceGone: Failure.REFERENCE,
    InvalidRequest: Failure.REQUEST,
    catalogue.UnknownModel: Failure.REQUEST,
}


class GivenBack(Cancelled):
    """The worker is shutting down."""


class LeaseLost(Cancelled):
    """The table says that somebody else has the job."""


class Attempt:
    """One job on its way through a run. ``reason`` is why it stopped before its end, when that is its own matter."""

    def __init__(self, job: Job, clock: RunClock) -> None:
        self.job, self.clock = job, clock
        self.name = str(job.pk)
        self.log = log.bind(job_id=self.name)
        self.stored: list[Future[Finished]] = []
        self.source: Picture | Upload | None = None
        self.reason: Exception | None = None
        self.is_over = False
        self._finished: list[Finished] = []
        self._told_at = 0.0
        self._told_stage = ""
        self._held = ExitStack()

    def begin(self) -> None:
        """Keep the lease from here to the end."""
        self.log.info("job.started", attempt=self.job.attempts + 1, fence=self.job.fence)
        seconds = settings.JOB_LEASE_SECONDS
        renewal = partial(renew, Job, self.job.pk, fence=self.job.fence, seconds=seconds)
        self.lease = self._held.enter_context(LeaseKeeper(renewal, every=seconds / 3))

    def close(self) -> None:
        """Let the lease go: it is over, or it runs out."""
        self._held.close()

    def orders(self) -> list[PictureOrder]:
        """What is to be drawn. Raises InvalidRequest and ReferenceGone."""
        request = self.job.parsed_request
        if request.reference is not None:
            self.source = references.find(user=self.job.owner, reference=request.reference)
        return [
            PictureOrder(request, index, request.seed_of(index), self.name) for index in range(request.count)
        ]

    def hear(self, step: Progress) -> None:
        """Tell watchers of a step; raises why this job is to stop, if it is."""
        if stopping.requested():
            raise GivenBack
        if self.lease.lost.is_set():
            raise LeaseLost
        now = time.monotonic()
        if step.stage == self._told_stage and step.preview is None and now - self._told_at < _TELL_EVERY:
            return
        self._told_at, self._told_stage = now, step.stage
        held = Job.objects.filter(pk=self.job.pk).holding(self.job.fence)
        row = held.values_list("cancel_requested_at").first()
        if row is None:
            raise LeaseLost
        if row[0] is not None:
            raise Cancelled
        progress.tell(self.job.pk, step)

    @property
    def is_ready_to_end(self) -> bool:
        """Whether nothing more will come of it: stopped, or every picture drawn; and what was drawn is stored."""
        if self.is_over or not all(future.done() for future in self.stored):
            return False
        return self.reason is not None or len(self.stored) == self.job.count

    # --- the ends ---------------------------------------------------------------------------------------------

    def end(self, fault: Exception | None, *, in_company: bool) -> None:
        """Settle what became of the job; ``fault`` is what ended the run of all.

        Raises DatabaseError: then the lease runs out, and the job is taken again.
        """
        self.is_over = True
        self._held.close()
        try:
            self._decide(fault, in_company=in_company)
        except (LeaseLost, Fenced):
            self._discard()
            self.log.warning("job.fenced")

    def _decide(self, fault: Exception | None, *, in_company: bool) -> None:
        """Every way the work can end is decided here."""
        try:
            self._raise_why(fault)
            self._settle(Job.State.DONE)
        except (LeaseLost, Fenced, DatabaseError):
            raise
        except GivenBack:
            self._discard()
            self.job.give_back()
            self.log.info("job.given_back")
        except Cancelled:
            self._settle(Job.State.CANCELLED)
        except storing.StorageUnavailable as error:
            self._try_again(error, Failure.STORAGE, delay=_STORAGE_DELAY)
        except Exception as error:  # noqa: BLE001  (the boundary: nothing may leave a job without an end)
            # Whatever else a pipeline raises: said to the person in one sentence, to the operator with its trace.
            if in_company and error is fault:
                self._try_alone(error)
            elif isinstance(error, OutOfMemory | AcceleratorFailed):
                self._try_again(error, Failure.MEMORY if isinstance(error, OutOfMemory) else Failure.MODEL)
            else:
                known = (failure for kind, failure in _FINAL.items() if isinstance(error, kind))
                self._fail(error, next(known, Failure.MODEL))

    def _raise_why(self, fault: Exception | None) -> None:
        """Collect what was stored; raise why it is not all: its own reason, what storing raised, the run's fault.

        A fault that came when every picture of this job was drawn is none of its own.
        """
        if len(self.stored) == self.job.count:
            fault = None
        failed = [error for future in self.stored if isinstance(error := future.exception(), Exception)]
        self._finished = [future.result() for future in self.stored if future.exception() is None]
        why = next((error for error in (self.reason, *failed, fault) if error is not None), None)
        if why is not None:
            raise why

    def _settle(self, state: Job.State, error_code: str = "") -> None:
        seconds = self.clock.leave(self.name)
        pictures = publishing.publish(
            self.job,
            state,
            self._finished,
            source=self.source,
            error_code=error_code,
            gpu_seconds=sum(seconds.values()),
            stage_seconds=seconds,
        )
        self.log.info(
            "job.ended", state=str(state), pictures=len(pictures), error=error_code, seconds=seconds
        )

    def _fail(self, error: Exception, failure: Failure) -> None:
        """End the job for good. Pictures that were finished are kept and are all that is charged."""
        self.log.error("job.failed", error=str(failure), exc_info=error)
        self._settle(Job.State.DONE if self._finished else Job.State.FAILED, failure)

    def _try_again(self, error: Exception, failure: Failure, *, delay: float = 0) -> None:
        """A fault of the machine: another attempt, until there were too many."""
        self.log.warning("job.try_again", error=str(failure), exc_info=error)
        if self.job.attempts + 1 >= settings.JOB_LOST_ATTEMPTS:
            self._fail(error, failure)
            return
        self._discard()
        self.job.lose(delay_seconds=delay)

    def _try_alone(self, error: Exception) -> None:
        """The run of several jobs broke, and nobody knows by whose fault: each runs alone from now on."""
        self.log.warning("job.try_alone", exc_info=error)
        self._discard()
        self.job.lose()

    def _discard(self) -> None:
        self.clock.leave(self.name)
        publishing.discard(self._finished)
        self._finished = []
