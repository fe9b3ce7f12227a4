"""Run jobs: claim, draw, store, settle. A fault on the way costs people time, never credits."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module
from pathlib import Path

import structlog
from django.conf import settings

from generation.engine.contract import (
    NOTHING,
    AcceleratorFailed,
    Cancelled,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
    Sources,
)
from generation.files import storing
from generation.jobs import claim, notify, progress
from generation.models import Job, Picture, Upload
from generation.moderation import pictures
from generation.pictures import references
from generation.pictures.references import ControlGone, ReferenceGone
from generation.requests import catalogue, kinds
from generation.requests.request import GenerationRequest
from generation.worker import reporting
from generation.worker.attempt import Attempt
from generation.worker.reporting import ENGINE, worker_name
from generation.worker.run_clock import RunClock
from generation.worker.settlement import Finished
from image2.lib.observing import tracing
from image2.lib.processes import stopping

log = structlog.get_logger(__name__)


# Seconds between two looks at jobs that are left to other workers. Each look writes, which SQLite lets one do at a
# time: so they are close together only as long as most jobs wait.
_PAUSES = (*[0.2] * 10, *[1.0] * (claim.LONGEST_WAIT_SECONDS + 3))
# The looks at which those workers are notified again. More would only wake other idle workers, who would look too.
_NOTIFYING = frozenset({0, 5, 10})


class ProcessSpent(Exception):
    """The device failed: this process must be replaced before it draws again."""


def run(lane: str) -> None:
    """Claim the next job of ``lane`` and the jobs that can share its batch, run them, then notify the lane again.

    Raises ProcessSpent when the device failed.
    """
    if stopping.requested():
        return  # it would only release what it claimed; the sweep notifies the lane again
    first = _next(lane)
    if first is None:
        return
    jobs = [
        first,
        *claim.claim_batch(first, worker=worker_name(), pictures=pictures_together(first.model)),
    ]
    try:
        names = " ".join(str(job.pk) for job in jobs)
        pictures = sum(job.count for job in jobs)
        with (
            structlog.contextvars.bound_contextvars(job_id=names),
            tracing.span("run", job_id=names, lane=lane, model=first.model, pictures=pictures),
        ):
            Run(jobs).run()
    finally:
        if claim.has_waiting(lane):
            notify.send(lane)


def _next(lane: str) -> Job | None:
    """Claim the next job; while all that wait are left to workers that hold their models, notify those and look again.

    It waits here, since a Celery message that came to this worker reaches no other one. However long a load takes, each
    job is left to others for a bounded time, and then this worker takes it.
    """
    for look, pause in enumerate(_PAUSES):
        job = claim.claim(lane=lane, worker=worker_name(), stays=reporting.stays())
        if job is not None or stopping.requested() or not claim.has_due(lane):
            return job
        if look in _NOTIFYING:
            notify.send(lane)
        time.sleep(pause)
    return None


def pictures_together(model: str) -> int:
    """How many pictures of several jobs this site draws in one run of a model."""
    try:
        most = catalogue.get(model).batch_pictures
    except catalogue.UnknownModel:
        return 1
    return min(most, settings.JOB_BATCH_PICTURES or most)


class Run:
    """One run of the model, for one job or for several of the same batch."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.clock = RunClock({str(job.pk): job.count for job in jobs})
        self.attempts = {str(job.pk): Attempt(job, self.clock) for job in jobs}
        self._trouble: Exception | None = None

    def run(self) -> None:
        """Run every attempt to its end. Raises ProcessSpent, and what kept a job from settling (its lease expires)."""
        try:
            for attempt in self.attempts.values():
                attempt.begin()
            fault = self._work()
            self._report(fault)
            self._end([attempt for attempt in self.attempts.values() if not attempt.is_over], fault)
        finally:
            for attempt in self.attempts.values():
                attempt.close()
        if isinstance(fault, OutOfMemory | AcceleratorFailed):
            raise ProcessSpent from fault
        if self._trouble:
            raise self._trouble

    def _report(self, fault: Exception | None) -> None:
        """Tell the site which models this process holds now, and whether this one couldn't be loaded."""
        model = next(iter(self.attempts.values())).job.model
        if isinstance(fault, ModelUnavailable):
            reporting.failed(model, fault)
        elif fault is None:
            reporting.worked(model)
        reporting.report()

    def _work(self) -> Exception | None:
        """Draw every picture while a second thread stores those before it. Returns what ended it early."""
        with (
            tempfile.TemporaryDirectory(dir=settings.HOME / "work") as name,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as pool,
        ):
            try:
                # Closed in this thread, which has the model until then: garbage collection may come much later.
                with closing(self._draw(Path(name))) as drawn:
                    for produced in drawn:
                        attempt = self.attempts[produced.job]
                        attempt.stored.append(pool.submit(_store, attempt, produced))
                        self._end_ready()
            except Exception as fault:  # noqa: BLE001  (each attempt decides what it means for its job)
                return fault
        return None

    def _draw(self, folder: Path) -> Generator[ProducedPicture, None, None]:
        orders: list[PictureOrder] = []
        for attempt in self.attempts.values():
            try:
                orders.extend(attempt.orders())
            except Exception as error:  # noqa: BLE001  (it ends this job and no other)
                attempt.reason = error
        if not orders:
            return
        production = import_module(ENGINE)
        entry = catalogue.get(orders[0].request.model)
        yield from production.produce(
            orders,
            entry,
            sources=self._fetch(folder),
            workdir=folder,
            on_progress=self._on_progress,
        )

    def _fetch(self, folder: Path) -> Sources:
        """Fetch what the batch starts from: it is part of the batch key, so all jobs share it."""
        attempt = next((attempt for attempt in self.attempts.values() if attempt.origins), None)
        if attempt is None:
            return NOTHING
        request = attempt.job.parsed_request
        files = {
            name: _fetched(request, name, origin, folder / f"source-{number}.png")
            for number, (name, origin) in enumerate(attempt.origins.items())
        }
        first, *others = request.references or (None,)
        mask = request.edit.mask if request.edit else None
        fields = references.fields_of(attempt.origins[first], model=attempt.job.model) if first else None
        return Sources(
            reference=files[first] if first else None,
            mask=files[mask] if mask else None,
            others=tuple(files[name] for name in others if name),
            control=files[request.control.picture] if request.control else None,
            fields=storing.fetch(fields.key, folder / "source.safetensors") if fields else None,
        )

    def _on_progress(self, step: Progress) -> None:
        """Handle a step of one job, called by the engine. Raises Cancelled to take that job out of the run."""
        self.clock.enter(step.stage, step.job)
        if step.stage == "loading" and step.step == step.of:
            reporting.report_loads()
        attempt = self.attempts[step.job]
        try:
            attempt.on_progress(step)
        except Cancelled as why:
            attempt.reason = why
            raise
        finally:
            self._end_ready()

    def _end_ready(self) -> None:
        """End each job as soon as its own pictures are stored, without waiting for the others."""
        self._end([attempt for attempt in self.attempts.values() if attempt.is_ready_to_end], None)

    def _end(self, attempts: Sequence[Attempt], fault: Exception | None) -> None:
        for attempt in attempts:
            try:
                attempt.end(fault, in_batch=len(self.attempts) > 1)
                progress.close(attempt.job.pk)
            except Exception as trouble:
                # One failed job must not fail the others in the batch; the sweep requeues it when its lease expires.
                log.exception("job.not_settled", job_id=attempt.name)
                self._trouble = trouble


def _fetched(request: GenerationRequest, name: str, origin: Picture | Upload, target: Path) -> Path:
    try:
        return storing.fetch(references.master_of(origin).key, target)
    except (storing.ObjectMissing, ReferenceGone) as error:
        if references.only_leads(request, name):
            raise ControlGone from error
        raise


def _store(attempt: Attempt, produced: ProducedPicture) -> Finished:
    if attempt.job.kind not in kinds.FREE:  # a mask shows nothing
        pictures.check(produced.thumbnails[max(produced.thumbnails)])
    stored = storing.store_picture(produced, attempt=f"{attempt.job.pk}-{attempt.job.fence}")
    for path in (produced.master, *produced.thumbnails.values(), produced.fields):
        if path:
            path.unlink(missing_ok=True)
    return Finished(produced, stored)
