"""Of two plans at once one press ends one: its money and credits, crashes between the steps, Stripe being away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import ledger, stripe_gateway, tasks
from billing.ledger.invariants import violations
from billing.models import Grant, PlanEnding, Subscription, Transaction
from billing.payments import Unavailable
from billing.plans import current
from billing.purchases import ending, mirrors, reconciliation
from tests import factories
from tests.billing.stripe_fixtures import deliver
from tests.billing.two_plans import page, press, token_of, two_plans
from tests.examples import few_of
from tests.fakes.stripe import FakeStripe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the SDK waits between its tries


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
@pytest.mark.few(4)
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


def test_a_button_that_was_shown_too_long_ago_ends_nothing(
    alice: User, hers: Client, stripe_fake: FakeStripe
) -> None:
    first, _second = two_plans(stripe_fake, alice)
    token = token_of(hers, first)
    with time_machine.travel(timezone.now() + ending.OFFER_HOLDS + timedelta(minutes=1)):
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


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", few_of(["cancel", "refund_ended", "subscription_again"], ["refund_ended"]))
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.few(3)
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
