"""One worker's attempt at one job: its lease, its progress, the pictures it stored, and how it ends."""

from __future__ import annotations

import time
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError

from generation.engine.contract import (
    AcceleratorFailed,
    AdapterUnavailable,
    Cancelled,
    ControlUnavailable,
    ModelUnavailable,
    NothingThere,
    NothingToFollow,
    OutOfMemory,
    PictureOrder,
    Progress,
)
from generation.files import storing
from generation.jobs import progress
from generation.jobs.failures import Failure
from generation.models import Job, Picture, Upload
from generation.moderation import pictures
from generation.moderation.pictures import PictureNotChecked, PictureRefused
from generation.pictures import references
from generation.pictures.references import ControlGone, ReferenceGone
from generation.requests import catalogue
from generation.requests.request import InvalidRequest
from generation.worker import settlement
from generation.worker.run_clock import RunClock
from generation.worker.settlement import Fenced, Finished
from image2.lib.leases import LeaseKeeper, renew
from image2.lib.processes import stopping

log = structlog.get_logger(__name__)

# Seconds between two writes of progress within one stage.
_REPORT_EVERY = 0.25
# Seconds before a retry after storage was unavailable.
_STORAGE_DELAY = 15.0
# Faults that another attempt would meet again: they fail the job at once.
_FINAL: dict[type[Exception], Failure] = {
    storing.StorageFull: Failure.STORAGE,
    storing.StorageRefused: Failure.STORAGE,
    storing.ObjectMissing: Failure.REFERENCE,
    SoftTimeLimitExceeded: Failure.TIME,
    ModelUnavailable: Failure.MODEL_MISSING,
    AdapterUnavailable: Failure.ADAPTER,
    ControlUnavailable: Failure.CONTROL,
    NothingToFollow: Failure.NO_EDGES,
    ControlGone: Failure.CONTROL_GONE,  # before what it is one of
    ReferenceGone: Failure.REFERENCE,
    NothingThere: Failure.NOTHING,
    PictureRefused: Failure.REFUSED,
    PictureNotChecked: Failure.NOT_CHECKED,
    InvalidRequest: Failure.REQUEST,
    catalogue.UnknownModel: Failure.REQUEST,
}


class WorkerStopping(Cancelled):
    """The worker is shutting down."""


class LeaseLost(Cancelled):
    """Another worker has claimed the job."""


class Attempt:
    """One job of a run. ``reason`` is why it stopped early, when that concerns this job alone."""

    def __init__(self, job: Job, clock: RunClock) -> None:
        self.job, self.clock = job, clock
        self.name = str(job.pk)
        self.log = log.bind(job_id=self.name)
        self.stored: list[Future[Finished]] = []
        # What it starts from, by the names in its request.
        self.origins: dict[str, Picture | Upload] = {}
        self.reason: Exception | None = None
        self.is_over = False
        self._finished: list[Finished] = []
        self._reported_at = 0.0
        self._reported_stage = ""
        self._held = ExitStack()

    def begin(self) -> None:
        """Start renewing the lease; it is renewed until the attempt ends."""
        self.log.info("job.started", attempt=self.job.attempts + 1, fence=self.job.fence)
        seconds = settings.JOB_LEASE_SECONDS
        renewal = partial(renew, Job, self.job.pk, fence=self.job.fence, seconds=seconds)
        self.lease = self._held.enter_context(LeaseKeeper(renewal, every=seconds / 3))

    def close(self) -> None:
        """Stop renewing the lease."""
        self._held.close()

    def orders(self) -> list[PictureOrder]:
        """Return the pictures to draw. Raises InvalidRequest, ControlGone and ReferenceGone."""
        request = self.job.parsed_request
        self.origins = references.find_all_for_job(user=self.job.owner, request=request)
        return [
            PictureOrder(request, index, request.seed_of(index), self.name) for index in range(request.count)
        ]

    def on_progress(self, step: Progress) -> None:
        """Report a step to watchers. Raises WorkerStopping, LeaseLost or Cancelled when the job must stop."""
        if stopping.requested():
            raise WorkerStopping
        if self.lease.lost.is_set():
            raise LeaseLost
        now = time.monotonic()
        if (
            step.stage == self._reported_stage
            and step.preview is None
            and now - self._reported_at < _REPORT_EVERY
        ):
            return
        self._reported_at, self._reported_stage = now, step.stage
        held = Job.objects.filter(pk=self.job.pk).holding(self.job.fence)
        row = held.values_list("cancel_requested_at").first()
        if row is None:
            raise LeaseLost
        if row[0] is not None:
            raise Cancelled
        # A preview would show what nobody has checked.
        progress.report(self.job.pk, replace(step, preview=None) if pictures.are_checked() else step)

    @property
    def is_ready_to_end(self) -> bool:
        """Whether it stopped or drew every picture, and everything drawn is stored."""
        if self.is_over or not all(future.done() for future in self.stored):
            return False
        return self.reason is not None or len(self.stored) == self.job.count

    # --- how it ends ---------------------------------------------------------------------------------------------

    def end(self, fault: Exception | None, *, in_batch: bool) -> None:
        """End the job's attempt. ``fault`` is what ended the whole run; None when the run didn't fail.

        Raises DatabaseError: then the lease expires, and the job is requeued.
        """
        self.is_over = True
        self._held.close()
        try:
            self._decide(fault, in_batch=in_batch)
        except (LeaseLost, Fenced):
            self._discard()
            self.log.warning("job.fenced")

    def _decide(self, fault: Exception | None, *, in_batch: bool) -> None:
        """Decide between every way in which an attempt can end."""
        try:
            self._raise_why(fault)
            self._settle(Job.State.DONE)
        except (LeaseLost, Fenced, DatabaseError):
            raise
        except WorkerStopping:
            self._discard()
            self.job.release()
            self.log.info("job.released")
        except Cancelled:
            self._settle(Job.State.CANCELLED)
        except storing.StorageUnavailable as error:
            self._retry(error, Failure.STORAGE, delay=_STORAGE_DELAY)
        except Exception as error:  # noqa: BLE001  (the boundary: no job may be left without an end)
            # Whatever else a pipeline raises: the person gets one sentence, the operator the traceback.
            if in_batch and error is fault:
                self._retry_alone(error)
            elif isinstance(error, OutOfMemory | AcceleratorFailed):
                self._retry(error, Failure.MEMORY if isinstance(error, OutOfMemory) else Failure.MODEL)
            else:
                known = (failure for kind, failure in _FINAL.items() if isinstance(error, kind))
                self._fail(error, next(known, Failure.MODEL))

    def _raise_why(self, fault: Exception | None) -> None:
        """Collect the stored pictures; raise why some are missing: this job's reason, a storage error, the run's fault.

        A fault that came after every picture of this job was drawn doesn't concern it.
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
        pictures = settlement.settle(
            self.job,
            state,
            self._finished,
            origins=self.origins,
            error_code=error_code,
            gpu_seconds=sum(seconds.values()),
            stage_seconds=seconds,
        )
        self.log.info(
            "job.ended", state=str(state), pictures=len(pictures), error=error_code, seconds=seconds
        )

    def _fail(self, error: Exception, failure: Failure) -> None:
        """Fail the job. Finished pictures are kept, and only they are charged; with some, the job counts as done."""
        self.log.error("job.failed", error=str(failure), exc_info=error)
        self._settle(Job.State.DONE if self._finished else Job.State.FAILED, failure)

    def _retry(self, error: Exception, failure: Failure, *, delay: float = 0) -> None:
        """Requeue the job after a fault of the machine; fail it after too many attempts."""
        self.log.warning("job.retried", error=str(failure), exc_info=error)
        if self.job.attempts + 1 >= settings.JOB_LOST_ATTEMPTS:
            self._fail(error, failure)
            return
        self._discard()
        self.job.retry(delay_seconds=delay)

    def _retry_alone(self, error: Exception) -> None:
        """Requeue the job after its batch failed: nobody knows which job caused it, so each runs alone from now on."""
        self.log.warning("job.retried_alone", exc_info=error)
        self._discard()
        self.job.retry()

    def _discard(self) -> None:
        self.clock.leave(self.name)
        settlement.discard(self._finished)
        self._finished = []
