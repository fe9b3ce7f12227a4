"""Whatever is killed in mid-job: the job ends once, is charged once, and nothing is left running."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Collection
from typing import Any, Protocol
from uuid import uuid4

import pytest

from tests.services import processes
from tests.services.site import FAST, Site

StartSite = Callable[..., Site]

# A preview comes after a third of the steps: the others leave time to kill something.
STEPS = 30
# A person with credits and jobs, made by the functions that the site itself calls.
_SUBMIT = """
from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.requests import catalogue
from generation.requests.request import GenerationRequest
from image2.lib.ids import new_id
user = User.objects.create_user("{email}", name="Ada")
ledger.grant(user=user, amount=100, source="promo", source_ref="test:{email}")
guidance = catalogue.get("bundled").default_guidance
request = GenerationRequest(kind="text_to_image", model="bundled", prompt="a red house", shape="16:9", size="1k",
    count={count}, seed=1, steps={STEPS}, guidance=guidance)
for _ in range({jobs}):
    submission.submit(user=user, request=request, idempotency_key=str(new_id()))
"""


class Asked(Protocol):
    """What a person asks of the site that their jobs run on, whatever it runs in."""

    def wait_until_ready(self) -> None: ...

    def manage(self, *arguments: str) -> str: ...

    def query(self, statement: str) -> list[tuple[Any, ...]]: ...


class Person:
    """Somebody with jobs on a site, and what the tables say about them."""

    def __init__(self, site: Asked, *, count: int = 1, jobs: int = 1) -> None:
        """Wait for the site, create the person with 100 credits, and submit ``jobs`` of ``count`` pictures."""
        self.site, self.email = site, f"ada-{uuid4().hex}@example.org"
        site.wait_until_ready()
        code = _SUBMIT.format(email=self.email, count=count, jobs=jobs, STEPS=STEPS)
        site.manage("shell", "--no-imports", "-c", code)

    def look(self) -> dict[str, Any]:
        """Return the person's rows now; asked in SQL, since a management command takes longer than a job."""
        mine = f"(SELECT id FROM accounts_user WHERE email = '{self.email}')"
        jobs = f"generation_job WHERE owner_id = {mine}"
        # First: a job that has ended is settled in whatever is read after it.
        states = self.site.query(f"SELECT state, attempts, price FROM {jobs} ORDER BY created_at")
        [(available, held)] = self.site.query(
            f"SELECT available, held FROM billing_account WHERE user_id = {mine}"
        )
        [(pictures,)] = self.site.query(f"SELECT COUNT(*) FROM generation_picture WHERE owner_id = {mine}")
        [(previews,)] = self.site.query(
            f"SELECT COUNT(*) FROM generation_jobpreview WHERE job_id IN (SELECT id FROM {jobs})"
        )
        return {
            "jobs": states,
            "pictures": pictures,
            "previews": previews,
            "available": available,
            "held": held,
        }

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        seen: list[dict[str, Any]] = [{}]

        def there() -> bool:
            seen[0] = self.look()
            return condition(seen[0])

        processes.wait_until(there, what, 300, every=0.2)
        return seen[0]

    def assert_done_once(self, *, pictures: int, attempts: int | Collection[int]) -> None:
        """Wait for the jobs; assert that they made and charged each picture once, and how many attempts were lost."""
        seen = self.wait_for(ended, "the jobs to end")
        spent = sum(price for _state, _attempts, price in seen["jobs"])
        assert {state for state, _attempts, _price in seen["jobs"]} == {"done"}
        expected = [attempts] if isinstance(attempts, int) else attempts
        assert sum(lost for _state, lost, _price in seen["jobs"]) in expected
        assert (seen["pictures"], seen["held"], seen["available"]) == (pictures, 0, 100 - spent)


def drawn(seen: dict[str, Any]) -> bool:
    return bool(seen["previews"])


def ended(seen: dict[str, Any]) -> bool:
    return all(state not in ("queued", "running") for state, _attempts, _price in seen["jobs"])


@pytest.mark.long
def test_kill_9_of_the_gpu_worker_in_mid_job(fast_site: Site) -> None:
    kill_the_gpu_worker(fast_site)


@pytest.mark.long
def test_kill_9_of_the_gpu_worker_in_mid_job_on_servers(start_site: StartSite) -> None:
    kill_the_gpu_worker(start_site(servers=True, **FAST))


def kill_the_gpu_worker(site: Site) -> None:
    ada = Person(site, count=2)
    ada.wait_for(drawn, "a preview")
    children = site.pool_pids("gpu")
    site.kill("gpu")
    processes.wait_until(lambda: not any(map(processes.is_alive, children)), "its pool process to end", 20)
    ada.assert_done_once(pictures=2, attempts=1)


@pytest.mark.long
def test_kill_9_of_the_pool_process_in_mid_job(fast_site: Site) -> None:
    ada = Person(fast_site, count=2)
    ada.wait_for(drawn, "a preview")
    os.kill(fast_site.pool_pids("gpu")[0], signal.SIGKILL)
    ada.assert_done_once(pictures=2, attempts=1)


@pytest.mark.long
def test_kill_9_of_the_web_loses_nothing(fast_site: Site) -> None:
    ada = Person(fast_site)
    ada.wait_for(drawn, "a preview")
    fast_site.kill("web")
    ada.assert_done_once(pictures=1, attempts=0)
    processes.wait_until(fast_site.answers, "the web to answer again", 60)


@pytest.mark.long
def test_kill_9_of_the_parent_leaves_no_process_and_the_next_start_continues(fast_site: Site) -> None:
    ada = Person(fast_site)
    ada.wait_for(drawn, "a preview")
    everybody = fast_site.all_pids()
    fast_site.kill_parent()
    processes.wait_until(lambda: not any(map(processes.is_alive, everybody)), "every process to end", 30)
    fast_site.start()
    ada.assert_done_once(pictures=1, attempts=1)


@pytest.mark.long
def test_a_graceful_stop_requeues_the_job_without_counting_an_attempt(fast_site: Site) -> None:
    ada = Person(fast_site, count=4)
    ada.wait_for(drawn, "a preview")
    everybody = fast_site.all_pids()
    fast_site.interrupt(40)
    assert not any(map(processes.is_alive, everybody))
    assert ada.look()["jobs"][0][:2] == ("queued", 0)
    fast_site.start()
    ada.assert_done_once(pictures=4, attempts=0)


@pytest.mark.long
def test_queued_jobs_still_run_when_the_brokers_folder_is_deleted(fast_site: Site) -> None:
    ada = Person(fast_site, jobs=3)
    shutil.rmtree(fast_site.home / "broker")
    ada.assert_done_once(pictures=3, attempts=0)
