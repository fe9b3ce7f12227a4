"""Apps above hear of every job that ended, after the commit and once, however it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation.jobs import cancellation, claim, outcomes, recovery
from generation.models import Job
from generation.worker import settlement

from .conftest import Submit

pytestmark = pytest.mark.both_databases
Commit = Callable[..., Any]
Heard = list[tuple[UUID, Job.State]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    calls: Heard = []
    monkeypatch.setattr(outcomes, "_listeners", [])
    outcomes.register(lambda job, state: calls.append((job, state)))
    return calls  # type: ignore[return-value]


def claimed(user: User, submit: Submit) -> Job:
    submit(user)
    job = claim.claim(lane="gpu", worker="w")
    assert job is not None
    return job


def expire(job: Job, *, attempts: int = 0) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(lease_until=past, attempts=attempts)


@pytest.mark.parametrize(
    ("state", "error"), [(Job.State.DONE, ""), (Job.State.FAILED, "model"), (Job.State.CANCELLED, "")]
)
def test_a_settled_job_is_announced_after_the_commit(
    alice: User,
    submit: Submit,
    heard: Heard,
    django_capture_on_commit_callbacks: Commit,
    state: Job.State,
    error: str,
) -> None:
    job = claimed(alice, submit)
    with django_capture_on_commit_callbacks(execute=True):
        settlement.settle(job, state, [], origins={}, error_code=error)
        assert heard == []
    assert heard == [(job.pk, state)]


def test_a_job_cancelled_while_it_waits_is_announced_and_one_that_runs_when_it_ends(
    alice: User, submit: Submit, heard: Heard, django_capture_on_commit_callbacks: Commit
) -> None:
    running = claimed(alice, submit)
    waiting = submit(alice)
    with django_capture_on_commit_callbacks(execute=True):
        cancellation.cancel(user=alice, job=running)
        cancellation.cancel(user=alice, job=waiting)
        cancellation.cancel(user=alice, job=waiting)
    assert heard == [(waiting.pk, Job.State.CANCELLED)]


def test_an_expired_job_is_announced_only_when_it_ends(
    alice: User, submit: Submit, heard: Heard, django_capture_on_commit_callbacks: Commit
) -> None:
    job = claimed(alice, submit)
    expire(job)
    with django_capture_on_commit_callbacks(execute=True):
        recovery.sweep()
    assert heard == []
    again = claim.claim(lane="gpu", worker="w")
    assert again is not None
    expire(again, attempts=2)
    with django_capture_on_commit_callbacks(execute=True):
        recovery.sweep()
        recovery.sweep()
    assert heard == [(job.pk, Job.State.FAILED)]


def test_a_worker_that_lost_its_lease_announces_nothing(
    alice: User, submit: Submit, heard: Heard, django_capture_on_commit_callbacks: Commit
) -> None:
    job = claimed(alice, submit)
    expire(job)
    recovery.sweep()
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(settlement.Fenced):
        settlement.settle(job, Job.State.DONE, [], origins={})
    assert heard == []


def test_a_listener_that_raises_stops_neither_the_job_nor_the_others(
    alice: User,
    submit: Submit,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    calls: Heard = []

    def breaks(job: UUID, state: Job.State) -> None:
        raise RuntimeError("the other app is broken")

    monkeypatch.setattr(outcomes, "_listeners", [])
    outcomes.register(breaks)
    outcomes.register(breaks)
    outcomes.register(lambda job, state: calls.append((job, state)))
    job = submit(alice)
    with django_capture_on_commit_callbacks(execute=True):
        cancellation.cancel(user=alice, job=job)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert ledger.balance(alice).held == 0
    assert calls == [(job.pk, Job.State.CANCELLED)]
