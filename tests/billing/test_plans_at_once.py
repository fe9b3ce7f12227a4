"""Two plans at once: prevented before the purchase, found after it, and one press ends one of them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from billing import ledger, stripe_gateway, tasks
from billing.ledger.invariants import violations
from billing.models import Grant, Order, PlanEnding, Subscription, Transaction
from billing.payments import Unavailable
from billing.plans import current
from billing.purchases import checkout, ending, inbox, mirrors, open_checkouts, reconciliation
from tests import factories
from tests.billing.stripe_fixtures import deliver
from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.world import NotNow

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the SDK waits between its tries


def visit(user: User, offer: str = "starter_monthly") -> str:
    """Press "buy"; return the visit at Stripe."""
    return checkout.buy(user=user, lookup_key=offer).rpartition("/")[2]


def two_plans(fake: FakeStripe, user: User, *offers: str) -> list[Subscription]:
    """Let the person pay for two plans in spite of every check, as two devices at the same moment might."""
    for offer in offers or ("starter_monthly", "pro_monthly"):
        customer = checkout.customer_of(user)
        fake.world.subscribe(customer, fake.world.all("price", lookup_key=offer)[0], {"user": str(user.pk)})
    deliver(fake)
    return list(Subscription.objects.order_by("pk"))


def page(client: Client) -> str:
    return " ".join(unescape(client.get("/billing/").text).split())


def press(client: Client, plan: Subscription, token: str = "") -> str:
    """Press the plan's button as the page shows it; return what the page says then."""
    token = token or token_of(client, plan)
    answer = client.post(f"/billing/plans/{plan.pk}/end/", {"offer": token}, follow=True)
    return " ".join(unescape(answer.text).split())


def token_of(client: Client, plan: Subscription) -> str:
    form = client.get("/billing/").text.partition(f"/billing/plans/{plan.pk}/end/")[2]
    found = re.search(r'name="offer" value="([^"]+)"', form)
    assert found
    return unescape(found[1])


# --- before: one visit that can be paid -------------------------------------------------------------------------------


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


# --- after: the second plan is seen, shown and reported ---------------------------------------------------------------


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


# --- one press ends one -----------------------------------------------------------------------------------------------


def test_one_press_ends_one_plan_sends_its_money_back_and_takes_its_credits(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    first, second = two_plans(stripe_fake, alice)
    said = press(hers, second)
    assert "Pro has ended. $24 will be refunded within 5 to 10 days, and 2,000 credits were removed." in said
    assert stripe_fake.world.get(second.stripe_id)["status"] == "canceled"
    assert stripe_fake.world.get(first.stripe_id)["status"] == "active"
    (refund,) = stripe_fake.world.all("refund")
    assert (refund["amount"], refund["metadata"]) == (2400, {"ended": second.stripe_id})
    assert ledger.balance(alice) == ledger.Balance(available=600)
    for _replayed in range(2):
        deliver(stripe_fake, [stripe_fake.world.under_a_new_id(event) for event in stripe_fake.world.events])
    assert ledger.balance(alice) == ledger.Balance(available=600)
    assert current.plan_of(alice).key == "starter"
    assert "more than one plan" not in page(hers)
    assert "Refund: plan" in hers.get("/credits/").text
    assert not [line for line in reconciliation.reconcile().problems if "live plans" in line]
    assert violations() == []


def test_pressing_twice_ends_one_plan_once(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    first, second = two_plans(stripe_fake, alice)
    tokens = {plan.pk: token_of(hers, plan) for plan in (first, second)}
    for plan in (first, first, second):  # the last from a second tab
        press(hers, plan, tokens[plan.pk])
    assert len(stripe_fake.world.all("refund")) == 1
    assert stripe_fake.world.get(second.stripe_id)["status"] == "active"
    assert PlanEnding.objects.get().subscription == first
    assert Transaction.objects.filter(kind="refund").count() == 1


def test_the_same_plan_bought_twice_can_be_distinguished(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    first, second = two_plans(stripe_fake, alice, "starter_monthly", "starter_monthly")
    press(hers, first)
    assert Subscription.objects.live().get() == second
    assert ledger.balance(alice).available == 600


@pytest.mark.parametrize(
    ("days", "spent", "money", "credits_left"),
    [
        (0.0, 0, 2400, 600),  # all of it
        (0.5, 0, 2400, 600),  # the first day has begun and counts as left
        (15.2, 0, 1200, 600 + 1000),  # half the days
        (0.0, 500, 2400 * 3 // 4, 600),  # three quarters of the credits
        (15.2, 1500, 600, 600),  # a quarter of the credits, though half the days are left
        (29.9, 0, 80, 600 + 2000 - 66),  # the last day
        (0.0, 2000, 0, 600),  # nothing is left of it
    ],
)
def test_what_goes_back_is_the_unused_part_and_nobody_owes_credits(
    alice: User,
    hers: Client,
    stripe_fake: FakeStripe,
    days: float,
    spent: int,
    money: int,
    credits_left: int,
) -> None:
    pro, _starter = two_plans(
        stripe_fake, alice, "pro_monthly", "starter_monthly"
    )  # the older is spent first
    lot = Grant.objects.get(amount=2000)
    if spent:
        ledger.hold(user=alice, amount=spent, ref="job:1")
        ledger.capture(ref="job:1", amount=spent)
    with time_machine.travel(pro.period_end - timedelta(days=30 - days), tick=False):  # type: ignore[operator]
        offered = ending.offer(pro)
        assert offered.money == money
        ended = ending.end(user=alice, subscription_id=pro.stripe_id, token=offered.token)
    assert ended.finished_at
    assert sum(refund["amount"] for refund in stripe_fake.world.all("refund")) == money
    assert Grant.objects.get(pk=lot.pk).debt == 0
    assert sum(Grant.objects.values_list("remaining", flat=True)) == credits_left
    assert ledger.balance(alice).debt == 0


def test_when_less_would_go_back_than_the_page_said_the_person_sees_it_first(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    first, _second = two_plans(stripe_fake, alice)
    token = token_of(hers, first)
    ledger.hold(user=alice, amount=60, ref="job:1")
    said = press(hers, first, token)
    assert "Nothing was ended, because the refund has changed." in said
    assert "and refund $8.10" in said
    assert not PlanEnding.objects.exists()
    assert stripe_fake.world.get(first.stripe_id)["status"] == "active"
    assert "and refund $8.10" not in press(hers, first)


@pytest.mark.parametrize("token", ["", "nonsense", "W10:1sYtgk:abc"])
def test_a_button_that_was_not_ours_ends_nothing(
    alice: User, hers: Client, stripe_fake: FakeStripe, token: str
) -> None:
    first, _second = two_plans(stripe_fake, alice)
    hers.post(f"/billing/plans/{first.pk}/end/", {"offer": token})
    assert not PlanEnding.objects.exists()


def test_a_stranger_cannot_end_it(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    first, _second = two_plans(stripe_fake, alice)
    token = token_of(hers, first)
    his = Client()
    his.force_login(factories.make_person("Bob"))
    assert his.post(f"/billing/plans/{first.pk}/end/", {"offer": token}).status_code == 404
    assert not PlanEnding.objects.exists()


def test_a_plan_whose_renewal_is_not_paid_ends_without_money(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    first, _second = two_plans(stripe_fake, alice)
    stripe_fake.world.fail_renewal(first.stripe_id)
    deliver(stripe_fake)
    assert "Starter has ended. You won't be charged again." in press(hers, first)
    assert stripe_fake.world.all("refund") == []


def test_a_disputed_payment_is_left_to_the_bank(alice: User, hers: Client, stripe_fake: FakeStripe) -> None:
    _first, second = two_plans(stripe_fake, alice)
    stripe_fake.world.dispute(stripe_fake.world.all("charge", amount=2400)[0]["id"])
    deliver(stripe_fake)
    assert "your bank decides about the refund" in page(hers)
    assert "Pro has ended. You won't be charged again." in press(hers, second)
    assert ledger.balance(alice).available == 2600


def test_what_the_operator_refunded_before_is_not_refunded_twice(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    _first, second = two_plans(stripe_fake, alice)
    stripe_fake.world.refund(stripe_fake.world.all("charge", amount=2400)[0]["id"], 2000)
    deliver(stripe_fake)
    press(hers, second)
    assert sum(refund["amount"] for refund in stripe_fake.world.all("refund")) <= 2400
    assert ledger.balance(alice).debt == 0


def test_a_refund_that_does_not_arrive_gives_the_credits_again(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    _first, second = two_plans(stripe_fake, alice)
    press(hers, second)
    stripe_fake.world.settle_refund(stripe_fake.world.all("refund")[0]["id"], "failed")
    for _twice in range(2):
        deliver(stripe_fake)
    assert ledger.balance(alice).available == 2600


# --- a crash between any two steps ------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["cancel", "refund_ended", "subscription_again"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_between_the_steps_is_finished_later_and_nothing_happens_twice(
    alice: User,
    hers: Client,
    stripe_fake: FakeStripe,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    when: str,
) -> None:
    _first, second = two_plans(stripe_fake, alice)
    owner = mirrors if step == "subscription_again" else stripe_gateway
    real = getattr(owner, step)

    def dies(*args: object, **named: object) -> None:
        if when == "after":
            real(*args, **named)
        raise Killed

    token = ending.offer(second).token
    with monkeypatch.context() as dying:
        dying.setattr(owner, step, dies)
        with pytest.raises(Killed):
            ending.end(user=alice, subscription_id=second.stripe_id, token=token)
    assert ledger.balance(alice).available == 600  # taken in the same step in which it was written down
    assert "A plan is being ended." in page(hers)

    stripe_fake.answered.clear()  # more than a day later Stripe has forgotten its idempotency keys
    PlanEnding.objects.update(tried_at=None)
    for _minute in range(2):
        tasks.handle_events()
    deliver(stripe_fake)
    assert PlanEnding.objects.get().finished_at
    assert [refund["amount"] for refund in stripe_fake.world.all("refund")] == [2400]
    assert stripe_fake.world.get(second.stripe_id)["status"] == "canceled"
    assert ledger.balance(alice) == ledger.Balance(available=600)
    assert violations() == []


def test_when_stripe_is_away_it_is_finished_as_soon_as_stripe_answers(
    alice: User, hers: Client, stripe_fake: FakeStripe, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    _first, second = two_plans(stripe_fake, alice)
    token = token_of(hers, second)

    def away(_subscription_id: str) -> None:
        raise Unavailable

    with monkeypatch.context() as outage:
        outage.setattr(stripe_gateway, "cancel", away)
        assert "Pro is being ended. You don't need to do anything else." in press(hers, second, token)
    assert "Unavailable" in PlanEnding.objects.get().error
    PlanEnding.objects.update(tried_at=None)
    tasks.handle_events()
    assert PlanEnding.objects.get().finished_at


def test_while_stripe_cannot_be_asked_the_page_says_so_and_nothing_is_ended(
    alice: User, hers: Client, stripe_fake: FakeStripe, quick: None
) -> None:
    _first, second = two_plans(stripe_fake, alice)
    token = token_of(hers, second)
    stripe_fake.fails_with = 500
    assert "The payment service doesn't answer. Try again in a minute." in page(hers)
    assert "Nothing was ended. The payment service doesn't answer." in press(hers, second, token)
    assert not PlanEnding.objects.exists()


def test_the_plan_of_a_deleted_account_stops_charging(alice: User, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.pay(visit(alice))
    deliver(stripe_fake)
    alice.delete()
    for _minute in range(2):
        tasks.handle_events()
    assert stripe_fake.world.all("subscription")[0]["status"] == "canceled"
    assert Subscription.objects.get().status == "canceled"
