"""Whatever Stripe has no more, people go on: every id that we keep has an answer for being gone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing import ledger, stripe_gateway, tasks
from billing.models import Customer, Freeze, Grant, Order, StripeEvent, Subscription
from billing.payments import Gone, Refused
from billing.plans import current
from billing.purchases import checkout, gone, inbox, mirrors, reconciliation
from tests import factories
from tests.billing.stripe_fixtures import buy, deliver
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.world import Missing

pytestmark = pytest.mark.django_db


def vanish(fake: FakeStripe, thing_id: str, how: str) -> None:
    """Lose it, as after the change from a sandbox's key to the live one, or delete it by hand."""
    if how == "deleted":
        fake.world.delete_customer(thing_id)
    else:
        fake.world.lose(thing_id)


def page(client: Client, path: str = "/billing/") -> str:
    return " ".join(unescape(client.get(path).text).split())


# --- the table --------------------------------------------------------------------------------------------------------


def test_every_column_that_keeps_an_id_of_stripes_is_in_the_table() -> None:
    """A column is one whose name says so, or that the table names; new ones must be added to it."""
    kept = {column for answer in gone.ANSWERS.values() for column in answer.kept_in}
    named = re.compile(
        r"stripe_id|session_id|payment_intent|refund_id|source_ref|_invoice|_charge|_price|ref|body"
    )
    # Their references are our own: a job, or the key and hash of a request.
    own = {"billing.Hold.ref"}
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("billing").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | JSONField) and named.fullmatch(field.name)
    }
    assert columns - own == kept


def test_the_answer_for_an_id_of_nobody_changes_nothing(stripe_fake: FakeStripe) -> None:
    for prefix in gone.ANSWERS:
        gone.settle(f"{prefix}_of_nobody")
    gone.settle("")
    gone.settle("nonsense")


# --- the customer -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lost", "deleted"])
@pytest.mark.parametrize("offer", ["pack_small", "starter_monthly"])
@pytest.mark.few(1)
def test_a_person_whose_customer_is_gone_gets_a_new_one_once_and_buys(
    alice: User, hers: Client, stripe_fake: FakeStripe, how: str, offer: str
) -> None:
    buy(alice, stripe_fake)
    deliver(stripe_fake)
    old = checkout.customer_of(alice)
    vanish(stripe_fake, old, how)
    for _twice in range(2):
        answer = hers.post(f"/billing/buy/{offer}/")
        assert "/pay/" in answer["Location"]
    stripe_fake.world.pay(answer["Location"].rpartition("/")[2])
    deliver(stripe_fake)
    assert ledger.balance(alice).available > 500
    new = Customer.objects.current().get()
    assert new.stripe_id != old
    assert new.user == alice
    assert Customer.objects.count() == 2
    assert not Order.objects.filter(session_id="", state=Order.State.OPEN).exists()


def test_payments_of_the_old_customer_still_find_their_owner(alice: User, stripe_fake: FakeStripe) -> None:
    charge = buy(alice, stripe_fake)
    deliver(stripe_fake)
    stripe_fake.world.delete_customer(checkout.customer_of(alice))
    buy(alice, stripe_fake)
    stripe_fake.world.refund(charge)
    dispute = stripe_fake.world.dispute(stripe_fake.world.all("charge")[0]["id"])
    deliver(stripe_fake)
    assert ledger.balance(alice) == ledger.Balance(available=500, frozen=True)
    assert Freeze.objects.get().ref == f"stripe:{dispute['id']}"


@pytest.mark.parametrize("how", ["lost", "deleted"])
def test_the_billing_page_says_that_the_details_are_gone_and_the_portal_leads_to_buying(
    alice: User, hers: Client, stripe_fake: FakeStripe, how: str
) -> None:
    buy(alice, stripe_fake)
    deliver(stripe_fake)
    vanish(stripe_fake, checkout.customer_of(alice), how)
    shown = page(hers)
    assert "Stripe no longer has your payment details." in shown
    assert "doesn't answer" not in shown
    assert "no longer has" not in page(hers)
    answer = hers.post("/billing/portal/", follow=True)
    assert answer.redirect_chain[-1][0] == "/pricing/"
    assert "There is no plan or payment method to manage." in answer.text


@pytest.mark.parametrize("how", ["lost", "deleted"])
def test_the_portal_of_a_customer_that_is_gone_leads_to_buying(
    alice: User, hers: Client, stripe_fake: FakeStripe, how: str
) -> None:
    buy(alice, stripe_fake)
    vanish(stripe_fake, checkout.customer_of(alice), how)
    assert hers.post("/billing/portal/")["Location"] == "/pricing/"
    assert not Customer.objects.current().exists()


@pytest.mark.parametrize("how", ["lost", "deleted"])
def test_the_plan_of_a_customer_that_is_gone_has_ended_and_another_can_be_bought(
    alice: User, hers: Client, stripe_fake: FakeStripe, how: str
) -> None:
    buy(alice, stripe_fake, "pro_monthly")
    deliver(stripe_fake)
    subscription = Subscription.objects.get().stripe_id
    if how == "lost":
        stripe_fake.world.lose(subscription)
    vanish(stripe_fake, checkout.customer_of(alice), how)
    assert "/pay/" in hers.post("/billing/buy/starter_monthly/")["Location"]
    assert current.plan_of(alice).key == "free"
    assert ledger.balance(alice).available == 2000  # what was paid stays


# --- the subscription and the visit -----------------------------------------------------------------------------------


def test_a_subscription_that_is_gone_ends_its_plan_and_another_can_be_bought(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    buy(alice, stripe_fake, "starter_monthly")
    deliver(stripe_fake)
    stripe_fake.world.lose(Subscription.objects.get().stripe_id)
    assert "/pay/" in hers.post("/billing/buy/pro_monthly/")["Location"]
    assert Subscription.objects.get().status == "canceled"


def test_a_subscription_that_goes_while_the_portal_is_opened_leads_to_the_plain_portal(
    alice: User, stripe_fake: FakeStripe
) -> None:
    buy(alice, stripe_fake, "starter_monthly")
    deliver(stripe_fake)
    subscription = Subscription.objects.get().stripe_id
    stripe_fake.world.lose(subscription)
    assert "/portal/" in checkout.manage(user=alice, switch=subscription)
    assert current.plan_of(alice).key == "free"


def test_a_visit_that_is_gone_is_over(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    session = checkout.buy(user=alice, lookup_key="pack_small").rpartition("/")[2]
    stripe_fake.world.lose(session)
    assert "/pay/" in hers.post("/billing/buy/pack_small/")["Location"]
    assert Order.objects.get(session_id=session).state == Order.State.ENDED


# --- what is compared every day ---------------------------------------------------------------------------------------


def test_every_day_plans_that_stripe_has_no_more_end_and_missed_ones_are_found(
    alice: User, stripe_fake: FakeStripe
) -> None:
    bob = factories.make_bob()
    buy(alice, stripe_fake, "starter_monthly")
    deliver(stripe_fake)
    stripe_fake.world.lose(Subscription.objects.get().stripe_id)
    buy(bob, stripe_fake, "pro_monthly")  # and no event ever came
    tasks.reconcile()
    assert current.plan_of(alice).key == "free"
    assert current.plan_of(bob).key == "pro"


def test_a_dispute_that_is_gone_holds_no_credits_back(alice: User, stripe_fake: FakeStripe) -> None:
    dispute = stripe_fake.world.dispute(buy(alice, stripe_fake))
    deliver(stripe_fake)
    mirrors.refresh()
    assert ledger.balance(alice).frozen
    stripe_fake.world.lose(dispute["id"])
    mirrors.refresh()
    assert ledger.balance(alice) == ledger.Balance(available=500)


def test_subscriptions_of_other_shops_in_the_same_account_are_left_alone(
    alice: User, stripe_fake: FakeStripe
) -> None:
    stranger = stripe_fake.world.add("customer", "cus")["id"]
    price = stripe_fake.world.all("price", lookup_key="pro_monthly")[0]
    stripe_fake.world.subscribe(stranger, price, {})
    mirrors.refresh()
    assert not Subscription.objects.exists()


# --- events about what is gone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("checkout.session", "checkout.session.completed"),
        ("invoice", "invoice.paid"),
        ("subscription", "customer.subscription.updated"),
        ("refund", "refund.updated"),
        ("dispute", "charge.dispute.created"),
    ],
)
def test_an_event_about_a_deleted_object_is_closed_in_the_end_and_reported_nowhere_else(
    alice: User, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch, kind: str, type_: str
) -> None:
    monkeypatch.setattr(inbox, "ATTEMPTS", 3)
    charge = buy(alice, stripe_fake, "starter_monthly")
    deliver(stripe_fake)
    stripe_fake.world.refund(charge, 90)
    stripe_fake.world.dispute(charge)
    thing = stripe_fake.world.all(kind)[0]
    event = stripe_fake.world.happened(type_, thing)
    stripe_fake.world.lose(thing["id"])
    deliver(stripe_fake, [event])
    asked = StripeEvent.objects.filter(stripe_id=event["id"])
    assert asked.get().handled_at is None  # the operator may be trying another key
    for _minute in range(2):
        inbox.handle_waiting()
    stored = asked.get()
    assert stored.handled_at
    assert stored.error.startswith("Gone: ")
    assert Grant.objects.count() == 1
    assert not ledger.balance(alice).frozen


def test_what_was_granted_for_a_payment_that_is_gone_is_named_and_stays(
    alice: User, stripe_fake: FakeStripe
) -> None:
    buy(alice, stripe_fake)
    buy(alice, stripe_fake, "starter_monthly")
    deliver(stripe_fake)
    for kind in ("payment_intent", "invoice"):
        for thing in stripe_fake.world.all(kind):
            stripe_fake.world.lose(thing["id"])
    problems = reconciliation.reconcile().problems
    assert len([line for line in problems if "granted here, not paid at Stripe" in line]) == 2
    assert ledger.balance(alice).available == 1100


def test_an_event_that_was_never_handled_is_in_the_daily_report(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake)
    Customer.objects.all().delete()
    deliver(stripe_fake)
    StripeEvent.objects.update(received_at="2020-01-01T00:00:00Z")
    assert any("not handled: NotYet" in line for line in reconciliation.reconcile().problems)


# --- refused, gone and unavailable are three things -------------------------------------------------------------------


def test_the_gateway_tells_them_apart(alice: User, stripe_fake: FakeStripe) -> None:
    with pytest.raises(Gone) as lost:
        stripe_gateway.subscription("sub_unknown")
    assert lost.value.what == "subscription"
    with pytest.raises(Gone) as lost:
        stripe_gateway.checkout(
            order_id="1",
            customer=checkout.customer_of(alice),
            price="price_unknown",
            mode="payment",
            metadata={"order": "1"},
            success="http://a.test",
            cancel="http://a.test",
        )
    assert lost.value.what == "price"
    session = checkout.buy(user=alice, lookup_key="pack_small").rpartition("/")[2]
    stripe_gateway.expire_session(session)
    with pytest.raises(Refused) as refused:
        stripe_gateway.expire_session(session)
    assert not isinstance(refused.value, Gone)


def test_a_refusal_is_not_called_an_outage(
    alice: User, hers: Client, stripe_fake: FakeStripe, settings: Settings
) -> None:
    buy(alice, stripe_fake)
    deliver(stripe_fake)
    settings.STRIPE_SECRET_KEY = "sk_test_withdrawn"
    shown = page(hers)
    assert "Stripe refused our request." in shown
    assert "doesn't answer" not in shown
    answer = hers.post("/billing/buy/pack_small/")
    said = unescape(answer.text)
    assert "The payment service refused our request." in said
    assert "trying again won't help" in said
    assert Customer.objects.current().exists()


def test_a_price_that_is_missing_is_a_refusal_and_makes_no_new_customer(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    buy(alice, stripe_fake)
    deliver(stripe_fake)
    for price in stripe_fake.world.all("price"):
        stripe_fake.world.lose(price["id"])
    answer = hers.post("/billing/buy/pack_small/")
    assert answer.status_code == 503
    assert "refused" in answer.text
    assert Customer.objects.count() == 1


def test_the_fake_shows_a_deleted_customer_as_a_stub_alone(alice: User, stripe_fake: FakeStripe) -> None:
    customer = checkout.customer_of(alice)
    stripe_fake.world.delete_customer(customer)
    assert stripe_fake.world.get(customer)["deleted"]
    with pytest.raises(Missing):
        stripe_fake.world.get(customer, "customer", "customer")
