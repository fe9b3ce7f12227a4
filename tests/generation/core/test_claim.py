"""The claim: one worker a job, fair between people, nobody waits forever."""

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

pytestmark = pytest.mark.both_databases


def claim() -> Job | None:
    return claiming.claim(lane="gpu", worker="w1")


def test_a_claimed_job_is_leased_and_has_a_new_fence(alice: User, submit: Submit) -> None:
    job = submit(alice)
    before = timezone.now()
    claimed = claim()
    assert claimed is not None
    assert claimed.pk == job.pk
    assert (claimed.state, claimed.fence, claimed.lease_owner) == (Job.State.RUNNING, 1, "w1")
    assert claimed.lease_until is not None
    assert claimed.started_at is not None
    # The database's clock counts milliseconds on SQLite.
    assert timedelta(seconds=25) < claimed.lease_until - before < timedelta(seconds=35)


def test_an_empty_queue_gives_no_job(db: None) -> None:
    assert claim() is None


def test_other_lanes_are_left_alone(alice: User, submit: Submit) -> None:
    submit(alice)
    assert claiming.claim(lane="gpu.big", worker="w1") is None


def test_a_job_is_claimed_once(alice: User, submit: Submit) -> None:
    submit(alice)
    assert claim() is not None
    assert claim() is None


def test_one_persons_jobs_run_in_the_order_of_submission(alice: User, submit: Submit) -> None:
    asked = [submit(alice).pk for _ in range(4)]
    claimed = [job.pk for _ in range(4) if (job := claim())]
    assert claimed == asked


def test_people_without_a_running_job_come_first(alice: User, bob: User, submit: Submit) -> None:
    for _ in range(3):
        submit(alice)
    submit(bob)
    owners = [job.owner for _ in range(4) if (job := claim())]
    assert owners[:2] == [alice, bob]


def test_people_with_less_recent_machine_time_come_first(alice: User, bob: User, submit: Submit) -> None:
    done = submit(alice)
    claimed = claim()
    assert claimed is not None
    claimed.finish(Job.State.DONE, gpu_seconds=50.0)
    submit(alice)
    submit(bob)
    first = claim()
    assert first is not None
    assert first.owner == bob
    Job.objects.filter(pk=done.pk).update(finished_at=timezone.now() - timedelta(hours=2))


def test_a_plan_with_more_weight_gets_more_machine_time(alice: User, bob: User, submit: Submit) -> None:
    for user, weight in ((alice, 1), (bob, 4)):
        submit(user)
        claimed = claim()
        assert claimed is not None
        claimed.finish(Job.State.DONE, gpu_seconds=50.0)
        Job.objects.filter(pk=submit(user).pk).update(weight=weight)
    first = claim()
    assert first is not None
    assert first.owner == bob


def test_nobody_waits_forever(alice: User, bob: User, submit: Submit) -> None:
    submit(alice)
    claimed = claim()
    assert claimed is not None
    claimed.finish(Job.State.DONE, gpu_seconds=5000.0)
    old = submit(alice)
    Job.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(seconds=claiming.AGING_SECONDS + 1)
    )
    submit(bob)
    first = claim()
    assert first is not None
    assert first.pk == old.pk


def test_a_job_that_waits_for_storage_is_not_claimed_too_early(alice: User, submit: Submit) -> None:
    job = submit(alice)
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now() + timedelta(seconds=60))
    second = submit(alice)
    claimed = claim()
    assert claimed is not None
    assert claimed.pk == second.pk
    assert claim() is None


@pytest.mark.django_db(transaction=True)
@override_settings(QUEUED_JOBS_PER_PERSON=100)
def test_eight_workers_at_once_claim_every_job_once(person: NewPerson, submit: Submit) -> None:
    people = [person(f"p{number}") for number in range(4)]
    asked = {submit(user).pk for user in people for _ in range(6)}
    taken: list[Job] = []

    def work(name: str) -> None:
        try:
            misses = 0
            # On PostgreSQL a claim may find every candidate locked by others for a moment.
            while misses < 20:
                job = claiming.claim(lane="gpu", worker=name)
                if job is None:
                    misses += 1
                    continue
                taken.append(job)
                job.finish(Job.State.CANCELLED)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(job.pk for job in taken) == sorted(asked)
