"""Whatever is killed in mid-job: the job ends once, is charged once, and nothing is left running."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest

from tests.services import processes
from tests.services.site import Site

pytestmark = pytest.mark.slow

StartSite = Callable[..., Site]

# A person with credits and a job, made by the functions that the site itself calls.
_SUBMIT = """
from accounts.models import User
from billing import ledger
from generation import submission, catalogue
from generation.requests import GenerationRequest
from image2.lib.ids import new_id
user = User.objects.filter(email="ada@example.org").first() or User.objects.create_user("ada@example.org", name="Ada")
ledger.grant(user=user, amount=100, source="promo", source_ref="test")
entry = catalogue.get("bundled")
request = GenerationRequest(kind="text_to_image", model="bundled", prompt="a red house", shape="16:9", size="2k",
    count={count}, seed=1, steps=entry.default_steps, guidance=entry.default_guidance)
for _ in range({jobs}):
    submission.submit(user=user, request=request, idempotency_key=str(new_id()))
"""
# Leases so short that the tests need not wait long; longer than a busy machine's pauses.
FAST = {"JOB_LEASE_SECONDS": "6", "SWEEP_SECONDS": "2"}


def submit(site: Site, *, count: int = 1, jobs: int = 1) -> None:
    site.manage("shell", "--no-imports", "-c", _SUBMIT.format(count=count, jobs=jobs))


def look(site: Site) -> dict[str, Any]:
    """What the tables say now; asked in SQL, since a management command takes longer than a job."""
    jobs = query(site, "SELECT state, attempts, price FROM generation_job ORDER BY created_at")
    [(available, held)] = query(site, "SELECT available, held FROM billing_account")
    [(pictures,)] = query(site, "SELECT COUNT(*) FROM generation_picture")
    [(previews,)] = query(site, "SELECT COUNT(*) FROM generation_jobpreview")
    return {"jobs": jobs, "pictures": pictures, "previews": previews, "available": available, "held": held}


def query(site: Site, statement: str) -> list[tuple[Any, ...]]:
    url = site.environment.get("DATABASE_URL", "")
    connection = psycopg2.connect(url) if url else sqlite3.connect(site.home / "image2.sqlite3", timeout=20)
    with contextlib.closing(connection):
        cursor = connection.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall())


def wait_for(site: Site, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
    seen: list[dict[str, Any]] = [{}]

    def there() -> bool:
        seen[0] = look(site)
        return condition(seen[0])

    processes.wait_until(there, what, 300, every=0.2)
    return seen[0]


def drawn(seen: dict[str, Any]) -> bool:
    return bool(seen["previews"])


def ended(seen: dict[str, Any]) -> bool:
    return all(state not in ("queued", "running") for state, _attempts, _price in seen["jobs"])


def assert_done_once(seen: dict[str, Any], *, pictures: int, attempts: int) -> None:
    spent = sum(price for _state, _attempts, price in seen["jobs"])
    assert {state for state, _attempts, _price in seen["jobs"]} == {"done"}
    assert sum(attempts for _state, attempts, _price in seen["jobs"]) == attempts
    assert (seen["pictures"], seen["held"], seen["available"]) == (pictures, 0, 100 - spent)


@pytest.mark.parametrize("servers", [False, True], ids=["embedded", "servers"])
def test_kill_9_of_the_gpu_worker_in_mid_job(start_site: StartSite, servers: bool) -> None:
    site = start_site(servers=servers, **FAST)
    site.wait_until_ready()
    submit(site, count=2)
    wait_for(site, drawn, "a preview")
    children = site.pool_pids("gpu")
    site.kill("gpu")
    processes.wait_until(lambda: not any(map(processes.is_alive, children)), "its pool process to end", 20)
    seen = wait_for(site, ended, "the job to end")
    assert_done_once(seen, pictures=2, attempts=1)


def test_kill_9_of_the_pool_process_in_mid_job(start_site: StartSite) -> None:
    site = start_site(**FAST)
    site.wait_until_ready()
    submit(site, count=2)
    wait_for(site, drawn, "a preview")
    os.kill(site.pool_pids("gpu")[0], signal.SIGKILL)
    assert_done_once(wait_for(site, ended, "the job to end"), pictures=2, attempts=1)


def test_kill_9_of_the_web_loses_nothing(start_site: StartSite) -> None:
    site = start_site(**FAST)
    site.wait_until_ready()
    submit(site)
    wait_for(site, drawn, "a preview")
    site.kill("web")
    assert_done_once(wait_for(site, ended, "the job to end"), pictures=1, attempts=0)
    processes.wait_until(lambda: _answers(site), "the web to answer again", 60)


def test_kill_9_of_the_parent_leaves_no_process_and_the_next_start_carries_on(start_site: StartSite) -> None:
    site = start_site(**FAST)
    site.wait_until_ready()
    submit(site)
    wait_for(site, drawn, "a preview")
    everybody = site.all_pids()
    site.kill_parent()
    processes.wait_until(lambda: not any(map(processes.is_alive, everybody)), "every process to end", 30)
    site.start()
    assert_done_once(wait_for(site, ended, "the job to end"), pictures=1, attempts=1)


def test_a_graceful_stop_gives_the_job_back_without_counting_an_attempt(start_site: StartSite) -> None:
    site = start_site(**FAST)
    site.wait_until_ready()
    submit(site, count=4)
    wait_for(site, drawn, "a preview")
    everybody = site.all_pids()
    site.interrupt(40)
    assert not any(map(processes.is_alive, everybody))
    assert look(site)["jobs"][0][:2] == ("queued", 0)
    site.start()
    assert_done_once(wait_for(site, ended, "the job to end"), pictures=4, attempts=0)


def test_queued_jobs_still_run_when_the_brokers_folder_is_deleted(start_site: StartSite) -> None:
    site = start_site(**FAST)
    site.wait_until_ready()
    submit(site, jobs=3)
    shutil.rmtree(site.home / "broker")
    assert_done_once(wait_for(site, ended, "the jobs to end"), pictures=3, attempts=0)


def _answers(site: Site) -> bool:
    try:
        return site.get("/healthz")[0] == 200
    except OSError:
        return False
