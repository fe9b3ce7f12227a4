"""Payments and credits are compared both ways; the operator hears of what differs."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.models import User
from billing import ledger, reconciliation
from tests import factories
from tests.billing.stripe_fixtures import buy, deliver
from tests.fakes.stripe import FakeStripe

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


def age(fake: FakeStripe) -> None:
    """Let what happened at Stripe be hours old."""
    for thing in fake.world.things.values():
        thing["created"] -= 4 * 3600


def test_purchases_that_were_granted_alert_nobody(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake, "pack_small")
    buy(alice, stripe_fake, "pro_monthly")
    deliver(stripe_fake)
    age(stripe_fake)
    assert reconciliation.reconcile() == []
    assert mail.outbox == []


def test_a_payment_that_granted_nothing_is_found(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake, "pack_small")
    buy(alice, stripe_fake, "pro_monthly")
    assert reconciliation.reconcile() == []  # too young: its event may be on the way
    age(stripe_fake)
    problems = reconciliation.reconcile()
    assert len(problems) == 2
    assert all("paid at Stripe, not granted here" in problem for problem in problems)
    assert problems[0] in mail.outbox[0].body


@pytest.mark.parametrize(("source", "ref"), [("plan", "stripe:in_0:il_0"), ("pack", "stripe:pi_0")])
def test_credits_that_nobody_paid_are_found(
    alice: User, stripe_fake: FakeStripe, source: str, ref: str
) -> None:
    ledger.grant(user=alice, amount=10, source=source, source_ref=ref)
    assert reconciliation.reconcile() == [f"{ref}: granted here, not paid at Stripe"]


def test_without_keys_there_is_nothing_to_compare(alice: User) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="stripe:pi_0")
    assert reconciliation.reconcile() == []
