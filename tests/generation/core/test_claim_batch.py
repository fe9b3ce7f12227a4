"""Which jobs are claimed together: same batch key, no lost attempt, fair between people."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from generation.jobs import claim as claiming
from generation.models import Job

from .conftest import NewPerson, Submit

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

SPLIT = {"shape": "16:9"}  # what differs in it can't be drawn together


def claim(pictures: int = 4) -> list[Job]:
    """The jobs of the next run, the first one first."""
    first = claiming.claim(lane="gpu", worker="w")
    assert first is not None
    return [first, *claiming.claim_batch(first, worker="w", pictures=pictures)]


def test_jobs_of_one_batch_are_claimed_together_each_with_a_lease_and_a_fence(
    alice: User, bob: User, submit: Submit
) -> None:
    asked = [submit(alice, seed=1), submit(bob, seed=2, prompt="another", size="4k", negative_prompt="red")]
    taken = claim()
    assert [job.pk for job in taken] == [job.pk for job in asked]
    for job in taken:
        assert (job.state, job.fence, job.lease_owner) == (Job.State.RUNNING, 1, "w")
        assert job.lease_until is not None
    assert taken[0].finish(Job.State.CANCELLED)
    assert taken[1].release()


@pytest.mark.parametrize(
    "changes", [SPLIT, {"steps": 5}, {"guidance": 3.5}], ids=["shape", "steps", "guidance"]
)
def test_what_the_model_needs_to_be_equal_must_be_equal(
    alice: User, bob: User, submit: Submit, changes: dict[str, object]
) -> None:
    submit(alice)
    submit(bob, **changes)
    assert [job.owner for job in claim()] == [alice]


def test_no_more_pictures_than_the_limit_are_claimed_and_smaller_jobs_fill_it(
    person: NewPerson, submit: Submit
) -> None:
    alice, bob, carol, dora = (person(name) for name in ("alice", "bob", "carol", "dora"))
    submit(alice, count=2)
    submit(bob, count=3)
    submit(carol, count=1)
    submit(dora, count=1)
    assert [job.owner for job in claim(4)] == [alice, carol, dora]
    assert [job.owner for job in claim(4)] == [bob]


def test_a_limit_of_one_is_one_job_at_a_time(alice: User, bob: User, submit: Submit) -> None:
    submit(alice)
    submit(bob)
    assert len(claim(1)) == 1


def test_a_job_with_a_lost_attempt_runs_alone(alice: User, bob: User, submit: Submit) -> None:
    lost, other = submit(alice), submit(bob)
    Job.objects.filter(pk=lost.pk).update(attempts=1)
    assert [job.pk for job in claim()] == [lost.pk]
    Job.objects.filter(pk=lost.pk).update(
        state=Job.State.QUEUED, lease_until=None, created_at=timezone.now() + timedelta(seconds=5)
    )
    assert [job.pk for job in claim()] == [other.pk]


def test_nobody_has_two_jobs_in_a_batch_while_somebody_waits_outside(
    alice: User, bob: User, submit: Submit
) -> None:
    for _ in range(3):
        submit(alice)
    other = submit(bob, **SPLIT)
    assert [job.owner for job in claim()] == [alice]
    assert [job.pk for job in claim()] == [other.pk]
    assert [job.owner for job in claim()] == [alice, alice]


def test_everybody_has_one_job_in_the_batch_before_anybody_has_two(person: NewPerson, submit: Submit) -> None:
    alice, bob, carol = (person(name) for name in ("alice", "bob", "carol"))
    for _ in range(4):
        submit(alice)
    submit(bob)
    submit(carol)
    assert [job.owner for job in claim(4)] == [alice, bob, carol, alice]


def test_the_jobs_of_one_person_keep_their_order(alice: User, bob: User, submit: Submit) -> None:
    submit(bob)
    submit(alice, **SPLIT)
    submit(alice)  # could be drawn with bob's, but alice asked for the other one first
    assert [job.owner for job in claim()] == [bob]


def test_a_job_that_waits_for_storage_joins_no_batch_and_blocks_nobody(
    alice: User, bob: User, submit: Submit
) -> None:
    submit(alice)
    second = submit(alice)
    later = submit(bob)
    Job.objects.filter(pk=later.pk).update(not_before=timezone.now() + timedelta(seconds=60))
    assert [job.pk for job in claim()][1:] == [second.pk]


def test_jobs_of_another_lane_join_no_batch(alice: User, bob: User, submit: Submit) -> None:
    submit(alice)
    Job.objects.filter(pk=submit(bob).pk).update(lane="gpu.big")
    assert len(claim()) == 1


@pytest.mark.django_db(transaction=True)
@override_settings(QUEUED_JOBS_PER_PERSON=100)
def test_workers_that_claim_batches_at_once_claim_every_job_once(person: NewPerson, submit: Submit) -> None:
    people = [person(f"p{number}") for number in range(4)]
    asked = {submit(user).pk for user in people for _ in range(5)}
    taken: list[Job] = []

    def work(name: str) -> None:
        try:
            misses = 0
            while misses < 20:
                first = claiming.claim(lane="gpu", worker=name)
                if first is None:
                    misses += 1
                    continue
                jobs = [first, *claiming.claim_batch(first, worker=name, pictures=4)]
                taken.extend(jobs)
                for job in jobs:
                    job.finish(Job.State.CANCELLED)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.pk for job in taken) == sorted(asked)
