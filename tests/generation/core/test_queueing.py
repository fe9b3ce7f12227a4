"""What a waiting person is told: a place, and a range of time that was measured, or "unknown"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from generation import claiming, heartbeat, progress, queueing
from generation.engine.contract import Progress
from generation.models import Job, Worker
from generation.models.workers import SILENCE
from generation.views import words

from .conftest import Submit


@pytest.fixture(autouse=True)
def _forget() -> None:
    cache.clear()


def finish_one(user: User, submit: Submit, *, seconds: float, count: int = 1) -> None:
    submit(user, count=count)
    job = claiming.claim(lane="gpu", worker="w")
    assert job is not None
    share = {"drawing": 0.5 * seconds * count, "upscaling": 0.5 * seconds * count}
    job.finish(Job.State.DONE, stage_seconds=share, gpu_seconds=seconds)


def test_the_place_counts_who_came_before(alice: User, bob: User, submit: Submit) -> None:
    first, second = submit(alice), submit(bob)
    assert (queueing.place(first), queueing.place(second)) == (1, 2)
    claiming.claim(lane="gpu", worker="w")
    first.refresh_from_db()
    assert (queueing.place(first), queueing.place(second)) == (None, 1)


def test_the_next_job_waits_for_the_model_as_long_as_every_live_worker_loads_it(
    alice: User, bob: User, submit: Submit
) -> None:
    first, second = submit(alice), submit(bob)
    assert progress.event(first)["stage"] == ""  # nobody is there who could load it
    heartbeat.beat("w", "gpu", is_loading=True)
    assert [progress.event(job)["stage"] for job in (first, second)] == ["loading", ""]
    assert words.stage(progress.event(first)) == "Loading the model"
    assert words.stage(progress.event(second)) == "Place 2 in the queue"
    heartbeat.beat("other", "gpu")
    assert words.stage(progress.event(first)) == "Next in the queue"
    Worker.objects.filter(name="other").update(heartbeat_at=timezone.now() - 2 * SILENCE)
    assert progress.event(first)["stage"] == "loading"
    heartbeat.beat("w", "gpu")
    assert progress.event(first)["stage"] == ""


def test_before_five_samples_the_time_is_unknown(alice: User, submit: Submit) -> None:
    for _ in range(4):
        finish_one(alice, submit, seconds=10)
    assert queueing.estimate(submit(alice)) is None


def test_the_range_is_what_was_measured(alice: User, submit: Submit) -> None:
    for seconds in (8, 9, 10, 11, 12):
        finish_one(alice, submit, seconds=seconds)
    estimate = queueing.estimate(submit(alice))
    assert estimate is not None
    assert (estimate.low_seconds, estimate.high_seconds) == (8, 12)


def test_the_time_includes_whoever_is_ahead_and_grows_with_the_count(
    alice: User, bob: User, submit: Submit
) -> None:
    for _ in range(5):
        finish_one(alice, submit, seconds=10)
    submit(bob, count=2)
    estimate = queueing.estimate(submit(alice))
    assert estimate is not None
    assert (estimate.low_seconds, estimate.high_seconds) == (30, 30)


def test_what_is_done_is_taken_off_while_it_runs(alice: User, submit: Submit) -> None:
    for _ in range(5):
        finish_one(alice, submit, seconds=10)
    submit(alice)
    job = claiming.claim(lane="gpu", worker="w")
    assert job is not None
    progress.tell(job.pk, Progress("drawing", 20, 20))
    job = Job.objects.select_related("progress").get(pk=job.pk)
    estimate = queueing.estimate(job)
    assert estimate is not None
    assert (estimate.low_seconds, estimate.high_seconds) == (5, 5)


def test_an_ended_job_has_neither_place_nor_time(alice: User, submit: Submit) -> None:
    job = submit(alice)
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now() + timedelta(0))
    job.refresh_from_db()
    assert queueing.place(job) is None
    assert queueing.estimate(job) is None
