"""What limits count in forgets nothing before its time, and counts right when many come at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

import pytest
import time_machine
from django.core.cache import cache
from django.core.checks import run_checks
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import retention
from accounts.models import LimitEntry, User
from image2.lib.http import rate_limits
from tests.factories import PASSWORD

pytestmark = pytest.mark.both_databases

T = TypeVar("T")
AT_ONCE = 40


def at_once(do: Callable[[], T]) -> list[T]:
    """Call it from forty threads, each with a database connection of its own."""

    def call(_number: int) -> T:
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(call, range(AT_ONCE)))


@pytest.mark.django_db
def test_a_limit_outlives_any_number_of_other_entries(client: Client, alice: User) -> None:
    for _attempt in range(5):
        client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    for number in range(400):
        cache.set(f"other-{number}", number, 300)

    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_the_same_key_one_succeeds() -> None:
    assert sum(at_once(lambda: cache.add("lock", 1, 60))) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_count_each_gets_a_number_of_its_own() -> None:
    cache.set("count", 0, 60)

    assert sorted(at_once(lambda: cache.incr("count"))) == list(range(1, AT_ONCE + 1))


@pytest.mark.django_db(transaction=True)
def test_of_many_calls_at_once_only_as_many_as_allowed_get_through() -> None:
    assert sum(at_once(lambda: rate_limits.allowed("try", "somebody", limit=5, seconds=3600))) == 5


@pytest.mark.django_db
def test_an_expired_entry_is_absent_and_can_be_added_again() -> None:
    cache.set("code", "y", 30)
    assert not cache.add("code", "y", 30)

    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert cache.get("code") is None
        with pytest.raises(ValueError, match="not found"):
            cache.incr("code")
        assert not cache.touch("code", 30)
        assert cache.add("code", "z", 30)
        assert cache.get("code") == "z"


@pytest.mark.django_db
def test_values_come_back_as_they_were_and_can_be_deleted() -> None:
    cache.set("history", [1.5, 2.5], None)
    assert cache.touch("history", 60)
    assert cache.get("history") == [1.5, 2.5]

    assert cache.delete("history")
    assert not cache.delete("history")
    assert cache.get("history", "none") == "none"


@pytest.mark.django_db
def test_nobody_can_read_from_the_table_what_is_limited() -> None:
    cache.set("rl:ip:203.0.113.77", 1, 60)

    assert "203.0.113.77" not in str(LimitEntry.objects.values_list())


@pytest.mark.django_db
def test_the_sweep_deletes_what_has_expired_and_nothing_else() -> None:
    cache.set("short", 1, 60)
    cache.set("long", 1, 3600)
    cache.set("always", 1, None)

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert retention.sweep()["limit_entries"] == 1
        assert cache.get("long") == cache.get("always") == 1


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "filebased.FileBasedCache", "redis.RedisCache"])
def test_a_configuration_that_forgets_is_an_error(settings: Settings, backend: str) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "x"}}

    assert "image2.E020" in {message.id for message in run_checks()}


def test_the_shipped_configuration_is_none() -> None:
    assert "image2.E020" not in {message.id for message in run_checks()}


@pytest.mark.django_db
def test_the_sign_up_page_is_limited_whatever_else_is_cached(client: Client) -> None:
    statuses = [client.post("/accounts/signup/", {}).status_code for _attempt in range(21)]

    assert statuses.count(HTTPStatus.TOO_MANY_REQUESTS) == 1
