"""Jobs of several people in one run of the real model: each is told, stored, charged, cancelled, failed by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation import cancelling, execution, progress, publishing, recovery, storing
from generation.engine import contract, production
from generation.models import Job, JobPreview, Picture, StorageDeletion
from image2.lib import stopping

from .conftest import Submit

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[3]
Runs = list[list[str]]


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Whose orders each run of the model had, by job."""
    seen: Runs = []
    produce = production.produce

    def noted(orders: Any, *args: Any, **kwargs: Any) -> Generator[contract.ProducedPicture, None, None]:
        seen.append(list(dict.fromkeys(order.job for order in orders)))
        return produce(orders, *args, **kwargs)

    monkeypatch.setattr(production, "produce", noted)
    return seen


@pytest.fixture
def pair(alice: User, bob: User, submit: Submit) -> tuple[Job, Job]:
    """A job of alice's and one of bob's that can be drawn together: few steps, since these tests look at ends."""
    return (
        submit(alice, steps=4, seed=1, prompt="a red house"),
        submit(bob, steps=4, seed=2, prompt="a blue boat"),
    )


def run_once(*jobs: Job) -> None:
    execution.run("gpu")
    for job in jobs:
        job.refresh_from_db()


def lose(job: Job) -> None:
    """Let the lease of a job run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    recovery.sweep()


def credits_of(user: User) -> tuple[int, int]:
    balance = ledger.balance(user)
    return balance.available, balance.held


@pytest.fixture
def at_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Job, str, Callable[[], object]], None]:
    """Do something once, when a job hears of this stage."""

    def when(job: Job, stage: str, act: Callable[[], object]) -> None:
        tell = progress.tell
        acted = threading.Event()

        def watch(job_id: Any, step: contract.Progress) -> None:
            tell(job_id, step)
            if job_id == job.pk and step.stage == stage and not acted.is_set():
                acted.set()
                act()

        monkeypatch.setattr(progress, "tell", watch)

    return when


def test_jobs_of_two_people_are_drawn_in_one_run_and_each_gets_and_pays_its_own(
    pair: tuple[Job, Job], runs: Runs
) -> None:
    mine, theirs = pair
    told: list[tuple[str, int]] = []
    run_once(mine, theirs)
    assert runs == [[str(mine.pk), str(theirs.pk)]]
    for job in pair:
        picture = Picture.objects.get(job=job)
        assert job.state == Job.State.DONE
        assert (picture.owner, picture.seed) == (job.owner, job.parsed_request.seed)
        assert (picture.prompt, picture.recipe["batch"]) == (job.parsed_request.prompt, 2)
        assert picture.files.count() == 4
        assert credits_of(job.owner) == (1000 - job.price, 0)
        assert job.gpu_seconds == pytest.approx(sum(job.stage_seconds.values()))
        told.append((job.stage_seconds["drawing"], JobPreview.objects.filter(job=job).count()))
    assert told[0] == pytest.approx(told[1], abs=0.002)  # one drawing, divided by two; a preview each


def test_a_site_that_draws_one_job_at_a_time_does(pair: tuple[Job, Job], runs: Runs, settings: Any) -> None:
    settings.JOB_BATCH_PICTURES = 1
    run_once(*pair)
    assert [job.state for job in pair] == [Job.State.DONE, Job.State.QUEUED]
    assert len(runs[0]) == 1


@pytest.mark.parametrize("stage", ["drawing", "upscaling"])
def test_one_that_is_cancelled_ends_at_once_and_the_other_is_drawn(
    pair: tuple[Job, Job], at_step: Any, stage: str
) -> None:
    mine, theirs = pair
    at_step(mine, stage, lambda: cancelling.cancel(user=mine.owner, job=mine))
    # By the time the other one is stored, the cancelled one has ended.
    states: list[str] = []
    at_step(theirs, "encoding", lambda: states.append(Job.objects.get(pk=mine.pk).state))
    run_once(mine, theirs)
    assert states == [Job.State.CANCELLED]
    assert (mine.state, theirs.state) == (Job.State.CANCELLED, Job.State.DONE)
    assert credits_of(mine.owner) == (1000, 0)
    assert credits_of(theirs.owner) == (1000 - theirs.price, 0)
    assert list(Picture.objects.values_list("job", flat=True)) == [theirs.pk]


def test_one_that_is_ready_is_published_while_the_other_is_still_worked_on(
    pair: tuple[Job, Job], at_step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = pair
    stored, seen = threading.Event(), list[str]()
    real = storing.store_picture

    def noted(produced: contract.ProducedPicture, **kwargs: Any) -> storing.StoredPicture:
        made = real(produced, **kwargs)
        stored.set()
        return made

    monkeypatch.setattr(storing, "store_picture", noted)
    at_step(theirs, "upscaling", lambda: stored.wait(60))
    at_step(theirs, "encoding", lambda: seen.append(Job.objects.get(pk=mine.pk).state))
    run_once(mine, theirs)
    assert seen == [Job.State.DONE]


def test_when_publishing_one_fails_the_other_is_published_and_the_first_is_drawn_again_alone(
    pair: tuple[Job, Job], runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = pair
    publish = publishing.publish

    def broken(job: Job, *args: Any, **kwargs: Any) -> list[Picture]:
        if job.pk == mine.pk:
            raise OperationalError("the database went away")
        return publish(job, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "publish", broken)
        with pytest.raises(OperationalError):
            execution.run("gpu")
    for job in pair:
        job.refresh_from_db()
    assert (mine.state, theirs.state) == (Job.State.RUNNING, Job.State.DONE)
    assert credits_of(mine.owner) == (1000 - mine.price, mine.price)
    lose(mine)
    run_once(mine)
    assert (mine.state, mine.attempts, runs[1]) == (Job.State.DONE, 1, [str(mine.pk)])
    assert credits_of(mine.owner) == (1000 - mine.price, 0)


def test_when_storing_one_fails_only_that_one_fails(
    pair: tuple[Job, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = pair
    real = storing.store_picture

    def full(produced: contract.ProducedPicture, **kwargs: Any) -> storing.StoredPicture:
        if produced.job == str(mine.pk):
            raise storing.StorageFull("disk")
        return real(produced, **kwargs)

    monkeypatch.setattr(storing, "store_picture", full)
    run_once(mine, theirs)
    assert (mine.state, mine.error_code, theirs.state) == (Job.State.FAILED, "storage", Job.State.DONE)
    assert credits_of(mine.owner) == (1000, 0)


@pytest.mark.parametrize(
    "error", [contract.OutOfMemory("no room"), RuntimeError("one of the two breaks the pipeline")]
)
def test_a_run_that_breaks_is_done_again_one_by_one(
    pair: tuple[Job, Job], runs: Runs, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    produce = production.produce

    def broken(orders: Any, *args: Any, **kwargs: Any) -> Generator[contract.ProducedPicture, None, None]:
        with closing(produce(orders, *args, **kwargs)) as drawn:
            if len({order.job for order in orders}) > 1:
                yield next(drawn)
                raise error
            yield from drawn

    monkeypatch.setattr(production, "produce", broken)
    if isinstance(error, contract.OutOfMemory):
        with pytest.raises(execution.ProcessSpent):
            execution.run("gpu")
    else:
        execution.run("gpu")
    mine, theirs = pair
    # The first one had all its pictures by then, so the fault is none of its own.
    for job in pair:
        job.refresh_from_db()
    assert (mine.state, theirs.state, theirs.attempts) == (Job.State.DONE, Job.State.QUEUED, 1)
    run_once(theirs)
    assert theirs.state == Job.State.DONE
    assert runs[1] == [str(theirs.pk)]
    assert credits_of(theirs.owner) == (1000 - theirs.price, 0)


def test_a_run_that_breaks_before_a_picture_puts_everybody_back_even_where_a_first_loss_is_the_last(
    pair: tuple[Job, Job], runs: Runs, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.JOB_LOST_ATTEMPTS = 1
    produce = production.produce
    poison = str(pair[1].pk)

    def broken(orders: Any, *args: Any, **kwargs: Any) -> Generator[contract.ProducedPicture, None, None]:
        if poison in {order.job for order in orders}:
            raise RuntimeError("this one breaks whatever it is drawn with")
        return produce(orders, *args, **kwargs)

    monkeypatch.setattr(production, "produce", broken)
    run_once(*pair)
    assert [(job.state, job.attempts) for job in pair] == [(Job.State.QUEUED, 1)] * 2
    run_once(*pair)
    run_once(*pair)
    assert [job.state for job in pair] == [Job.State.DONE, Job.State.FAILED]
    assert credits_of(pair[1].owner) == (1000, 0)


def test_one_that_was_taken_away_publishes_nothing_and_the_other_goes_on(
    pair: tuple[Job, Job], at_step: Any
) -> None:
    mine, theirs = pair
    at_step(mine, "drawing", lambda: Job.objects.filter(pk=mine.pk).update(fence=F("fence") + 1))
    run_once(mine, theirs)
    assert (mine.state, theirs.state) == (Job.State.RUNNING, Job.State.DONE)
    assert list(Picture.objects.values_list("job", flat=True)) == [theirs.pk]


def test_a_worker_that_stops_gives_all_of_them_back(pair: tuple[Job, Job], at_step: Any) -> None:
    at_step(pair[0], "drawing", stopping.request)
    run_once(*pair)
    assert [(job.state, job.attempts, job.lease_until) for job in pair] == [(Job.State.QUEUED, 0, None)] * 2
    assert not StorageDeletion.objects.exists()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_in_the_middle_of_a_batch_loses_no_job_and_each_runs_alone_after_it(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    url = f"sqlite:///{tmp_path / 'kill.sqlite3'}"
    if database == "postgresql":
        url = request.getfixturevalue("postgres_url")
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "IMAGE2_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "image2.settings",
        "JOB_LEASE_SECONDS": "2",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.generation.core.killed"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    after = json.loads(done.stdout.splitlines()[-1])
    assert after["killed"] == {"signal": 9, "states": ["running"] * 3, "pictures": 0}
    assert after["swept"] == [["queued", 1]] * 3
    assert after["ended"] == [["done", 1]] * 3
    assert after["batches"] == [1, 1, 1]
    assert after["credits"] == [[1000 - after["price"], 0]] * 3
