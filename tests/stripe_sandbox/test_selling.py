"""What we sell, by the product's own code: against the fake, and against a real sandbox when there is a key."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User
from billing import ledger, stripe_gateway, summary
from billing.ledger.invariants import violations
from billing.models import Customer, Freeze, Grant, Order, StripeEvent, Subscription
from billing.plans import current, definitions
from billing.purchases import checkout, ending, fulfilment, names, reconciliation
from tests.stripe_sandbox.bench import BAD_CARD, DISPUTED_CARD, GOOD_CARD, Bench, LiveKey, refuse_a_live_key

pytestmark = pytest.mark.django_db

STARTER, PRO = "starter_monthly", "pro_monthly"


@pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "pk_test_1", "whsec_1", "", "sk_testing"])
def test_only_the_key_of_a_sandbox_is_taken(key: str) -> None:
    with pytest.raises(LiveKey):
        refuse_a_live_key(key)


def a_plan(bench: Bench, user: User, offer: str = STARTER) -> tuple[str, str, str]:
    """Let the person have a plan; returns customer, clock and subscription."""
    customer, clock = bench.customer_with_a_clock(user)
    subscription = bench.subscribe(customer, offer, user)
    bench.settle(lambda: Grant.objects.filter(source="plan").exists() and Subscription.objects.exists())
    return customer, clock, subscription


def a_pack(bench: Bench, user: User, card: str = GOOD_CARD) -> str:
    """Let the person pay for a small pack and get it; returns the payment intent.

    A checkout page can be paid by a person alone, so what its event would do is done here by hand.
    """
    offer = definitions.offer("pack_small")
    intent = bench.pay_once(checkout.customer_of(user), offer.amount, card)
    ledger.grant(
        user=user,
        amount=offer.credits,
        source=Grant.Source.PACK,
        source_ref=names.pack_ref(intent),
        priority=fulfilment.PACK_PRIORITY,
    )
    return intent


def were_handled(invoices: list[str]) -> bool:
    """Whether the event of each was taken in and handled."""
    handled = StripeEvent.objects.filter(type="invoice.paid", handled_at__isnull=False)
    return set(invoices) <= set(handled.values_list("body__data__object__id", flat=True))


def status() -> str:
    return Subscription.objects.get().status


def test_products_and_prices_are_as_we_sell_them_and_syncing_again_changes_nothing(bench: Bench) -> None:
    told = StringIO()
    call_command("stripe", "sync", stdout=told)
    assert "every product and price" in told.getvalue()
    there = stripe_gateway.prices([offer.lookup_key for offer in definitions.offers()])
    assert {key: price.amount for key, price in there.items()} == {
        offer.lookup_key: offer.amount for offer in definitions.offers()
    }


@pytest.mark.parametrize(("offer", "mode"), [("pack_small", "payment"), (STARTER, "subscription")])
def test_the_checkout_takes_our_request_and_a_visit_that_ends_grants_nothing(
    bench: Bench, alice: User, offer: str, mode: str
) -> None:
    assert checkout.buy(user=alice, lookup_key=offer).startswith("http")
    order = Order.objects.get()
    session = stripe_gateway.session(order.session_id)
    assert (session.mode, session.status, session.payment_status) == (mode, "open", "unpaid")
    assert list(session.lookup_keys) == [offer]
    assert session.metadata["order"] == str(order.pk)
    bench.leave_checkout(order.session_id)
    bench.settle(lambda: Order.objects.get().state == Order.State.ENDED)
    assert ledger.balance(alice) == ledger.Balance()


def test_a_plan_brings_its_credits_once_and_again_with_every_renewal(bench: Bench, alice: User) -> None:
    _customer, clock, subscription = a_plan(bench, alice)
    assert ledger.balance(alice).available == 600
    assert (current.plan_of(alice).key, status()) == ("starter", "active")
    mirror = Subscription.objects.get()
    assert (mirror.stripe_id, mirror.period_end) == (subscription, Grant.objects.get().expires_at)

    bench.advance_past_renewal(clock)
    bench.settle(lambda: Grant.objects.count() == 2)
    first, second = Grant.objects.order_by("pk")
    assert (second.amount, second.source) == (600, "plan")
    assert first.expires_at
    assert second.expires_at
    assert first.expires_at < second.expires_at
    for event in StripeEvent.objects.filter(type="invoice.paid", handled_at__isnull=False):
        call_command("stripe", "replay", event.stripe_id, stdout=StringIO())
    assert Grant.objects.count() == 2
    assert violations() == []


def test_a_renewal_that_is_not_paid_keeps_the_plan_for_a_while_and_is_mended_with_another_card(
    bench: Bench, alice: User
) -> None:
    customer, clock, _subscription = a_plan(bench, alice)
    bench.use_card(customer, BAD_CARD)
    bench.advance_past_renewal(clock)
    bench.settle(lambda: status() == "past_due")
    assert current.plan_of(alice).key == "starter"
    assert summary.summarize(alice).unpaid == "past_due"
    assert Grant.objects.count() == 1

    bench.pay_open_invoice(customer, bench.use_card(customer, GOOD_CARD))
    bench.settle(lambda: status() == "active" and Grant.objects.count() == 2)
    assert summary.summarize(alice).unpaid == ""


def test_a_renewal_that_is_never_paid_ends_the_plan(bench: Bench, alice: User) -> None:
    customer, clock, subscription = a_plan(bench, alice)
    bench.use_card(customer, BAD_CARD)
    bench.advance_past_renewal(clock)
    bench.settle(lambda: status() == "past_due")
    bench.give_up(subscription)
    bench.settle(lambda: status() == "canceled")
    assert current.plan_of(alice).key == "free"
    assert Grant.objects.count() == 1


def test_an_upgrade_holds_at_once_and_its_proration_brings_no_credits(bench: Bench, alice: User) -> None:
    customer, clock, subscription = a_plan(bench, alice)
    bench.switch(subscription, PRO)
    bench.settle(lambda: Subscription.objects.get().lookup_key == PRO)
    assert current.plan_of(alice).key == "pro"
    bench.settle(
        lambda: len(bench.paid_invoices(customer)) == 2 and were_handled(bench.paid_invoices(customer))
    )
    assert ledger.balance(alice).available == 600

    bench.advance_past_renewal(clock)
    bench.settle(lambda: Grant.objects.count() == 2)
    assert Grant.objects.latest("pk").amount == 2000


def test_a_cancelled_plan_can_be_resumed_until_its_end_and_then_it_ends(bench: Bench, alice: User) -> None:
    _customer, clock, subscription = a_plan(bench, alice)
    for wanted in (True, False, True):
        bench.cancel_at_period_end(subscription, wanted=wanted)
        bench.settle(lambda wanted=wanted: Subscription.objects.get().ends_at_period_end is wanted)  # type: ignore[misc]
        assert current.plan_of(alice).key == "starter"
    bench.advance_past_renewal(clock)
    bench.settle(lambda: status() == "canceled")
    assert current.plan_of(alice).key == "free"
    assert Grant.objects.count() == 1


def test_a_paid_pack_is_known_as_paid_and_a_refund_takes_its_credits_back(bench: Bench, alice: User) -> None:
    intent = a_pack(bench, alice)
    assert stripe_gateway.is_paid(intent)
    bench.refund(intent, definitions.offer("pack_small").amount // 2)
    bench.settle(lambda: ledger.balance(alice).available == 250)
    bench.refund(intent)
    bench.settle(lambda: ledger.balance(alice).available == 0)
    assert Grant.objects.get().refunded == 500
    assert violations() == []


def test_what_is_granted_and_what_is_paid_agree(bench: Bench, alice: User) -> None:
    a_plan(bench, alice)
    mine = {lot.source_ref for lot in Grant.objects.all()}
    assert not [problem for problem in reconciliation.reconcile().problems if problem.split(": ")[0] in mine]


@pytest.mark.parametrize(("evidence", "left"), [("winning_evidence", 500), ("losing_evidence", 0)])
def test_a_dispute_freezes_until_the_bank_has_decided(
    bench: Bench, alice: User, evidence: str, left: int
) -> None:
    a_pack(bench, alice, DISPUTED_CARD)
    bench.settle(lambda: ledger.balance(alice).frozen)
    with pytest.raises(ledger.AccountFrozen):
        ledger.hold(user=alice, amount=1, ref="job:1")
    bench.answer_dispute(Freeze.objects.get().ref.removeprefix("stripe:"), evidence)
    bench.settle(lambda: ledger.balance(alice) == ledger.Balance(available=left))


def test_opening_a_visit_ends_the_older_one(bench: Bench, alice: User) -> None:
    checkout.buy(user=alice, lookup_key="pack_small")
    checkout.buy(user=alice, lookup_key=STARTER)
    older, newer = Order.objects.order_by("pk")
    assert stripe_gateway.session(older.session_id).status == "expired"
    assert stripe_gateway.session(newer.session_id).status == "open"
    assert older.state == Order.State.ENDED


def test_one_of_two_plans_ends_with_its_money_and_its_credits(bench: Bench, alice: User) -> None:
    customer, _clock, first = a_plan(bench, alice)
    second = bench.subscribe(customer, PRO, alice)
    bench.settle(lambda: Grant.objects.count() == 2 and Subscription.objects.count() == 2)
    offered = ending.offer(Subscription.objects.get(stripe_id=second))
    assert (offered.money, offered.credits) == (2400, 2000)
    for _twice in range(2):
        ended = ending.end(user=alice, subscription_id=second, token=offered.token)
    assert ended.finished_at
    bench.settle(lambda: StripeEvent.objects.filter(type="refund.created", handled_at__isnull=False).exists())
    assert ledger.balance(alice) == ledger.Balance(available=600)
    assert stripe_gateway.subscription(second).status == "canceled"
    assert stripe_gateway.subscription(first).status == "active"
    assert violations() == []


def test_a_person_whose_customer_was_deleted_buys_with_a_new_one(bench: Bench, alice: User) -> None:
    checkout.buy(user=alice, lookup_key="pack_small")
    bench.delete_customer(checkout.customer_of(alice))
    assert checkout.buy(user=alice, lookup_key=STARTER).startswith("http")
    assert Customer.objects.current().get().user == alice
    assert Customer.objects.count() == 2


def test_the_portal_opens_for_somebody_with_a_plan(bench: Bench, alice: User) -> None:
    _customer, _clock, _subscription = a_plan(bench, alice)
    assert checkout.manage(user=alice).startswith("http")
    facts = stripe_gateway.customer_facts(Subscription.objects.get().customer.stripe_id)
    assert (facts.card_brand, facts.card_last4) == ("visa", "4242")
    assert "Berlin" in facts.address
    assert [invoice.status for invoice in facts.invoices] == ["paid"]
