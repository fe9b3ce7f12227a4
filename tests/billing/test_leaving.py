"""People who delete their accounts: plans aren't renewed, then end, and their customers at Stripe are deleted."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from billing import leaving, stripe_gateway
from billing.leaving import AtStripe
from billing.models import Customer, Order, Subscription
from billing.payments import Unavailable
from billing.purchases import checkout
from privacy.models import Erasure
from tests.billing.stripe_fixtures import buy, deliver, stripe_fake
from tests.fakes.stripe import FakeStripe
from tests.privacy import erasing

__all__ = ["stripe_fake"]

pytestmark = pytest.mark.django_db


def at_stripe(fake: FakeStripe, kind: str) -> Any:
    return fake.world.all(kind)[0]


def with_plan(user: User, fake: FakeStripe) -> Subscription:
    buy(user, fake, "pro_monthly")
    deliver(fake)
    return Subscription.objects.get(customer__user=user)


def test_a_plan_is_not_renewed_and_its_paid_time_stays(alice: User, stripe_fake: FakeStripe) -> None:
    plan = with_plan(alice, stripe_fake)
    leaving.stop_renewing(alice)
    leaving.stop_renewing(alice)
    found = at_stripe(stripe_fake, "subscription")
    assert (found["status"], found["cancel_at_period_end"]) == ("active", True)
    plan.refresh_from_db()
    assert plan.ends_at_period_end


def test_a_plan_whose_payment_failed_ends_at_once(alice: User, stripe_fake: FakeStripe) -> None:
    plan = with_plan(alice, stripe_fake)
    stripe_fake.world.fail_renewal(plan.stripe_id)
    deliver(stripe_fake)
    leaving.stop_renewing(alice)
    assert at_stripe(stripe_fake, "subscription")["status"] == "canceled"
    plan.refresh_from_db()
    assert plan.status == Subscription.ENDED


def test_nobody_can_pay_any_more_on_a_page_that_is_open(alice: User, stripe_fake: FakeStripe) -> None:
    checkout.buy(user=alice, lookup_key="pack_small")
    leaving.stop_renewing(alice)
    assert at_stripe(stripe_fake, "checkout.session")["status"] == "expired"
    assert Order.objects.get().state == Order.State.ENDED


def test_an_erasure_ends_the_plan_and_deletes_the_customer(alice: User, stripe_fake: FakeStripe) -> None:
    with_plan(alice, stripe_fake)
    erasure = erasing.order(alice)
    assert at_stripe(stripe_fake, "subscription")["cancel_at_period_end"]
    assert erasure.plans_stopped_at is not None
    erasing.finish(erasure)
    assert at_stripe(stripe_fake, "subscription")["status"] == "canceled"
    customer = Customer.objects.get()
    assert stripe_fake.world.get(customer.stripe_id).get("deleted")
    assert customer.user is None
    assert customer.gone_at is not None
    assert Erasure.objects.get().payment == AtStripe.DELETED


def test_a_customer_with_an_open_bill_waits_until_it_is_settled(alice: User, stripe_fake: FakeStripe) -> None:
    plan = with_plan(alice, stripe_fake)
    stripe_fake.world.fail_renewal(plan.stripe_id)
    deliver(stripe_fake)
    erasing.erase(alice)
    assert Erasure.objects.get().payment == AtStripe.OPEN
    customer = Customer.objects.get()
    assert customer.gone_at is None
    leaving.delete_of_erased()
    assert not stripe_fake.world.get(customer.stripe_id).get("deleted")

    bill = stripe_fake.world.all("invoice", status="open")[0]
    bill["status"] = "void"
    leaving.delete_of_erased()
    assert stripe_fake.world.get(customer.stripe_id).get("deleted")
    assert not leaving.ownerless().exists()


def test_stripe_that_does_not_answer_is_asked_again(
    alice: User, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_plan(alice, stripe_fake)

    def silent(_id: str) -> None:
        raise Unavailable("no answer")

    for name in ("stop_renewal", "cancel", "has_open_invoice", "delete_customer"):
        monkeypatch.setattr(stripe_gateway, name, silent)
    erasure = erasing.order(alice)
    assert erasure.plans_stopped_at is None
    erasing.finish(erasure)
    assert Erasure.objects.get().payment == AtStripe.WAITING
    assert not User.objects.filter(pk=alice.pk).exists(), "the rest doesn't wait for Stripe"

    monkeypatch.undo()
    leaving.delete_of_erased()
    assert stripe_fake.world.get(Customer.objects.get().stripe_id).get("deleted")
    assert at_stripe(stripe_fake, "subscription")["status"] == "canceled"


def test_a_customer_that_stripe_has_lost_is_gone(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake, "pack_small")
    stripe_fake.world.delete_customer(Customer.objects.get().stripe_id)
    assert leaving.erase(alice) == AtStripe.DELETED
    assert Customer.objects.get().gone_at is not None
