"""Before the purchase: one visit to Stripe can be paid, and no second plan is sold."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from billing import tasks
from billing.models import Grant, Order
from billing.purchases import checkout, open_checkouts
from tests import factories
from tests.billing.stripe_fixtures import deliver
from tests.billing.two_plans import visit
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.world import NotNow

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("starter_monthly", "starter_monthly"),
        ("starter_monthly", "pro_yearly"),
        ("pack_small", "pack_small"),
        ("pack_small", "starter_monthly"),
    ],
)
def test_opening_a_visit_ends_the_older_one(
    alice: User, stripe_fake: FakeStripe, first: str, second: str
) -> None:
    older, newer = visit(alice, first), visit(alice, second)
    with pytest.raises(NotNow):
        stripe_fake.world.pay(older)
    stripe_fake.world.pay(newer)
    deliver(stripe_fake)
    states = dict(Order.objects.values_list("session_id", "state"))
    assert states == {older: Order.State.ENDED, newer: Order.State.PAID}


def test_a_visit_that_was_never_written_down_ends_too(alice: User, stripe_fake: FakeStripe) -> None:
    lost = visit(alice)
    Order.objects.update(session_id="")  # the process died before it wrote the id
    visit(alice)
    assert stripe_fake.world.get(lost)["status"] == "expired"


def test_visits_of_others_stay_open(alice: User, stripe_fake: FakeStripe) -> None:
    his = visit(factories.make_person("Bob"))
    visit(alice)
    assert stripe_fake.world.get(his)["status"] == "open"


def test_of_two_visits_opened_at_the_same_moment_one_stays(alice: User, stripe_fake: FakeStripe) -> None:
    """Both were made before either looked for older ones."""
    first, second = visit(alice), visit(alice)
    for session in (first, second):
        stripe_fake.world.get(session)["status"] = "open"
    customer = checkout.customer_of(alice)
    for order in Order.objects.order_by("pk"):
        open_checkouts.expire_older(customer=customer, order=order)
    assert [stripe_fake.world.get(session)["status"] for session in (first, second)] == ["expired", "open"]


@pytest.mark.parametrize("offer", ["starter_monthly", "pack_small"])
def test_starting_again_after_paying_does_not_lead_to_a_second_payment(
    alice: User, hers: Client, stripe_fake: FakeStripe, offer: str
) -> None:
    stripe_fake.world.pay(visit(alice, offer))  # and its event is on the way
    answer = hers.post(f"/billing/buy/{offer}/", follow=True)
    assert answer.redirect_chain[-1][0] == "/billing/thanks/"
    assert "so no second one was started" in answer.text
    assert len(stripe_fake.world.all("checkout.session")) == 1
    deliver(stripe_fake)
    assert Grant.objects.count() == 1


def test_another_plan_is_not_sold_while_the_event_of_the_first_is_on_the_way(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    stripe_fake.world.pay(visit(alice, "starter_monthly"))
    assert "/portal/" in hers.post("/billing/buy/pro_monthly/")["Location"]


def test_an_older_visit_that_is_paid_at_that_very_moment_ends_the_newer_one(
    alice: User, hers: Client, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = visit(alice)
    real = open_checkouts.expire_older

    def paid_just_now(**asked: object) -> None:
        stripe_fake.world.pay(older)
        real(**asked)  # type: ignore[arg-type]

    monkeypatch.setattr(open_checkouts, "expire_older", paid_just_now)
    answer = hers.post("/billing/buy/pro_monthly/", follow=True)
    assert answer.redirect_chain[-1][0] == "/billing/thanks/"
    assert [session["status"] for session in stripe_fake.world.all("checkout.session")] == [
        "expired",
        "complete",
    ]


@pytest.mark.parametrize("status", ["unpaid", "paused"])
def test_a_plan_that_may_charge_again_is_looked_after_before_another_is_sold(
    alice: User, hers: Client, stripe_fake: FakeStripe, status: str
) -> None:
    stripe_fake.world.pay(visit(alice))
    stripe_fake.world.all("subscription")[0]["status"] = status
    deliver(stripe_fake)
    assert "/portal/" in hers.post("/billing/buy/pro_monthly/")["Location"]
    assert "flow_data" not in stripe_fake.world.all("billing_portal.session")[0]


def test_a_visit_of_a_deleted_account_cannot_be_paid(alice: User, stripe_fake: FakeStripe) -> None:
    session = visit(alice)
    alice.delete()
    tasks.handle_events()
    assert stripe_fake.world.get(session)["status"] == "expired"
