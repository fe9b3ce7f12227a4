"""What a person must know about their money stands on every page about it, once and in the same words."""

from __future__ import annotations

from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing import ledger
from billing.gifts import welcome
from tests import factories
from tests.billing.stripe_fixtures import buy, deliver
from tests.fakes.stripe import FakeStripe

pytestmark = pytest.mark.django_db

PAGES = ["/credits/", "/billing/"]


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


def shown(user: User, path: str) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(unescape(client.get(path).text).split())


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.few(1)
def test_a_disputed_payment_is_shown_until_it_is_settled(
    alice: User, stripe_fake: FakeStripe, path: str
) -> None:
    dispute = stripe_fake.world.dispute(buy(alice, stripe_fake))
    another = stripe_fake.world.dispute(buy(alice, stripe_fake, "starter_monthly"))
    assert "on hold" not in shown(alice, path)
    deliver(stripe_fake)
    assert shown(alice, path).count("Your credits are on hold.") == 1  # though two payments are disputed
    stripe_fake.world.decide(dispute["id"], "won")
    deliver(stripe_fake)
    assert "Your credits are on hold." in shown(alice, path)
    stripe_fake.world.decide(another["id"], "lost")
    deliver(stripe_fake)
    assert "on hold" not in shown(alice, path)


@pytest.mark.parametrize("path", PAGES)
def test_credits_that_are_owed_are_shown(alice: User, path: str) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="p")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.capture(ref="job:1", amount=4)
    assert "You owe" not in shown(alice, path)
    ledger.refund(source_ref="p", amount=10, ref="r")
    assert "You owe credits." in shown(alice, path)
    assert "4 credits were refunded after you had spent them" in shown(alice, path)


@pytest.mark.parametrize("path", PAGES)
def test_welcome_credits_that_wait_can_be_asked_for(alice: User, settings: Settings, path: str) -> None:
    settings.WELCOME_CREDITS = 100
    EmailAddress.objects.get_or_create(user=alice, email=alice.email, defaults={"verified": True})
    assert "Your welcome credits are waiting." in shown(alice, path)
    welcome.welcome(user=alice, email=alice.email)
    assert "Your welcome credits are waiting." not in shown(alice, path)
