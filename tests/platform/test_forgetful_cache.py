"""The cache that may be forgotten: while its server is away pages and jobs go on, as if nothing were remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.test import Client, override_settings

from accounts.models import User
from generation.jobs import estimates, progress
from image2.lib import forgetful_cache
from tests.generation.web.makers import make_job
from tests.services.processes import free_port

BACKEND = "image2.lib.forgetful_cache.ForgetfulRedisCache"


def on(url: str) -> override_settings:
    here = {"BACKEND": BACKEND, "LOCATION": url}
    default = {"BACKEND": "image2.lib.lasting_cache.LastingCache", "LOCATION": "accounts_limitentry"}
    return override_settings(CACHES={"default": default, "forgetful": here}, REDIS_URL=url)


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing failed a moment ago in this process."""
    monkeypatch.setattr(forgetful_cache.ForgetfulRedisCache, "rests_until", 0.0)


@pytest.fixture
def nobody() -> Iterator[None]:
    """The address of a server that is away."""
    with on(f"redis://127.0.0.1:{free_port()}/0"):
        yield


def test_it_remembers_while_its_server_is_there(redis_url: str) -> None:
    with on(redis_url):
        cache = caches["forgetful"]
        cache.set("forgetful:a", [1, 2])
        assert cache.get("forgetful:a") == [1, 2]
        assert cache.add("forgetful:a", 3) is False
        assert cache.delete("forgetful:a") is True
        assert cache.get("forgetful:a", "nothing") == "nothing"


def test_without_its_server_it_is_empty(nobody: None) -> None:
    cache = caches["forgetful"]
    cache.set("a", 1)
    assert cache.get("a") is None
    assert cache.get("a", 7) == 7
    assert cache.add("a", 1) is True
    assert cache.delete("a") is False


def test_a_server_that_is_back_is_asked_again_after_a_rest(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(forgetful_cache, "monotonic", lambda: now)
    with on(f"redis://127.0.0.1:{free_port()}/0"):
        assert caches["forgetful"].get("rest:a", "empty") == "empty"
    with on(redis_url):
        cache = caches["forgetful"]
        cache.set("rest:a", 1)  # nobody is asked yet
        now += forgetful_cache.REST_SECONDS
        assert cache.get("rest:a") is None
        cache.set("rest:a", 1)
        assert cache.get("rest:a") == 1


@pytest.mark.django_db
def test_pages_and_the_steps_of_jobs_go_on_without_it(nobody: None, alice: User) -> None:
    job = make_job(alice)
    assert progress.event(job)["state"] == "queued"
    estimates.estimate(job)
    client = Client()
    client.force_login(alice)
    assert client.get("/history/").status_code == 200
