"""Payments and credits are compared both ways; the operator hears of what differs."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from accounts.models import User
from billing import ledger, tasks
from billing.payments import NotConfigured
from billing.purchases import reconciliation
from tests import factories
from tests.billing.stripe_fixtures import buy, deliver
from tests.fakes.stripe import FakeStripe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


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
    report = reconciliation.reconcile()
    assert (report.payments, report.lots, report.problems) == (2, 2, [])
    assert "2 payments at Stripe and 2 lots of credits were compared. They agree." in str(report)
    assert mail.outbox == []


def test_a_payment_that_granted_nothing_is_found(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake, "pack_small")
    buy(alice, stripe_fake, "pro_monthly")
    assert reconciliation.reconcile().problems == []  # too young: its event may be on the way
    age(stripe_fake)
    problems = reconciliation.reconcile().problems
    assert len(problems) == 2
    assert all("paid at Stripe, not granted here" in problem for problem in problems)
    assert problems[0] in mail.outbox[0].body
    assert "2 payments at Stripe and 0 lots of credits were compared.\n2 differ:" in mail.outbox[0].body


def test_a_payment_for_something_that_is_not_sold_any_more_is_found(
    alice: User, stripe_fake: FakeStripe
) -> None:
    buy(alice, stripe_fake, "pro_monthly")
    price = stripe_fake.world.all("price", lookup_key="pro_monthly")[0]
    price["metadata"], price["lookup_key"] = {"offer": "gold_monthly"}, None
    deliver(stripe_fake)
    stranger = stripe_fake.world.add("customer", "cus")["id"]  # of another shop in the same account
    stripe_fake.world.subscribe(stranger, price, {})
    age(stripe_fake)
    problems = reconciliation.reconcile().problems
    assert len([line for line in problems if "paid at Stripe, not granted here" in line]) == 1


@pytest.mark.parametrize(("source", "ref"), [("plan", "stripe:in_0:il_0"), ("pack", "stripe:pi_0")])
def test_credits_that_nobody_paid_are_found(
    alice: User, stripe_fake: FakeStripe, source: str, ref: str
) -> None:
    ledger.grant(user=alice, amount=10, source=source, source_ref=ref)
    assert reconciliation.reconcile().problems == [f"{ref}: granted here, not paid at Stripe"]


def test_without_keys_there_is_nothing_to_compare(alice: User) -> None:
    ledger.grant(user=alice, amount=10, source="pack", source_ref="stripe:pi_0")
    with pytest.raises(NotConfigured):
        reconciliation.reconcile()
    tasks.reconcile()  # the beat's daily call says nothing about it
    assert mail.outbox == []


def test_the_operator_can_ask_for_the_report(alice: User, stripe_fake: FakeStripe) -> None:
    output = StringIO()
    call_command("stripe", "reconcile", stdout=output)
    assert "They agree." in output.getvalue()
    ledger.grant(user=alice, amount=10, source="pack", source_ref="stripe:pi_0")
    with pytest.raises(CommandError, match="1 differ:\nstripe:pi_0: granted here"):
        call_command("stripe", "reconcile")
