"""A waiting job shows its place, and a measured range of time or "unknown"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from accounts.models import User
from generation.engine.contract import Progress
from generation.jobs import claim, estimates, progress
from generation.models import Job, Worker
from generation.models.workers import SILENCE
from generation.views.jobs import words
from generation.worker import lifecycle

from .conftest import Submit


@pytest.fixture(autouse=True)
def _forget() -> None:
    caches["forgetful"].clear()


def finish_one(user: User, submit: Submit, *, seconds: float, count: int = 1) -> None:
    submit(user, count=count)
    job = claim.claim(lane="gpu", worker="w")
    assert job is not None
    share = {"drawing": 0.5 * seconds * count, "upscaling": 0.5 * seconds * count}
    job.finish(Job.State.DONE, stage_seconds=share, gpu_seconds=seconds)


def test_the_place_counts_older_jobs(alice: User, bob: User, submit: Submit) -> None:
    first, second = submit(alice), submit(bob)
    assert (estimates.place(first), estimates.place(second)) == (1, 2)
    claim.claim(lane="gpu", worker="w")
    first.refresh_from_db()
    assert (estimates.place(first), estimates.place(second)) == (None, 1)


def test_the_next_job_waits_for_the_model_as_long_as_every_live_worker_loads_it(
    alice: User, bob: User, submit: Submit
) -> None:
    first, second = submit(alice), submit(bob)
    assert progress.event(first)["stage"] == ""  # no worker is there that could load it
    lifecycle.beat("w", "gpu", is_loading=True)
    assert [progress.event(job)["stage"] for job in (first, second)] == ["loading", ""]
    assert words.stage(progress.event(first)) == "Loading the model"
    assert words.stage(progress.event(second)) == "Place 2 in the queue"
    lifecycle.beat("other", "gpu")
    assert words.stage(progress.event(first)) == "Next in the queue"
    Worker.objects.filter(name="other").update(heartbeat_at=timezone.now() - 2 * SILENCE)
    assert progress.event(first)["stage"] == "loading"
    lifecycle.beat("w", "gpu")
    assert progress.event(first)["stage"] == ""


def test_before_five_samples_the_time_is_unknown(alice: User, submit: Submit) -> None:
    for _ in range(4):
        finish_one(alice, submit, seconds=10)
    assert estimates.estimate(submit(alice)) is None


def test_the_range_comes_from_measured_runs(alice: User, submit: Submit) -> None:
    for seconds in (8, 9, 10, 11, 12):
        finish_one(alice, submit, seconds=seconds)
    estimate = estimates.estimate(submit(alice))
    assert estimate is not None
    assert (estimate.low_seconds, estimate.high_seconds) == (8, 12)


def test_the_estimate_includes_jobs_ahead_and_grows_with_the_count(
    alice: User, bob: User, submit: Submit
) -> None:
    for _ in range(5):
        finish_one(alice, submit, seconds=10)
    submit(bob, count=2)
    estimate = estimates.estimate(submit(alice))
    assert estimate is not None
    assert (estimate.low_seconds, estimate.high_seconds) == (30, 30)


def test_finished_work_is_subtracted_while_the_job_runs(alice: User, submit: Submit) -> None:
    for _ in range(5):
        finish_one(alice, submit, seconds=10)
    submit(alice)
    job = claim.claim(lane="gpu", worker="w")
    assert job is not None
    progress.report(job.pk, Progress("drawing", 20, 20))
    job = Job.objects.select_related("progress").get(pk=job.pk)
    estimate = estimates.estimate(job)
    assert estimate is not None
    assert (estimate.low_seconds, estimate.high_seconds) == (5, 5)


def test_an_ended_job_has_neither_place_nor_time(alice: User, submit: Submit) -> None:
    job = submit(alice)
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now() + timedelta(0))
    job.refresh_from_db()
    assert estimates.place(job) is None
    assert estimates.estimate(job) is None
