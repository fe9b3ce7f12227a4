"""Seconds of a run by job and stage: for estimates, and for the fair order of the queue."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

# In these the model works for one picture alone; in the others for all jobs of the run at once.
_FOR_ONE = frozenset({"upscaling", "enhancing", "encoding"})


class RunClock:
    """Divides the time of a run between its jobs.

    Time that the model spends on several jobs at once is divided by their numbers of pictures.
    """

    def __init__(self, pictures: Mapping[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._pictures = dict(pictures)  # of the jobs still in the run
        self._seconds: dict[str, dict[str, float]] = {job: {} for job in pictures}
        self._stage, self._job = "loading", ""
        self._clock = clock
        self._since = clock()

    def enter(self, stage: str, job: str) -> None:
        """Start a stage, for one job or for all of them."""
        job = job if stage in _FOR_ONE else ""
        if (stage, job) != (self._stage, self._job):
            self._count()
            self._stage, self._job = stage, job

    def leave(self, job: str) -> dict[str, float]:
        """Stop counting for a job; return its seconds by stage, rounded to milliseconds."""
        self._count()
        self._pictures.pop(job, None)
        return {stage: round(seconds, 3) for stage, seconds in self._seconds[job].items()}

    def _count(self) -> None:
        now = self._clock()
        spent, self._since = now - self._since, now
        present = {job: pictures for job, pictures in self._pictures.items() if self._job in ("", job)}
        for job, pictures in present.items():
            stages = self._seconds[job]
            stages[self._stage] = stages.get(self._stage, 0.0) + spent * pictures / sum(present.values())
