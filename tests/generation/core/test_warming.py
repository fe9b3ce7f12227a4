"""What a worker loads before its first job, and how it leaves jobs to another worker without losing one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from generation.engine import production
from generation.engine.contract import ModelUnavailable
from generation.engine.families.residency import Residency
from generation.jobs import claim, notify
from generation.models import Job, Worker
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.worker import lifecycle, reporting, run
from image2.lib.processes import stopping

from .conftest import Submit

pytestmark = pytest.mark.django_db(transaction=True)

Loaded = list[str]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Loaded:
    """Three models that each take 100 MB, of which "broken" can't be loaded; the budget holds two."""
    found: Loaded = []

    def load(entry: Entry) -> Any:
        if entry.id == "broken":
            raise ModelUnavailable("broken: its weights aren't on this machine")
        found.append(entry.id)
        return object()

    bundled = catalogue.get("bundled")
    entries = tuple(replace(bundled, id=name, memory_mb=100, warm=True) for name in ("a", "broken", "b", "c"))
    monkeypatch.setattr(catalogue, "warm", lambda: entries)
    monkeypatch.setattr(catalogue, "enabled", lambda: entries)
    monkeypatch.setattr("generation.engine.device.used_mb", lambda: 0)
    monkeypatch.setattr(production, "RESIDENCY", Residency(lambda: 200, load))
    monkeypatch.setattr(lifecycle, "_lanes", {"gpu"})
    monkeypatch.setattr(reporting, "_main_process", [])
    monkeypatch.setattr(reporting, "this_is_a_pool_process", lambda: None)
    return found


def test_a_worker_loads_what_is_warm_while_it_fits_and_one_that_fails_stops_no_other(loaded: Loaded) -> None:
    lifecycle.beat(reporting.worker_name(), "gpu", is_loading=True)
    lifecycle._warm_up()
    assert loaded == ["a", "b"]  # "c" would have unloaded one of them
    row = Worker.objects.get()
    assert row.held == ["a", "b"]
    assert "aren't on this machine" in row.models["broken"]["error"]


def test_the_second_worker_begins_with_the_next_model(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.beat("a machine:1", "gpu")
    monkeypatch.setattr(reporting, "worker_name", lambda: "b machine:1")
    monkeypatch.setattr(lifecycle, "worker_name", lambda: "b machine:1")
    lifecycle._warm_up()
    assert loaded == ["b", "c"]


def test_a_pool_process_works_in_the_name_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "_main_process", [])
    own = reporting.worker_name()
    reporting.this_is_a_pool_process()
    assert reporting.worker_name() != own
    assert reporting.worker_name().split(":")[0] == own.split(":")[0]


# --- jobs that are left to another worker ------------------------------------------------------------------------


@pytest.fixture
def notified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(notify, "send", found.append)
    return found


def held_elsewhere(seconds: float) -> None:
    Worker.objects.create(
        name="other", lane="gpu", models={"bundled": {"state": "loaded", "load_seconds": seconds}}
    )


def in_a_while(seconds: float, act: Callable[[], object]) -> threading.Thread:
    def later() -> None:
        try:
            threading.Event().wait(seconds)
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=later)
    thread.start()
    return thread


def test_a_worker_notifies_the_one_that_holds_the_model_and_takes_the_job_itself_when_that_does_not_come(
    alice: User, submit: Submit, notified: list[str]
) -> None:
    held_elsewhere(seconds=2)
    job = submit(alice)
    notified.clear()
    taken = run._next("gpu")
    assert taken == job
    assert taken.started_at is not None
    assert taken.started_at - job.created_at >= timedelta(seconds=1.9)
    assert notified


@pytest.mark.long
def test_while_it_waits_it_writes_and_notifies_seldom(
    alice: User, submit: Submit, notified: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held_elsewhere(seconds=6)
    submit(alice)
    notified.clear()
    looks: list[float] = []
    take = claim.claim

    def counted(**asked: Any) -> Job | None:
        looks.append(time.monotonic())
        return take(**asked)

    monkeypatch.setattr(claim, "claim", counted)
    assert run._next("gpu") is not None
    assert len(looks) <= 10 + 6  # each fifth of a second for two seconds, then each second
    assert len(notified) <= 3
    assert sum(run._PAUSES) >= claim.LONGEST_WAIT_SECONDS + 5


def test_when_the_other_worker_takes_it_nothing_is_left_to_wait_for(
    alice: User, submit: Submit, notified: list[str]
) -> None:
    held_elsewhere(seconds=60)
    job = submit(alice)
    taker = in_a_while(
        1, lambda: Job.objects.filter(pk=job.pk).update(state="running", lease_until=timezone.now())
    )
    assert run._next("gpu") is None
    taker.join()


def test_a_worker_that_is_asked_to_stop_leaves_the_job_and_stops_waiting(
    alice: User, submit: Submit, notified: list[str]
) -> None:
    held_elsewhere(seconds=60)
    job = submit(alice)
    asker = in_a_while(1, stopping.request)
    assert run._next("gpu") is None
    asker.join()
    job.refresh_from_db()
    assert job.state == "queued"
