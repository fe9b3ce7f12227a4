"""Runs jobs: claim, draw, store, settle. What can go wrong on the way costs the person nothing but time."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module
from pathlib import Path

import structlog
from django.conf import settings

from generation import catalogue, claiming, doorbell, progress, references, storing
from generation.attempts import Attempt
from generation.engine.contract import (
    AcceleratorFailed,
    Cancelled,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
)
from generation.heartbeat import ENGINE, worker_name
from generation.models import Job
from generation.publishing import Finished
from generation.run_clock import RunClock
from image2.lib import stopping, tracing

log = structlog.get_logger(__name__)


class ProcessSpent(Exception):
    """The device failed: this process must be replaced before it draws again."""


def run(lane: str) -> None:
    """Take the next job of ``lane``, if one waits, and who can be drawn with it; bring them to their ends; ring again.

    Raises ProcessSpent when the device failed.
    """
    if stopping.requested():
        return  # what this worker took now it would only give back; the sweep rings again
    first = claiming.claim(lane=lane, worker=worker_name())
    if first is None:
        return
    jobs = [
        first,
        *claiming.claim_company(first, worker=worker_name(), pictures=pictures_together(first.model)),
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
        if claiming.has_waiting(lane):
            doorbell.ring(lane)


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
        """Raises ProcessSpent, and what kept a job from being settled (the database was away): its lease runs out."""
        try:
            for attempt in self.attempts.values():
                attempt.begin()
            fault = self._work()
            self._end([attempt for attempt in self.attempts.values() if not attempt.is_over], fault)
        finally:
            for attempt in self.attempts.values():
                attempt.close()
        if isinstance(fault, OutOfMemory | AcceleratorFailed):
            raise ProcessSpent from fault
        if self._trouble:
            raise self._trouble

    def _work(self) -> Exception | None:
        """Draw every picture; each is stored by a second thread while the model draws on. Returns what broke it off."""
        with (
            tempfile.TemporaryDirectory(dir=settings.HOME / "work") as name,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="store") as pool,
        ):
            try:
                # Closed in this thread, or a model that was lent to it stays lent until somebody collects the garbage.
                with closing(self._draw(Path(name))) as drawn:
                    for produced in drawn:
                        attempt = self.attempts[produced.job]
                        attempt.stored.append(pool.submit(_store, attempt, produced))
                        self._end_the_ready()
            except Exception as fault:  # noqa: BLE001  (the attempts decide what it means to them)
                return fault
        return None

    def _draw(self, folder: Path) -> Generator[ProducedPicture, None, None]:
        orders: list[PictureOrder] = []
        for attempt in self.attempts.values():
            try:
                orders.extend(attempt.orders())
            except Exception as error:  # noqa: BLE001  (it ends this job, and no other)
                attempt.reason = error
        if not orders:
            return
        production = import_module(ENGINE)
        entry = catalogue.get(orders[0].request.model)
        yield from production.produce(
            orders,
            entry,
            reference=self._fetch_reference(folder),
            workdir=folder,
            on_progress=self._on_progress,
        )

    def _fetch_reference(self, folder: Path) -> Path | None:
        """Of the first job that has one: it is part of the batch key, so it is everybody's."""
        source = next((attempt.source for attempt in self.attempts.values() if attempt.source), None)
        if source is None:
            return None
        return storing.fetch(references.master_of(source).key, folder / "reference.png")

    def _on_progress(self, step: Progress) -> None:
        """Called by the engine at every step of every job; raises Cancelled to take that job out of the run."""
        self.clock.enter(step.stage, step.job)
        attempt = self.attempts[step.job]
        try:
            attempt.hear(step)
        except Cancelled as why:
            attempt.reason = why
            raise
        finally:
            self._end_the_ready()

    def _end_the_ready(self) -> None:
        """Nobody waits for the others of the run: a job ends as soon as its pictures are stored."""
        self._end([attempt for attempt in self.attempts.values() if attempt.is_ready_to_end], None)

    def _end(self, attempts: Sequence[Attempt], fault: Exception | None) -> None:
        for attempt in attempts:
            try:
                attempt.end(fault, in_company=len(self.attempts) > 1)
                progress.close(attempt.job.pk)
            except Exception as trouble:
                # Nobody else of the run shall suffer; the sweep takes the job back once its lease has run out.
                log.exception("job.left_to_its_lease", job_id=attempt.name)
                self._trouble = trouble


def _store(attempt: Attempt, produced: ProducedPicture) -> Finished:
    stored = storing.store_picture(produced, attempt=f"{attempt.job.pk}-{attempt.job.fence}")
    for path in (produced.master, *produced.thumbnails.values()):
        path.unlink(missing_ok=True)
    return Finished(produced, stored)
