"""Expired leases: requeued, failed at the third lost attempt, never ended twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation.jobs import cancellation, claim, failures, recovery
from generation.models import Job

from .conftest import Submit

pytestmark = pytest.mark.both_databases


def lose(job: Job) -> None:
    """Let the worker of a running job die."""
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_an_expired_job_is_requeued_and_its_first_worker_is_fenced_out(alice: User, submit: Submit) -> None:
    submit(alice)
    first = claim.claim(lane="gpu", worker="dies")
    assert first is not None
    lose(first)
    recovery.sweep()
    second = claim.claim(lane="gpu", worker="lives")
    assert second is not None
    assert second.pk == first.pk
    assert second.attempts == 1
    assert not first.finish(Job.State.DONE)
    assert not first.release()
    assert second.finish(Job.State.DONE)


def test_a_job_with_a_valid_lease_is_left_alone(alice: User, submit: Submit) -> None:
    submit(alice)
    held = claim.claim(lane="gpu", worker="lives")
    recovery.sweep()
    assert held is not None
    assert held.finish(Job.State.DONE)


def test_the_third_lost_attempt_fails_the_job_releases_the_credits_and_says_so(
    alice: User, submit: Submit
) -> None:
    job = submit(alice)
    for _attempt in range(3):
        claimed = claim.claim(lane="gpu", worker="dies")
        assert claimed is not None
        lose(claimed)
        recovery.sweep()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.FAILED, 3)
    assert "You were not charged" in failures.sentence_of(job)
    balance = ledger.balance(alice)
    assert (balance.available, balance.held) == (1000, 0)
    assert claim.claim(lane="gpu", worker="w") is None


def test_a_job_with_a_requested_cancel_is_cancelled_when_its_worker_dies(alice: User, submit: Submit) -> None:
    job = submit(alice)
    claimed = claim.claim(lane="gpu", worker="dies")
    assert claimed is not None
    cancellation.cancel(user=alice, job=job)
    lose(claimed)
    recovery.sweep()
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert ledger.balance(alice).available == 1000


def test_cancelling_a_queued_job_releases_the_credits_at_once(alice: User, submit: Submit) -> None:
    job = submit(alice)
    cancellation.cancel(user=alice, job=job)
    cancellation.cancel(user=alice, job=job)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert ledger.balance(alice).available == 1000
