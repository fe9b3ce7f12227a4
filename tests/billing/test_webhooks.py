"""Stripe's events: only genuine ones, each taken in once, handled in any order, never lost."""

from __future__ import annotations

import os
import random
import time

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from billing import ledger
from billing.ledger.invariants import violations
from billing.models import Customer, Grant, StripeEvent
from billing.purchases import checkout, inbox
from tests import factories
from tests.billing.stripe_fixtures import WEBHOOK, buy, deliver
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.world import Thing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# The long mode of the issue: STRIPE_DELIVERIES=10000.
DELIVERIES = int(os.environ.get("STRIPE_DELIVERIES", "150"))


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


def post(body: str, signature: str) -> int:
    headers = {"Stripe-Signature": signature}
    return Client().post(WEBHOOK, body, content_type="application/json", headers=headers).status_code


def test_only_a_body_that_stripe_signed_is_taken_in(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    event = stripe_fake.world.events[-1]
    body, signature = stripe_fake.world.signed(event)
    assert post(body.replace("500", "900") + " ", signature) == 400
    assert post(body, "") == 400
    assert post(body, "t=1,v1=00") == 400
    assert post(body, stripe_fake.world.signed(event, secret="whsec_of_somebody_else")[1]) == 400
    assert (
        post(body, stripe_fake.world.signed(event, at=int(time.time()) - 3600)[1]) == 400
    )  # an old one, replayed
    assert not StripeEvent.objects.exists()
    assert post(body, signature) == 200


def test_both_secrets_hold_while_one_is_replaced(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    for event, secret in zip(stripe_fake.world.events[:2], ("whsec_being_replaced", ""), strict=False):
        body, signature = stripe_fake.world.signed(event, secret=secret)
        assert post(body, signature) == 200


@pytest.mark.parametrize("body", ["", "{}", "[]", "nonsense", '{"id": "evt_1"}'])
def test_a_signed_body_that_is_no_event_is_refused(stripe_fake: FakeStripe, body: str) -> None:
    from stripe import WebhookSignature

    assert post(body, WebhookSignature.generate_signature_header(body, stripe_fake.world.secret)) == 400


def test_a_delivery_is_only_stored_and_answered(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    asked = len(stripe_fake.requests)
    assert post(*stripe_fake.world.signed(stripe_fake.world.events[-1])) == 200
    assert len(stripe_fake.requests) == asked  # Stripe was asked nothing while it waited
    assert ledger.balance(alice).available == 0


def test_an_event_of_another_version_is_handled_and_reported(
    alice: User, stripe_fake: FakeStripe, caplog: pytest.LogCaptureFixture
) -> None:
    buy(alice, stripe_fake)
    deliver(stripe_fake, [{**event, "api_version": "2024-01-01"} for event in stripe_fake.world.events])
    assert ledger.balance(alice).available == 500
    assert "stripe.api_version" in caplog.text


def test_an_unexpected_event_is_closed(stripe_fake: FakeStripe) -> None:
    world = stripe_fake.world
    deliver(
        stripe_fake,
        [world.happened("product.created", {"id": "prod_1"}), world.happened("balance.available", {})],
    )
    assert StripeEvent.objects.filter(handled_at__isnull=False).count() == 2


def test_an_outage_while_handling_is_waited_out(
    alice: User, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    buy(alice, stripe_fake)
    stripe_fake.fails_with = 503
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 0
    assert all(StripeEvent.objects.exclude(error="").values_list("attempts", flat=True))
    stripe_fake.fails_with = 0
    inbox.handle_waiting()
    assert ledger.balance(alice).available == 500
    assert not StripeEvent.objects.filter(handled_at=None).exists()


def test_an_event_ahead_of_its_customer_waits_for_it(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake, "pro_monthly")
    known = Customer.objects.get().stripe_id
    Customer.objects.all().delete()
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 0
    Customer.objects.create(user=alice, stripe_id=known)
    inbox.handle_waiting()
    assert ledger.balance(alice).available == 2000


def test_events_that_never_came_are_found(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    assert inbox.backfill() == 1  # what else happened is of no interest to us
    inbox.handle_waiting()
    assert ledger.balance(alice).available == 500
    assert inbox.backfill() == 0


def test_the_backfill_reads_every_page_of_the_list(alice: User, stripe_fake: FakeStripe) -> None:
    session = checkout.buy(user=alice, lookup_key="pack_small").rpartition("/")[2]
    for _again in range(130):
        stripe_fake.world.happened("checkout.session.completed", stripe_fake.world.get(session))
    assert inbox.backfill() == 130


def test_the_operator_can_replay_an_event(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    deliver(stripe_fake)
    call_command("stripe", "replay", StripeEvent.objects.latest("pk").stripe_id)
    assert ledger.balance(alice).available == 500
    with pytest.raises(CommandError, match="ever received"):
        call_command("stripe", "replay", "evt_unknown")


def test_the_operator_sees_what_waits_and_handles_it_again(alice: User, stripe_fake: FakeStripe) -> None:
    operators = factories.log_in_staff(Client(), factories.make_carol())
    buy(alice, stripe_fake)
    for event in stripe_fake.world.events:
        post(*stripe_fake.world.signed(event))
    chosen = {"action": "replay", "_selected_action": list(StripeEvent.objects.values_list("pk", flat=True))}
    assert operators.post("/admin/billing/stripeevent/", chosen).status_code == 302
    assert ledger.balance(alice).available == 500
    for table in ("customer", "order", "planending", "stripeevent", "subscription"):
        assert operators.get(f"/admin/billing/{table}/?q=a").status_code == 200


def test_the_inbox_keeps_nothing_that_names_a_person(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    event = stripe_fake.world.events[-1]
    event["data"]["object"]["customer_details"] = {"email": alice.email}
    deliver(stripe_fake)
    assert alice.email not in str(list(StripeEvent.objects.values()))
    assert ledger.balance(alice).available == 500


@pytest.mark.few(1)
def test_whatever_is_delivered_how_often_and_in_whichever_order_each_purchase_grants_once(
    stripe_fake: FakeStripe,
) -> None:
    """Duplicated, reordered, delayed, and replayed under new event ids."""
    people = [factories.make_person(f"P{number}") for number in range(4)]
    for number, person in enumerate(people):
        buy(person, stripe_fake, "pack_small")
        buy(person, stripe_fake, "pro_monthly")
        subscription = stripe_fake.world.all("subscription")[0]["id"]
        stripe_fake.world.renew(subscription)
        if number == 0:
            stripe_fake.world.refund(stripe_fake.world.all("charge")[0]["id"])
        if number == 1:
            stripe_fake.world.end(subscription)
    chance = random.Random(7)
    deliveries: list[Thing] = list(stripe_fake.world.events)
    while len(deliveries) < DELIVERIES:
        event = chance.choice(stripe_fake.world.events)
        deliveries.append(event if chance.random() < 0.5 else stripe_fake.world.under_a_new_id(event))
    chance.shuffle(deliveries)
    for begin in range(0, len(deliveries), 25):
        deliver(stripe_fake, deliveries[begin : begin + 25])
    inbox.handle_waiting()
    assert [ledger.balance(person).available for person in people] == [2500, 4500, 4500, 4500]
    assert Grant.objects.count() == 3 * len(people)
    assert not StripeEvent.objects.filter(handled_at=None).exists()
    assert violations() == []
