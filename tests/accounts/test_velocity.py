"""Networks, not addresses: what belongs together, what is counted, and for how long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from accounts import retention
from accounts.models import NetworkCount
from accounts.sign_in import velocity
from accounts.sign_in.velocity import Limit, TooOften

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TWO = Limit(hour=2, day=0)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0"),
        ("203.0.113.250", "203.0.113.0"),
        ("2001:db8:1:2::5", "2001:db8:1::"),
        ("2001:db8:1:ffff::9", "2001:db8:1::"),
        ("::ffff:203.0.113.9", "203.0.113.0"),
        ("127.0.0.1", ""),
        ("::1", ""),
    ],
)
def test_an_address_counts_for_its_network(address: str, network: str) -> None:
    assert velocity.network_of(RequestFactory().get("/", REMOTE_ADDR=address)) == network


@pytest.mark.parametrize(
    ("proxies", "network"),
    [(0, "198.51.100.0"), (1, "203.0.113.0")],
)
def test_behind_a_trusted_proxy_the_caller_counts_and_a_header_of_anybody_does_not(
    settings: Settings, proxies: int, network: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR="192.0.2.1, 203.0.113.9"
    )
    assert velocity.network_of(request) == network


def test_one_too_many_is_refused_and_says_how_long_to_wait() -> None:
    with time_machine.travel("2026-05-01T10:40:00Z", tick=False):
        for _time in range(2):
            velocity.count(action="test", network="203.0.113.0", limit=TWO)
        velocity.count(action="other", network="203.0.113.0", limit=TWO)
        with pytest.raises(TooOften) as refused:
            velocity.count(action="test", network="203.0.113.0", limit=TWO)
        assert refused.value.wait == "20 minutes"
    assert NetworkCount.objects.get(action="test").count == 2


def test_what_is_rolled_back_was_not_counted() -> None:
    with transaction.atomic():
        velocity.count(action="test", network="203.0.113.0", limit=TWO)
        transaction.set_rollback(True)
    assert not NetworkCount.objects.exists()


def test_a_refusal_of_the_day_does_not_count_in_the_hour() -> None:
    limit = Limit(hour=9, day=1)
    velocity.count(action="test", network="203.0.113.0", limit=limit)
    with pytest.raises(TooOften):
        velocity.count(action="test", network="203.0.113.0", limit=limit)
    assert set(NetworkCount.objects.values_list("count", flat=True)) == {1}


def test_counts_are_deleted_once_they_are_over() -> None:
    velocity.count(action="test", network="203.0.113.0", limit=Limit(hour=5, day=5))
    assert retention.sweep()["network_counts"] == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert retention.sweep()["network_counts"] == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_exactly_as_many_as_the_limit_says() -> None:
    limit = Limit(hour=25, day=25)

    def many(_thread: int) -> int:
        got = 0
        try:
            for _time in range(10):
                try:
                    velocity.count(action="race", network="203.0.113.0", limit=limit)
                except TooOften:
                    continue
                got += 1
        finally:
            connection.close()
        return got

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(many, range(6))) == 25
    assert set(NetworkCount.objects.values_list("count", flat=True)) == {25}
