"""Runs one job: claim, draw, store, settle. What can go wrong on the way costs the person nothing but time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError

from generation import catalogue, claiming, doorbell, progress, publishing, references, storing
from generation.engine.contract import (
    AcceleratorFailed,
    Cancelled,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
)
from generation.failures import Failure
from generation.heartbeat import ENGINE, worker_name
from generation.models import Job, Picture, Upload
from generation.publishing import Fenced, Finished
from generation.references import ReferenceGone
from generation.requests import GenerationRequest, InvalidRequest
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


class ProcessSpent(Exception):
    """The device failed: this process must be replaced before it draws again."""


class _GivenBack(Cancelled):
    """The worker is shutting down."""


class _LeaseLost(Cancelled):
    """The table says that somebody else has the job."""


def run(lane: str) -> None:
    """Take one job of ``lane``, if one waits, and bring it to its end; then ring for the next one.

    Raises ProcessSpent when the device failed.
    """
    if stopping.requested():
        return  # what this worker took now it would only give back; the sweep rings again
    job = claiming.claim(lane=lane, worker=worker_name())
    if job is None:
        return
    with structlog.contextvars.bound_contextvars(job_id=str(job.pk)):
        try:
            Attempt(job).run()
        finally:
            progress.close(job.pk)
            if claiming.has_waiting(lane):
                doorbell.ring(lane)


class Attempt:
    """One worker's attempt at one job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.finished: list[Finished] = []
        self.source: Picture | Upload | None = None
        self.clock = StageClock()
        self._told_at = 0.0
        self._told_stage = ""
        seconds = settings.JOB_LEASE_SECONDS
        self.lease = LeaseKeeper(
            partial(renew, Job, job.pk, fence=job.fence, seconds=seconds), every=seconds / 3
        )

    def run(self) -> None:
        """Draw, store and settle. Raises ProcessSpent; a database that is away lets the lease run out."""
        log.info("job.started", attempt=self.job.attempts + 1, fence=self.job.fence)
        with self.lease:
            try:
                self._work()
            except (_LeaseLost, Fenced):
                self._discard()
                log.warning("job.fenced")

    def _work(self) -> None:
        """Every way the work can end is decided here."""
        try:
            self._draw_and_store()
            self._settle(Job.State.DONE)
        except (_LeaseLost, Fenced, DatabaseError):
            raise
        except _GivenBack:
            self._discard()
            self.job.give_back()
            log.info("job.given_back")
        except Cancelled:
            self._settle(Job.State.CANCELLED)
        except (OutOfMemory, AcceleratorFailed) as error:
            self._try_again(error, Failure.MEMORY if isinstance(error, OutOfMemory) else Failure.MODEL)
            raise ProcessSpent from error
        except storing.StorageUnavailable as error:
            self._try_again(error, Failure.STORAGE, delay=_STORAGE_DELAY)
        except Exception as error:  # noqa: BLE001  (the boundary: nothing may leave a job without an end)
            # Whatever else a pipeline raises: said to the person in one sentence, to the operator with its trace.
            known = (failure for kind, failure in _FINAL.items() if isinstance(error, kind))
            self._fail(error, next(known, Failure.MODEL))

    # --- the work ---------------------------------------------------------------------------------------------

    def _draw_and_store(self) -> None:
        """Draw every picture; each is stored by a second thread while the model draws the next one."""
        request = self.job.parsed_request
        with (
            tempfile.TemporaryDirectory(dir=settings.HOME / "work") as name,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as pool,
        ):
            folder = Path(name)
            pending: list[Future[Finished]] = []
            try:
                pending.extend(pool.submit(self._store, produced) for produced in self._draw(request, folder))
            finally:
                # Also when the drawing was stopped: what was finished by then is kept, or discarded by its fence.
                for future in pending:
                    self.finished.append(future.result())

    def _draw(self, request: GenerationRequest, folder: Path) -> Iterator[ProducedPicture]:
        orders = [PictureOrder(request, index, request.seed_of(index)) for index in range(request.count)]
        reference = self._fetch_reference(request, folder)
        production = import_module(ENGINE)
        entry = catalogue.get(request.model)
        yield from production.produce(
            orders, entry, reference=reference, workdir=folder, on_progress=self._on_progress
        )

    def _fetch_reference(self, request: GenerationRequest, folder: Path) -> Path | None:
        if request.reference is None:
            return None
        self.source = references.find(user=self.job.owner, reference=request.reference)
        return storing.fetch(references.master_of(self.source).key, folder / "reference.png")

    def _store(self, produced: ProducedPicture) -> Finished:
        stored = storing.store_picture(produced, attempt=f"{self.job.pk}-{self.job.fence}")
        for path in (produced.master, *produced.thumbnails.values()):
            path.unlink(missing_ok=True)
        return Finished(produced, stored)

    def _on_progress(self, step: Progress) -> None:
        """Called by the engine at every step: tells watchers, and stops the work when it should stop."""
        self.clock.enter(step.stage)
        if stopping.requested():
            raise _GivenBack
        if self.lease.lost.is_set():
            raise _LeaseLost
        now = time.monotonic()
        if step.stage == self._told_stage and step.preview is None and now - self._told_at < _TELL_EVERY:
            return
        self._told_at, self._told_stage = now, step.stage
        held = Job.objects.filter(pk=self.job.pk).holding(self.job.fence)
        row = held.values_list("cancel_requested_at").first()
        if row is None:
            raise _LeaseLost
        if row[0] is not None:
            raise Cancelled
        progress.tell(self.job.pk, step)

    # --- the ends ---------------------------------------------------------------------------------------------

    def _settle(self, state: Job.State, error_code: str = "") -> None:
        seconds = self.clock.stop()
        pictures = publishing.publish(
            self.job,
            state,
            self.finished,
            source=self.source,
            error_code=error_code,
            gpu_seconds=sum(seconds.values()),
            stage_seconds=seconds,
        )
        log.info("job.ended", state=str(state), pictures=len(pictures), error=error_code, seconds=seconds)

    def _fail(self, error: Exception, failure: Failure) -> None:
        """End the job for good. Pictures that were finished are kept and are all that is charged."""
        log.error("job.failed", error=str(failure), exc_info=error)
        self._settle(Job.State.DONE if self.finished else Job.State.FAILED, failure)

    def _try_again(self, error: Exception, failure: Failure, *, delay: float = 0) -> None:
        """A fault of the machine: another attempt, until there were too many."""
        log.warning("job.try_again", error=str(failure), exc_info=error)
        if self.job.attempts + 1 >= settings.JOB_LOST_ATTEMPTS:
            self._fail(error, failure)
            return
        self._discard()
        self.job.lose(delay_seconds=delay)

    def _discard(self) -> None:
        publishing.discard(self.finished)
        self.finished = []


class StageClock:
    """Seconds spent in each stage, for estimates and for the fair order of the queue."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._stage = "loading"
        self._since = time.monotonic()

    def enter(self, stage: str) -> None:
        if stage != self._stage:
            self.stop()
            self._stage = stage

    def stop(self) -> dict[str, float]:
        """Count the stage in hand and return what there is so far, rounded to milliseconds."""
        now = time.monotonic()
        self._seconds[self._stage] = round(self._seconds.get(self._stage, 0.0) + now - self._since, 3)
        self._since = now
        return dict(self._seconds)
