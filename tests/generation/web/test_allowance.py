"""Limits before the first purchase: each refusal says what to do, and nothing is held or charged."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks
from django.test import Client
from pytest_django import Settings

from accounts.models import NetworkCount, User
from billing import ledger
from billing.gifts import by_operator
from generation.models import Job
from tests import factories

pytestmark = pytest.mark.django_db

HERE = "203.0.113.9"


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client(REMOTE_ADDR=HERE)
    client.force_login(alice)
    return client


def ordered(client: Client, **changes: str) -> int:
    """Send the form; return the status."""
    return client.post("/create/", {"prompt": "a red sailboat", "size": "1k", **changes}).status_code


def untouched(user: User) -> bool:
    return ledger.balance(user) == ledger.Balance(available=100) and not Job.objects.exists()


def test_a_new_person_may_choose_every_size_by_default(hers: Client) -> None:
    assert ordered(hers, size="4k") == 302
    assert Job.objects.get().size == "4k"


@pytest.mark.parametrize(
    ("largest", "size", "status"),
    [("2k", "4k", 422), ("2k", "2k", 302), ("1k", "2k", 422), ("1k", "1k", 302), ("", "4k", 302)],
)
def test_large_sizes_may_wait_for_the_first_purchase(
    hers: Client, alice: User, settings: Settings, largest: str, size: str, status: int
) -> None:
    settings.SIZE_BEFORE_PURCHASE = largest
    answer = hers.post("/create/", {"prompt": "a red sailboat", "size": size})
    assert answer.status_code == status
    if status == 422:
        assert f"Choose {largest.upper()}, or buy once" in answer.text
        assert untouched(alice)
        quote = hers.post("/create/price/", {"prompt": "a red sailboat", "size": size}).text
        assert "or buy once" in quote  # said before the button is pressed


@pytest.mark.parametrize(
    ("source", "refunded", "status"),
    [("pack", 0, 302), ("plan", 0, 302), ("pack", 50, 422), ("pack", 49, 302), ("promo", 0, 422)],
)
def test_customers_may_choose_every_size(
    hers: Client, alice: User, settings: Settings, source: str, refunded: int, status: int
) -> None:
    settings.SIZE_BEFORE_PURCHASE = "1k"
    ledger.grant(user=alice, amount=50, source=source, source_ref="bought")
    if refunded:
        ledger.refund(source_ref="bought", amount=refunded, ref="re")
    assert ordered(hers, size="4k") == status


def test_people_with_credits_from_the_operator_may_choose_every_size(
    hers: Client, alice: User, settings: Settings
) -> None:
    settings.SIZE_BEFORE_PURCHASE = "1k"
    by_operator.give(actor=factories.make_carol(), user=alice, amount=50, reason="a tester", token="t")
    assert ordered(hers, size="4k") == 302


@pytest.mark.parametrize("setting", ["8k", "large"])
def test_an_unknown_size_in_the_settings_is_found_at_the_start(settings: Settings, setting: str) -> None:
    settings.SIZE_BEFORE_PURCHASE = setting
    assert "generation.E001" in {found.id for found in run_checks()}


@pytest.fixture
def two_an_hour(settings: Settings) -> None:
    settings.FREE_JOBS_PER_NETWORK_HOUR, settings.FREE_JOBS_PER_NETWORK_DAY = 2, 0


@pytest.mark.parametrize(
    ("last_from", "status"), [(HERE, 422), ("203.0.113.77", 422), ("198.51.100.9", 302), ("127.0.0.1", 302)]
)
def test_a_network_has_a_limit_of_jobs(
    alice: User, bob: User, two_an_hour: None, last_from: str, status: int
) -> None:
    ledger.grant(user=bob, amount=9, source="welcome", source_ref="welcome:b")
    for person, address, expected in (
        (alice, HERE, 302),
        (alice, HERE, 302),
        (bob, last_from, status),
    ):
        client = Client(REMOTE_ADDR=address)
        client.force_login(person)
        answer = client.post("/create/", {"prompt": "a red sailboat"})
        assert answer.status_code == expected
    if status == 422:
        assert "from your network" in answer.text
        assert not Job.objects.visible_to(bob).exists()
        assert ledger.balance(bob).held == 0


def test_customers_are_not_counted(hers: Client, alice: User, two_an_hour: None) -> None:
    ledger.grant(user=alice, amount=50, source="pack", source_ref="bought")
    assert [ordered(hers) for _time in range(4)] == [302] * 4
    assert not NetworkCount.objects.exists()


def test_a_request_refused_for_another_reason_is_not_counted(
    hers: Client, alice: User, two_an_hour: None
) -> None:
    ledger.hold(user=alice, amount=100, ref="elsewhere")
    assert ordered(hers) == 422
    assert not NetworkCount.objects.exists()


def test_a_second_click_is_counted_once(hers: Client, alice: User, two_an_hour: None) -> None:
    for _click in range(3):
        assert ordered(hers, key="0" * 32, seed="7") == 302
    assert NetworkCount.objects.get().count == 1
