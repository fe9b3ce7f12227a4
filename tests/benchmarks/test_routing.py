"""Routing jobs to workers that hold their model against none: two workers, two models, room for one on each card.

Run: ``bin/test tests/benchmarks/test_routing.py -s``. Ratios are printed; nothing is asserted about time.
"""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from generation.jobs import claim
from generation.models import Job, Worker
from image2.lib.ids import new_id
from tests.benchmarks.repeats import WITHIN_THE_SUITE, repeats
from tests.factories import make_person
from tests.services.racing import answer_of

pytestmark = pytest.mark.long


def test_two_workers_with_routing_and_without(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'routing.sqlite3'}",
        "IMAGE2_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "image2.settings",
        "IMAGE2_TORCH_THREADS": "1",
        "QUEUED_JOBS_PER_PERSON": "100",
    }
    jobs, turns = (6, 1) if WITHIN_THE_SUITE else (24, 3)
    found = answer_of("tests.benchmarks.routing_workers", str(jobs), str(turns), environment=environment)
    pairs = list(zip(found["routed"], found["not routed"], strict=True))
    ratio = statistics.median(with_it["seconds"] / without["seconds"] for with_it, without in pairs)
    print(f"\n{jobs} jobs of two models, two workers, seconds with routing / without: {ratio:.2f}; {found}")
    assert all(turn["loads"] >= 2 for turns in found.values() for turn in turns)


# --- how long to wait, and how long to stay ----------------------------------------------------------------------

WORKERS = ("one", "two")
LOOK = 0.2


@dataclass(frozen=True)
class Arrival:
    at: float
    person: int
    model: str


@dataclass(frozen=True)
class Outcome:
    loads: int
    mean: float
    worst: float
    end: float


@pytest.mark.django_db
def test_how_long_a_wait_and_a_stay_are_worth_it() -> None:
    """The real claim on a clock of our own: jobs of 3 s, loads of 20 s, at several rates of arrival."""
    people = [make_person(f"p{number}") for number in range(12)]
    for every in (2.5, 4.0)[: repeats(2)]:
        arrivals = arriving(every, jobs=20 if WITHIN_THE_SUITE else 80)
        print(f"\na job every {every} s; wait, stay (in loads): loads, mean and longest wait, end")
        for wait, stay in ((0, 0), (1, 4), (1, 0), (0, 4), (2, 4), (1, 8))[: repeats(6)]:
            found = simulated(people, arrivals, wait, stay)
            print(
                f"  {wait:>4}, {stay}: {found.loads}, {found.mean:.0f} s, {found.worst:.0f} s, {found.end:.0f} s"
            )
            assert found.loads >= 2


def arriving(every: float, *, jobs: int) -> list[Arrival]:
    """Half of the people mostly want the one model, the others the other one."""
    dice, at, found = random.Random(1), 0.0, []
    for _job in range(jobs):
        at += dice.expovariate(1 / every)
        person = dice.randrange(12)
        usual = "ab"[person % 2]
        found.append(Arrival(at, person, usual if dice.random() < 0.8 else dice.choice("ab")))
    return found


def simulated(
    people: Sequence[User],
    arrivals: Sequence[Arrival],
    wait: float,
    stay: float,
    load: float = 20,
    draw: float = 3,
) -> Outcome:
    Job.objects.all().delete()
    Worker.objects.all().delete()
    base = timezone.now()
    held = dict.fromkeys(WORKERS, "")
    free_at, stays_until = dict.fromkeys(WORKERS, 0.0), dict.fromkeys(WORKERS, 0.0)
    for name in WORKERS:
        Worker.objects.create(name=name, lane="gpu", models=_facts("", load))
    coming, waits = list(arrivals), list[float]()
    running: list[tuple[float, Job, float]] = []
    queued: dict[Any, Arrival] = {}
    loads, end = 0, 0.0
    while coming or queued:
        name = min(WORKERS, key=lambda worker: free_at[worker])
        now = free_at[name]
        if coming and (not queued or coming[0].at <= now):
            arrival = coming.pop(0)
            queued[_add(people[arrival.person], arrival, base).pk] = arrival
            for worker in WORKERS:  # who had nothing to do hears of it
                free_at[worker] = max(free_at[worker], arrival.at)
            continue
        for entry in [entry for entry in running if entry[0] <= now]:
            entry[1].finish(Job.State.DONE, gpu_seconds=entry[2])
            running.remove(entry)
        base = _clock_shows(base, now)
        Worker.objects.update(heartbeat_at=timezone.now())
        with override_settings(JOB_WAIT_LOADS=wait, JOB_STAY_LOADS=stay):
            job = claim.claim(lane="gpu", worker=name, stays=now < stays_until[name])
        if job is None:
            free_at[name] = now + LOOK
            continue
        took = draw
        if job.model != held[name]:
            loads, took, held[name] = loads + 1, draw + load, job.model
            stays_until[name] = now + load + min(stay * load, claim.LONGEST_STAY_SECONDS)
            Worker.objects.filter(name=name).update(models=_facts(job.model, load))
        free_at[name] = end = now + took
        running.append((end, job, took))
        waits.append(end - queued.pop(job.pk).at)
    return Outcome(loads, statistics.mean(waits), max(waits), end)


def _facts(held: str, load: float) -> dict[str, Any]:
    return {
        model: {"state": "loaded" if model == held else "here", "load_seconds": load} for model in ("a", "b")
    }


def _add(user: User, arrival: Arrival, base: datetime) -> Job:
    return Job.objects.create(
        owner=user,
        idempotency_key=str(new_id()),
        kind="text_to_image",
        model=arrival.model,
        size="1k",
        request={},
        count=1,
        price=0,
        created_at=base + timedelta(seconds=arrival.at),
    )


def _clock_shows(base: datetime, now: float) -> datetime:
    """Move what waits, so that the database's clock is so many seconds after the start of this world."""
    new = timezone.now() - timedelta(seconds=now)
    Job.objects.filter(state="queued").update(created_at=F("created_at") + (new - base))
    return new
