"""Jobs of several people in one run of the real engine: each has its own progress, files, charge and end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation.engine import contract, production
from generation.files import storing
from generation.jobs import cancellation, progress, recovery
from generation.models import Job, JobPreview, Picture, StorageDeletion
from generation.worker import run, settlement
from image2.lib.processes import stopping

from .conftest import Submit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

Runs = list[list[str]]


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Record which jobs each run of the model had."""
    seen: Runs = []
    produce = production.produce

    def noted(orders: Any, *args: Any, **kwargs: Any) -> Generator[contract.ProducedPicture, None, None]:
        seen.append(list(dict.fromkeys(order.job for order in orders)))
        return produce(orders, *args, **kwargs)

    monkeypatch.setattr(production, "produce", noted)
    return seen


@pytest.fixture
def pair(alice: User, bob: User, submit: Submit, tiny_model: None) -> tuple[Job, Job]:
    """A job of alice's and one of bob's that can be drawn together, with a tiny model: these tests look at ends."""
    return (
        submit(alice, steps=4, seed=1, prompt="a red house"),
        submit(bob, steps=4, seed=2, prompt="a blue boat"),
    )


def run_once(*jobs: Job) -> None:
    run.run("gpu")
    for job in jobs:
        job.refresh_from_db()


def lose(job: Job) -> None:
    """Let the lease of a job expire."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    recovery.sweep()


def credits_of(user: User) -> tuple[int, int]:
    balance = ledger.balance(user)
    return balance.available, balance.held


@pytest.fixture
def at_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Job, str, Callable[[], object]], None]:
    """Do something once, when a job reports this stage."""

    def when(job: Job, stage: str, act: Callable[[], object]) -> None:
        report = progress.report
        acted = threading.Event()

        def watch(job_id: Any, step: contract.Progress) -> None:
            report(job_id, step)
            if job_id == job.pk and step.stage == stage and not acted.is_set():
                acted.set()
                act()

        monkeypatch.setattr(progress, "report", watch)

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


def test_with_a_batch_limit_of_one_each_job_is_a_run(
    pair: tuple[Job, Job], runs: Runs, settings: Any
) -> None:
    settings.JOB_BATCH_PICTURES = 1
    run_once(*pair)
    assert [job.state for job in pair] == [Job.State.DONE, Job.State.QUEUED]
    assert len(runs[0]) == 1


@pytest.mark.parametrize("stage", ["drawing", "upscaling"])
@pytest.mark.few(1)
def test_a_cancelled_job_of_a_batch_ends_at_once_and_the_other_is_drawn(
    pair: tuple[Job, Job], at_step: Any, stage: str
) -> None:
    mine, theirs = pair
    at_step(mine, stage, lambda: cancellation.cancel(user=mine.owner, job=mine))
    # By the time the other one is stored, the cancelled one has ended.
    states: list[str] = []
    at_step(theirs, "encoding", lambda: states.append(Job.objects.get(pk=mine.pk).state))
    run_once(mine, theirs)
    assert states == [Job.State.CANCELLED]
    assert (mine.state, theirs.state) == (Job.State.CANCELLED, Job.State.DONE)
    assert credits_of(mine.owner) == (1000, 0)
    assert credits_of(theirs.owner) == (1000 - theirs.price, 0)
    assert list(Picture.objects.values_list("job", flat=True)) == [theirs.pk]


def test_a_finished_job_is_published_while_the_other_is_still_drawn(
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


def test_when_publishing_one_fails_the_other_is_published_and_the_first_is_retried_alone(
    pair: tuple[Job, Job], runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = pair
    settle = settlement.settle

    def broken(job: Job, *args: Any, **kwargs: Any) -> list[Picture]:
        if job.pk == mine.pk:
            raise OperationalError("the database went away")
        return settle(job, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(settlement, "settle", broken)
        with pytest.raises(OperationalError):
            run.run("gpu")
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
@pytest.mark.few(1)
def test_the_jobs_of_a_failed_batch_are_retried_one_by_one(
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
        with pytest.raises(run.ProcessSpent):
            run.run("gpu")
    else:
        run.run("gpu")
    mine, theirs = pair
    # The first job had all its pictures by then, so the fault doesn't concern it.
    for job in pair:
        job.refresh_from_db()
    assert (mine.state, theirs.state, theirs.attempts) == (Job.State.DONE, Job.State.QUEUED, 1)
    run_once(theirs)
    assert theirs.state == Job.State.DONE
    assert runs[1] == [str(theirs.pk)]
    assert credits_of(theirs.owner) == (1000 - theirs.price, 0)


def test_a_batch_that_fails_before_a_picture_requeues_its_jobs_or_fails_them_at_the_last_attempt(
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


def test_a_job_of_a_batch_that_lost_its_lease_publishes_nothing_and_the_other_continues(
    pair: tuple[Job, Job], at_step: Any
) -> None:
    mine, theirs = pair
    at_step(mine, "drawing", lambda: Job.objects.filter(pk=mine.pk).update(fence=F("fence") + 1))
    run_once(mine, theirs)
    assert (mine.state, theirs.state) == (Job.State.RUNNING, Job.State.DONE)
    assert list(Picture.objects.values_list("job", flat=True)) == [theirs.pk]


def test_a_worker_that_stops_requeues_the_whole_batch(pair: tuple[Job, Job], at_step: Any) -> None:
    at_step(pair[0], "drawing", stopping.request)
    run_once(*pair)
    assert [(job.state, job.attempts, job.lease_until) for job in pair] == [(Job.State.QUEUED, 0, None)] * 2
    assert not StorageDeletion.objects.exists()
