"""What the beat forgets: previews of jobs that ended, workers that were not seen for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from generation import claiming, heartbeat, progress, tidying
from generation.engine.contract import Progress
from generation.models import Job, JobPreview, Worker

from .conftest import Submit


def test_previews_go_a_while_after_the_job_has_ended(alice: User, submit: Submit) -> None:
    submit(alice)
    job = claiming.claim(lane="gpu", worker="w")
    assert job is not None
    progress.tell(job.pk, Progress("drawing", 1, 25, 0, b"RIFF1234WEBP"))
    job.finish(Job.State.DONE)
    tidying.tidy()
    assert JobPreview.objects.exists()
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=6))
    tidying.tidy()
    assert not JobPreview.objects.exists()


@pytest.mark.django_db
def test_workers_that_were_not_seen_for_a_day_are_forgotten() -> None:
    heartbeat.beat("old", "gpu")
    heartbeat.beat("new", "gpu")
    Worker.objects.filter(name="old").update(heartbeat_at=timezone.now() - timedelta(days=2))
    tidying.tidy()
    assert list(Worker.objects.values_list("name", flat=True)) == ["new"]


@pytest.mark.django_db
def test_a_heartbeat_is_one_row_a_worker() -> None:
    heartbeat.beat("w", "gpu")
    first = Worker.objects.get().heartbeat_at
    heartbeat.beat("w", "gpu")
    assert Worker.objects.get().heartbeat_at >= first
