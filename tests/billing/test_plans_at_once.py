"""Two plans at once in spite of every check: they are seen, shown and reported."""

from __future__ import annotations

from html import unescape

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from billing import ledger, tasks
from billing.models import Subscription
from billing.plans import current
from billing.purchases import ending, inbox, reconciliation
from tests.billing.stripe_fixtures import deliver
from tests.billing.two_plans import page, press, two_plans, visit
from tests.fakes.stripe import FakeStripe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_second_plan_is_shown_and_reported_once(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    first, second = two_plans(stripe_fake, alice)
    for _replayed in range(2):
        deliver(stripe_fake, [stripe_fake.world.under_a_new_id(event) for event in stripe_fake.world.events])
    assert ledger.balance(alice).available == 2600
    assert current.plan_of(alice).key == "pro"

    to_operator = [sent for sent in mail.outbox if alice.email not in sent.to]
    to_alice = [sent for sent in mail.outbox if alice.email in sent.to]
    assert len(to_operator) == len(to_alice) == 1
    assert first.stripe_id in to_operator[0].body
    assert second.stripe_id in to_operator[0].body
    assert alice.email not in to_operator[0].body
    assert "/billing/" in to_alice[0].body

    shown = page(hers)
    assert "You have more than one plan, and each of them is charged." in shown
    assert "Starter" in shown
    assert "End Starter and refund $9" in shown
    assert "End Pro and refund $24" in shown
    assert "If you end it now, $24 is refunded and this plan's 2,000 unspent credits are removed." in shown
    assert "You have more than one plan" in unescape(hers.get("/credits/").text)
    assert "has 2 live plans" in reconciliation.reconcile().problems[0]


def test_somebody_with_one_plan_sees_and_can_end_nothing(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(visit(alice))
    deliver(stripe_fake)
    assert "/end/" not in page(hers)
    plan = Subscription.objects.get()
    assert "You have one plan, so there is no second one to end." in press(
        hers, plan, ending.offer(plan).token
    )
    assert stripe_fake.world.get(plan.stripe_id)["status"] == "active"
    assert mail.outbox == []


def test_a_mail_that_fails_is_sent_when_the_event_is_handled_again(
    alice: User, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_server(**_mail: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("billing.purchases.extra_plans.send_mail", no_server)
        two_plans(stripe_fake, alice)
    assert mail.outbox == []
    inbox.handle_waiting()
    assert len([sent for sent in mail.outbox if alice.email not in sent.to]) == 1


def test_nobody_is_written_to_at_an_address_that_was_never_verified(
    alice: User, stripe_fake: FakeStripe
) -> None:
    EmailAddress.objects.filter(user=alice).update(verified=False)
    two_plans(stripe_fake, alice)
    assert [sent.to for sent in mail.outbox if alice.email in sent.to] == []


def test_the_plan_of_a_deleted_account_stops_charging(alice: User, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.pay(visit(alice))
    deliver(stripe_fake)
    alice.delete()
    for _minute in range(2):
        tasks.handle_events()
    assert stripe_fake.world.all("subscription")[0]["status"] == "canceled"
    assert Subscription.objects.get().status == "canceled"
