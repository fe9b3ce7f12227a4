"""Which worker takes which job, by the models that they hold: loads are saved, and nobody waits for one without end."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from generation.jobs import claim as claiming
from generation.models import Job, Worker
from generation.models.workers import SILENCE
from image2.lib.ids import new_id

from .conftest import NewPerson

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LOAD = 30  # seconds that each model takes to load here
LOADED = {"state": "loaded", "load_seconds": LOAD}
HERE = {"state": "here", "load_seconds": LOAD}
MISSING = {"state": "missing"}


def worker(name: str, models: Mapping[str, Any], *, silent: bool = False, **changes: Any) -> None:
    heard = timezone.now() - (2 * SILENCE if silent else timedelta())
    Worker.objects.create(name=name, lane="gpu", heartbeat_at=heard, models=dict(models), **changes)


def claim(name: str = "w1", *, stays: bool = False) -> Job | None:
    return claiming.claim(lane="gpu", worker=name, stays=stays)


class Queue:
    """Rows alone, of models that are in no catalogue; all ages are counted from one moment."""

    def __init__(self) -> None:
        self.began = timezone.now()

    def add(self, user: User, model: str, age: float = 0, **changes: Any) -> Job:
        """A job that has waited for so many seconds."""
        made = {"state": "queued", "model": model, "batch_key": model, "price": 0, "count": 1, "request": {}}
        made |= {"created_at": self.began - timedelta(seconds=age), "kind": "text_to_image", "size": "1k"}
        return Job.objects.create(owner=user, idempotency_key=str(new_id()), **made | changes)


@pytest.fixture
def queue() -> Queue:
    return Queue()


def served(queue: Queue, user: User, seconds: float) -> None:
    """Let somebody have used so much machine time lately."""
    past: dict[str, Any] = {"state": "done", "finished_at": timezone.now(), "gpu_seconds": seconds}
    queue.add(user, "any", **past)


def test_a_young_job_is_left_to_the_worker_that_holds_its_model(alice: User, queue: Queue) -> None:
    worker("w1", {"a": HERE, "b": LOADED})
    worker("w2", {"a": LOADED, "b": HERE})
    job = queue.add(alice, "a", age=LOAD / 2)
    assert claim("w1") is None
    assert claim("w2") == job


@pytest.mark.parametrize(("seconds", "age"), [(LOAD, LOAD + 2), (100_000, claiming.LONGEST_WAIT_SECONDS + 2)])
def test_after_the_time_of_a_load_and_a_minute_at_most_any_worker_takes_it(
    alice: User, queue: Queue, seconds: float, age: float
) -> None:
    worker("w1", {"a": HERE})
    worker("w2", {"a": {"state": "loaded", "load_seconds": seconds}})
    job = queue.add(alice, "a", age=age)
    assert claim("w1") == job


@pytest.mark.parametrize(
    "gone",
    [{"silent": True}, {"is_loading": True}, {"lane": "other"}],
    ids=["silent", "loads something else", "another lane"],
)
def test_a_job_is_left_only_to_workers_that_can_take_it(
    alice: User, queue: Queue, gone: dict[str, Any]
) -> None:
    worker("w1", {"a": HERE})
    holder = {"silent": gone.get("silent", False)}
    worker("w2", {"a": LOADED}, **holder)
    Worker.objects.filter(name="w2").update(**{key: value for key, value in gone.items() if key != "silent"})
    job = queue.add(alice, "a")
    assert claim("w1") == job


def test_a_job_that_lost_its_worker_is_left_to_nobody(alice: User, queue: Queue) -> None:
    worker("w1", {"a": HERE})
    worker("dies", {"a": LOADED})
    job = queue.add(alice, "a", attempts=1)
    assert claim("w1") == job


def test_what_nobody_holds_is_taken_at_once(alice: User, queue: Queue) -> None:
    worker("w1", {"a": HERE, "b": LOADED})
    worker("w2", {"a": HERE})
    job = queue.add(alice, "a")
    assert claim("w1") == job


def test_a_job_that_is_left_does_not_hold_up_the_next_one_of_its_owner(alice: User, queue: Queue) -> None:
    worker("w1", {"a": HERE, "b": LOADED})
    worker("w2", {"a": LOADED})
    left, own = queue.add(alice, "a", age=9), queue.add(alice, "b", age=1)
    assert claim("w1") == own
    assert claim("w1") is None
    assert claim("w2") == left


def test_for_the_time_of_a_load_jobs_of_loaded_models_go_before_it_and_then_it_is_its_turn(
    alice: User, bob: User, queue: Queue
) -> None:
    worker("w1", {"a": LOADED, "b": HERE})
    served(queue, alice, 100)
    loaded, cold = queue.add(alice, "a", age=1), queue.add(bob, "b", age=LOAD / 2)
    assert claim() == loaded
    Job.objects.filter(pk=loaded.pk).update(state="queued", lease_until=None)
    Job.objects.filter(pk=cold.pk).update(created_at=timezone.now() - timedelta(seconds=LOAD + 5))
    assert claim() == cold


def test_where_another_worker_holds_it_the_jobs_of_loaded_models_go_first_for_longer(
    alice: User, bob: User, queue: Queue
) -> None:
    worker("w1", {"a": LOADED, "b": HERE})
    worker("w2", {"b": LOADED})
    served(queue, alice, 100)
    loaded, cold = queue.add(alice, "a", age=1), queue.add(bob, "b", age=3 * LOAD)
    assert claim("w1") == loaded
    Job.objects.filter(pk=loaded.pk).update(state="queued", lease_until=None)
    Job.objects.filter(pk=cold.pk).update(created_at=timezone.now() - timedelta(seconds=4 * LOAD + 5))
    assert claim("w1") == cold


@pytest.mark.parametrize("age", [300, claiming.AGING_SECONDS + 100])
def test_a_worker_that_has_just_loaded_draws_what_waits_for_that_first(
    alice: User, bob: User, queue: Queue, age: float
) -> None:
    worker("w1", {"a": LOADED, "b": HERE})
    cold, loaded = queue.add(bob, "b", age=age), queue.add(alice, "a", age=1)
    assert claim(stays=True) == loaded
    assert claim(stays=True) == cold


def test_who_waited_longest_comes_first_when_the_worker_stays_no_longer(
    alice: User, bob: User, queue: Queue
) -> None:
    worker("w1", {"a": LOADED, "b": HERE})
    served(queue, bob, 5000)
    queue.add(alice, "a", age=claiming.AGING_SECONDS - 100)
    cold = queue.add(bob, "b", age=claiming.AGING_SECONDS + 100)
    assert claim() == cold


def test_a_worker_without_the_files_leaves_the_job_to_those_that_have_them(alice: User, queue: Queue) -> None:
    worker("w1", {"a": MISSING})
    worker("w2", {"a": {"state": "here"}})
    job = queue.add(alice, "a", age=claiming.AGING_SECONDS + 100)
    assert claim("w1") is None
    Worker.objects.filter(name="w2").update(heartbeat_at=timezone.now() - 2 * SILENCE)
    # Nobody else can: it ends with a sentence there, uncharged.
    assert claim("w1") == job


def test_a_worker_that_is_loading_still_has_its_files(alice: User, queue: Queue) -> None:
    worker("w1", {"a": MISSING})
    worker("w2", {"a": LOADED}, is_loading=True)
    job = queue.add(alice, "a", age=claiming.LONGEST_WAIT_SECONDS + 100)
    # It would end here, and for good.
    assert claim("w1") is None
    assert claim("w2") == job


def test_jobs_of_the_model_that_is_about_to_be_loaded_join_its_batch(
    alice: User, bob: User, queue: Queue
) -> None:
    worker("w1", {"a": HERE})
    worker("w2", {"a": LOADED})
    first, young = queue.add(alice, "a", age=LOAD + 5), queue.add(bob, "a", age=1)
    taken = claim("w1")
    assert taken is not None
    assert taken == first
    assert claiming.claim_batch(taken, worker="w1", pictures=4) == [young]


@override_settings(JOB_WAIT_LOADS=0, JOB_STAY_LOADS=0)
def test_with_both_settings_at_zero_nobody_looks_at_who_holds_what(
    alice: User, bob: User, queue: Queue
) -> None:
    worker("w1", {"a": HERE, "b": LOADED})
    worker("w2", {"a": LOADED})
    first, second = queue.add(alice, "a", age=2), queue.add(bob, "b", age=1)
    assert [claim("w1"), claim("w1")] == [first, second]


# --- against a plain form of the rule ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A queued job as the plain form of the rule sees it; ages are apart from every limit."""

    job: Job
    owner: int
    model: str
    age: float
    weight: int
    attempts: int


def expected(
    waiting: list[Waiting],
    running: Mapping[int, int],
    served_seconds: Mapping[int, float],
    *,
    held: set[str],
    elsewhere: set[str],
    stays: bool,
) -> Job | None:
    """The job that the rule of the claim's docstring gives, written as a person would think it."""
    wait, stay = LOAD, 4 * LOAD

    def is_left(job: Waiting) -> bool:
        return job.model in elsewhere - held and not job.attempts and job.age < wait

    able = [job for job in waiting if not is_left(job)]
    oldest: dict[tuple[int, bool], Waiting] = {}
    for job in sorted(able, key=lambda job: -job.age):
        oldest.setdefault((job.owner, job.model in held), job)

    def order(job: Waiting) -> tuple[Any, ...]:
        cold = job.model not in held
        comes_later = cold and (stays or job.age < (stay if job.model in elsewhere else wait))
        has_aged = job.age > claiming.AGING_SECONDS
        return (
            comes_later,
            not has_aged,
            -job.age if has_aged else 0,
            running.get(job.owner, 0),
            served_seconds.get(job.owner, 0) / job.weight,
            -job.weight,
            -job.age,
        )

    return min(oldest.values(), key=order).job if oldest else None


@pytest.mark.parametrize("seed", range(8))
def test_the_query_follows_the_plain_form_of_the_rule(person: NewPerson, queue: Queue, seed: int) -> None:
    dice = random.Random(seed)
    people = [person(f"p{number}") for number in range(4)]
    models = ["a", "b", "c", "d"]
    ages = iter(dice.sample([base + step * 1.5 for base in (2, 45, 150, 300, 700) for step in range(6)], 16))
    held, other, dead = (set(dice.sample(models, dice.randint(0, 2))) for _ in range(3))
    known = dict.fromkeys(models, HERE)
    worker("w1", known | dict.fromkeys(held, LOADED))
    worker("w2", known | dict.fromkeys(other, LOADED))
    worker("w3", dict.fromkeys(dead, LOADED), silent=True)
    seconds = {number: float(dice.choice([0, 10, 200])) for number in range(4)}
    for number, used in seconds.items():
        if used:
            served(queue, people[number], used)
    waiting = []
    for age in ages:
        number, model = dice.randrange(4), dice.choice(models)
        facts = {"weight": dice.choice([1, 4]), "attempts": dice.choice([0, 0, 0, 1])}
        waiting.append(Waiting(queue.add(people[number], model, age, **facts), number, model, age, **facts))
    running: dict[int, int] = {}
    for _turn in range(8):
        stays = dice.random() < 0.3
        wanted = expected(waiting, running, seconds, held=held, elsewhere=other, stays=stays)
        taken = claim("w1", stays=stays)
        assert taken == wanted
        if taken is None:
            break
        (chosen,) = (job for job in waiting if job.job == taken)
        waiting.remove(chosen)
        running[chosen.owner] = running.get(chosen.owner, 0) + 1


def test_under_more_work_than_it_can_do_nobody_is_passed_over_without_end(
    person: NewPerson, queue: Queue
) -> None:
    """Eight people order again and again, seven of them a model that is loaded: one draws for 5 s, a load takes 30."""
    people = {person(f"p{number}"): "b" if number == 0 else "a" for number in range(8)}
    worker("w1", {"a": LOADED, "b": HERE})
    for user, model in people.items():
        queue.add(user, model)
    now, loaded_at, held = 0.0, 0.0, "a"
    ordered = dict.fromkeys(people, 0.0)
    waits: dict[str, list[float]] = {"a": [], "b": []}
    loads = 0
    for _turn in range(150):
        job = claim(stays=now - loaded_at < 4 * LOAD)
        assert job is not None
        waits[job.model].append(now - ordered[job.owner])
        took = 5.0
        if job.model != held:
            held, loads, took = job.model, loads + 1, took + LOAD
            loaded_at = now + LOAD
            Worker.objects.update(models={"a": HERE, "b": HERE} | {held: LOADED})
        now += took
        job.finish(Job.State.DONE, gpu_seconds=took)
        Job.objects.filter(state="queued").update(created_at=F("created_at") - timedelta(seconds=took))
        ordered[job.owner] = now
        queue.add(job.owner, job.model)
    # A stay of 4 loads, then everybody's turn; a load each way.
    assert max(waits["b"]) < 4 * LOAD + 2 * LOAD + 8 * 5 + 5
    assert max(waits["a"]) < 4 * LOAD + 2 * LOAD + 8 * 5 + 5
    assert len(waits["b"]) >= 3
    # Each load is followed by at least four loads' time of drawing: it takes a fifth of the time at most.
    assert loads * LOAD <= now / 5 + LOAD


def test_the_claim_is_one_statement_that_finds_waiting_jobs_by_their_index(alice: User, queue: Queue) -> None:
    worker("w1", {"a": LOADED})
    queue.add(alice, "a")
    with CaptureQueriesContext(connection) as asked:
        assert claim() is not None
    statement, _the_row = (query["sql"] for query in asked.captured_queries)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are read as a whole else
            cursor.execute(f"EXPLAIN {statement}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert "job_queued" in plan
    assert "SCAN job" not in plan
    assert "Seq Scan on generation_job" not in plan
