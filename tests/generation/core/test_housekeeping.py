"""What the beat deletes: previews of ended jobs, workers without a heartbeat for a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from generation import housekeeping
from generation.engine import production
from generation.engine.contract import Progress
from generation.engine.families import residency
from generation.jobs import claim, progress
from generation.models import Job, JobPreview, Worker
from generation.requests import catalogue
from generation.worker import lifecycle, reporting

from .conftest import Submit

pytestmark = pytest.mark.both_databases


def test_previews_are_deleted_a_while_after_the_job_has_ended(alice: User, submit: Submit) -> None:
    submit(alice)
    job = claim.claim(lane="gpu", worker="w")
    assert job is not None
    progress.report(job.pk, Progress("drawing", 1, 25, 0, b"RIFF1234WEBP"))
    job.finish(Job.State.DONE)
    housekeeping.clean_up()
    assert JobPreview.objects.exists()
    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=6))
    housekeeping.clean_up()
    assert not JobPreview.objects.exists()


@pytest.mark.django_db
@pytest.mark.long
def test_workers_without_a_heartbeat_for_a_day_are_deleted() -> None:
    lifecycle.beat("old", "gpu")
    lifecycle.beat("new", "gpu")
    Worker.objects.filter(name="old").update(heartbeat_at=timezone.now() - timedelta(days=2))
    housekeeping.clean_up()
    assert list(Worker.objects.values_list("name", flat=True)) == ["new"]


@pytest.mark.django_db
def test_a_heartbeat_is_one_row_a_worker() -> None:
    lifecycle.beat("w", "gpu")
    first = Worker.objects.get().heartbeat_at
    lifecycle.beat("w", "gpu")
    assert Worker.objects.get().heartbeat_at >= first


@pytest.mark.django_db
def test_a_worker_says_which_models_its_pool_process_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    own = residency.Residency(lambda: 10_000, lambda _entry: object())  # type: ignore[arg-type, return-value]  # never asked to draw
    monkeypatch.setattr(production, "RESIDENCY", own)
    lifecycle.beat(reporting.worker_name(), "gpu")
    with own.lend(catalogue.get("bundled")):
        reporting.report_loads()

    worker = Worker.objects.get()
    assert worker.held == ["bundled"]
    assert worker.models["bundled"]["load_seconds"] >= 0
    assert worker.device
