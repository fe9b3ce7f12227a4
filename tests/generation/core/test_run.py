"""Running a job with the real engine: what it publishes and charges, and what it does when something breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
import torch
from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F
from django.utils import timezone
from safetensors.torch import load

from accounts.models import Preferences, User
from accounts.people import preferences
from billing import ledger
from generation.engine import contract, production
from generation.files import storing, sweeping
from generation.jobs import cancellation, failures, progress, recovery
from generation.models import File, Job, JobPreview, Lineage, Picture, StorageDeletion
from generation.pictures import trash
from generation.worker import run, settlement
from image2.lib.processes import stopping

from .conftest import Submit

pytestmark = pytest.mark.django_db(transaction=True)

Break = Callable[[Exception], None]


@pytest.fixture
def quick(submit: Submit, tiny_model: None) -> Submit:
    """Submit to a tiny model with as few steps as it takes: these tests are not about how well it draws.

    Those that use ``submit`` itself act in the middle of a drawing of the shipped model.
    """

    def make(user: User, **changes: Any) -> Job:
        return submit(user, **{"steps": 4} | changes)

    return make


def run_until_done(job: Job) -> Job:
    run.run("gpu")
    job.refresh_from_db()
    return job


@pytest.mark.both_databases
def test_a_job_becomes_a_picture_with_its_files_recipe_and_charge(alice: User, quick: Submit) -> None:
    job = run_until_done(quick(alice, prompt="a red house", seed=11))
    picture = Picture.objects.get()
    assert (job.state, picture.job, picture.owner) == (Job.State.DONE, job, alice)
    assert (picture.width, picture.height, picture.seed, picture.prompt) == (1024, 1024, 11, "a red house")
    assert picture.recipe["seed"] == 11
    roles = {file.role: file for file in picture.files.all()}
    assert set(roles) == {"master", "thumb256", "thumb512", "thumb1024"}
    for file in roles.values():
        assert default_storage.size(file.key) == file.bytes
    balance = ledger.balance(alice)
    assert (balance.available, balance.held) == (1000 - job.price, 0)
    assert set(job.stage_seconds) >= {"drawing", "upscaling"}
    assert job.gpu_seconds == pytest.approx(sum(job.stage_seconds.values()))


def test_the_fields_are_stored_and_deleted_with_the_picture(alice: User, submit: Submit) -> None:
    run_until_done(submit(alice, steps=4))
    picture = Picture.objects.get()
    fields = picture.files.get(role=File.Role.FIELDS)
    with storing.opened(fields.key) as file:
        kept = load(file.read())["fields"]
    assert (tuple(kept.shape), kept.dtype) == ((44, 16, 16), torch.float16)
    assert fields.bytes < 30_000
    trash.delete(user=alice, pictures=[picture.pk])
    assert trash.empty(user=alice) == 1
    assert StorageDeletion.objects.filter(key=fields.key).exists()
    sweeping.delete_due()
    assert not default_storage.exists(fields.key)


def test_each_picture_of_a_job_has_its_own_seed(alice: User, quick: Submit) -> None:
    run_until_done(quick(alice, count=3, seed=2**32 - 1))
    assert list(Picture.objects.order_by("index").values_list("index", "seed")) == [
        (0, 2**32 - 1),
        (1, 0),
        (2, 1),
    ]


@pytest.mark.both_databases
def test_a_picture_can_start_from_another_one_and_remembers_it(alice: User, quick: Submit) -> None:
    run_until_done(quick(alice))
    first = Picture.objects.get()
    reference = f"picture:{first.pk}"
    run_until_done(quick(alice, kind="image_to_image", reference=reference, strength=0.6, steps=8))
    line = Lineage.objects.get()
    assert (line.parent, line.role) == (first, "reference")
    assert line.child.recipe["request"]["kind"] == "image_to_image"


def test_a_picture_carries_the_consent_that_held_when_it_was_made(alice: User, quick: Submit) -> None:
    run_until_done(quick(alice))
    preferences.of(alice)
    Preferences.objects.filter(user=alice).update(training_allowed=True)
    run_until_done(quick(alice))
    assert list(Picture.objects.order_by("created_at").values_list("training_allowed", flat=True)) == [
        False,
        True,
    ]


def test_previews_come_from_this_jobs_own_latents_two_or_more_before_the_end(
    alice: User, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    report = progress.report

    def watch(job_id: Any, step: contract.Progress) -> None:
        if step.preview is not None and step.stage == "drawing":
            seen.append(step.preview)
        report(job_id, step)

    monkeypatch.setattr(progress, "report", watch)
    run_until_done(submit(alice))
    assert len(set(seen)) >= 2
    assert all(preview[8:12] == b"WEBP" for preview in seen)


@pytest.mark.both_databases
@pytest.mark.few(1)
def test_a_cancelled_run_stops_keeps_nothing_and_costs_nothing(alice: User, submit: Submit) -> None:
    job = submit(alice, count=4)
    watcher = _when_running(job, lambda: cancellation.cancel(user=alice, job=job))
    run_until_done(job)
    watcher.join()
    assert job.state == Job.State.CANCELLED
    assert not Picture.objects.exists()
    assert ledger.balance(alice).available == 1000


def test_pictures_finished_before_the_cancel_are_kept_and_charged(
    alice: User, quick: Submit, break_after: Callable[[int], Break]
) -> None:
    break_after(1)(contract.Cancelled())
    job = run_until_done(quick(alice, count=3))
    assert (job.state, Picture.objects.count()) == (Job.State.CANCELLED, 1)
    assert ledger.balance(alice).available == 1000 - job.price // 3


@pytest.mark.both_databases
@pytest.mark.few(1)
def test_when_some_pictures_fail_the_others_are_kept_and_only_they_are_charged(
    alice: User, quick: Submit, break_after: Callable[[int], Break]
) -> None:
    break_after(2)(RuntimeError("the third one breaks"))
    job = run_until_done(quick(alice, count=3))
    assert (job.state, job.error_code, Picture.objects.count()) == (Job.State.DONE, "model", 2)
    assert "Only the finished ones were charged" in failures.sentence_of(job)
    assert ledger.balance(alice).available == 1000 - 2 * (job.price // 3)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("anything a pipeline raises"), "model"),
        (contract.EngineError("the engine says no"), "model"),
        (contract.ModelUnavailable("no weights"), "model_missing"),
        (SoftTimeLimitExceeded(), "time"),
        (storing.StorageFull("disk"), "storage"),
        (storing.ObjectMissing("reference"), "reference"),
    ],
)
def test_a_permanent_fault_fails_the_job_at_once_and_releases_the_credits(
    alice: User, quick: Submit, break_after: Callable[[int], Break], error: Exception, code: str
) -> None:
    break_after(0)(error)
    job = run_until_done(quick(alice))
    assert (job.state, job.error_code) == (Job.State.FAILED, code)
    assert "You were not charged" in failures.sentence_of(job)
    balance = ledger.balance(alice)
    assert (balance.available, balance.held) == (1000, 0)


def test_out_of_memory_is_retried_in_a_fresh_process_and_fails_the_third_time(
    alice: User, quick: Submit, break_after: Callable[[int], Break]
) -> None:
    break_after(0)(contract.OutOfMemory("no room"))
    job = quick(alice)
    for attempt in (1, 2):
        with pytest.raises(run.ProcessSpent):
            run.run("gpu")
        job.refresh_from_db()
        assert (job.state, job.attempts) == (Job.State.QUEUED, attempt)
    with pytest.raises(run.ProcessSpent):
        run.run("gpu")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "memory")
    assert ledger.balance(alice).available == 1000


@pytest.mark.both_databases
def test_unavailable_storage_is_retried_later_and_leaves_nothing_behind(
    alice: User, quick: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = quick(alice)
    real = storing.store_rendition
    calls = iter([False, True])

    def sometimes(*args: Any, **kwargs: Any) -> storing.Rendition:
        if next(calls, True):
            raise storing.StorageUnavailable("away")
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(storing, "store_rendition", sometimes)
        run_until_done(job)
    assert (job.state, job.attempts) == (Job.State.QUEUED, 1)
    assert job.not_before is not None
    assert job.not_before > timezone.now()
    assert StorageDeletion.objects.count() == 1  # the master that had been stored
    Job.objects.update(not_before=None)
    run_until_done(job)
    assert job.state == Job.State.DONE


@pytest.mark.both_databases
def test_a_worker_that_lost_its_lease_publishes_and_charges_nothing(alice: User, submit: Submit) -> None:
    job = submit(alice)

    def taken_by_another() -> None:
        Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1)

    watcher = _when_running(job, taken_by_another)
    run_until_done(job)
    watcher.join()
    assert job.state == Job.State.RUNNING  # of the other worker
    assert not Picture.objects.exists()
    assert not File.objects.exists()
    assert ledger.balance(alice).held == job.price


@pytest.mark.both_databases
def test_the_fence_also_holds_at_the_very_last_moment(
    alice: User, quick: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = quick(alice)
    settle = settlement.settle

    def too_late(*args: Any, **kwargs: Any) -> list[Picture]:
        Job.objects.filter(pk=job.pk).update(fence=F("fence") + 1)
        return settle(*args, **kwargs)

    monkeypatch.setattr(settlement, "settle", too_late)
    run_until_done(job)
    assert not Picture.objects.exists()
    assert StorageDeletion.objects.count() == 4  # the master and its three thumbnails
    assert ledger.balance(alice).held == job.price


@pytest.mark.both_databases
@pytest.mark.few(1)
def test_a_worker_that_stops_requeues_its_job_without_counting_an_attempt(
    alice: User, submit: Submit
) -> None:
    job = submit(alice)
    watcher = _when_running(job, stopping.request)
    run_until_done(job)
    watcher.join()
    assert (job.state, job.attempts, job.lease_until) == (Job.State.QUEUED, 0, None)
    stopping.clear()
    assert run_until_done(job).state == Job.State.DONE


@pytest.mark.both_databases
@pytest.mark.few(1)
def test_a_long_stage_without_a_step_does_not_lose_the_lease(
    alice: User, quick: Submit, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.JOB_LEASE_SECONDS = 1
    produce = production.produce

    def slowly(*args: Any, **kwargs: Any) -> Generator[contract.ProducedPicture, None, None]:
        threading.Event().wait(2.5)
        recovery.sweep()
        yield from produce(*args, **kwargs)

    monkeypatch.setattr(production, "produce", slowly)
    job = run_until_done(quick(alice))
    assert (job.state, job.attempts) == (Job.State.DONE, 0)


def test_a_run_that_fails_between_two_pictures_returns_the_model_at_once(
    alice: User, quick: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(ThreadPoolExecutor):
        def submit(self, *_args: Any, **_kwargs: Any) -> Any:
            raise RuntimeError("can't start new thread")

    job = quick(alice, count=2)
    monkeypatch.setattr(run, "ThreadPoolExecutor", Full)
    run.run("gpu")
    free: list[bool] = []

    def try_to_borrow() -> None:
        lock = production.RESIDENCY._lock
        free.append(lock.acquire(blocking=False))
        if free[0]:
            lock.release()

    other = threading.Thread(target=try_to_borrow)
    other.start()
    other.join()
    assert free == [True]
    job.refresh_from_db()
    assert job.state == Job.State.FAILED


@pytest.fixture
def break_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Break]:
    """Let the engine draw so many pictures and then raise."""

    def after(pictures: int) -> Break:
        def breaks(error: Exception) -> None:
            produce = production.produce

            def broken(*args: Any, **kwargs: Any) -> Generator[contract.ProducedPicture, None, None]:
                with closing(produce(*args, **kwargs)) as drawn:
                    for _picture in range(pictures):
                        yield next(drawn)
                    raise error

            monkeypatch.setattr(production, "produce", broken)

        return breaks

    return after


def _when_running(job: Job, act: Callable[[], Any]) -> threading.Thread:
    """Do something, from another thread, as soon as the job has a preview."""

    def wait() -> None:
        try:
            for _turn in range(1200):
                if JobPreview.objects.filter(job=job).exists():
                    act()
                    return
                threading.Event().wait(0.02)
        finally:
            connection.close()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread
