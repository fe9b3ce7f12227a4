"""Money that goes back takes its credits with it, and a disputed payment freezes them until it is decided."""

from __future__ import annotations

import pytest

from accounts.models import User
from billing import ledger
from billing.models import Grant, StripeEvent
from billing.purchases import inbox
from tests import factories
from tests.billing.stripe_fixtures import buy, deliver
from tests.fakes.stripe import FakeStripe

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def alice(db: None) -> User:
    return factories.make_alice()


def test_a_refund_takes_unspent_credits_and_leaves_the_rest_as_debt(
    alice: User, stripe_fake: FakeStripe
) -> None:
    charge = buy(alice, stripe_fake)
    deliver(stripe_fake)
    ledger.hold(user=alice, amount=120, ref="job:1")
    ledger.capture(ref="job:1", amount=120)
    stripe_fake.world.refund(charge)
    for _twice in range(2):
        deliver(stripe_fake)
    assert (ledger.balance(alice).available, ledger.balance(alice).debt) == (0, 120)
    buy(alice, stripe_fake)
    deliver(stripe_fake)
    assert (ledger.balance(alice).available, ledger.balance(alice).debt) == (380, 0)


def test_refunds_of_parts_take_parts(alice: User, stripe_fake: FakeStripe) -> None:
    charge = buy(alice, stripe_fake)
    stripe_fake.world.refund(charge, 250)
    stripe_fake.world.refund(charge, 250)
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 250


def test_the_refund_of_a_renewal_finds_its_lot(alice: User, stripe_fake: FakeStripe) -> None:
    buy(alice, stripe_fake, "starter_monthly")
    stripe_fake.world.renew(stripe_fake.world.all("subscription")[0]["id"])
    stripe_fake.world.refund(stripe_fake.world.all("charge")[0]["id"])
    deliver(stripe_fake)
    assert list(Grant.objects.order_by("pk").values_list("remaining", "refunded")) == [(600, 0), (0, 600)]


def test_a_refund_that_came_before_its_purchase_waits_for_it(alice: User, stripe_fake: FakeStripe) -> None:
    stripe_fake.world.refund(buy(alice, stripe_fake))
    deliver(stripe_fake, stripe_fake.world.events[-1:])
    assert StripeEvent.objects.get().handled_at is None
    deliver(stripe_fake)
    inbox.handle_waiting()
    assert ledger.balance(alice).available == 0
    assert Grant.objects.get().refunded == 500


def test_a_refund_that_did_not_arrive_gives_the_credits_again(alice: User, stripe_fake: FakeStripe) -> None:
    charge = buy(alice, stripe_fake)
    refund = stripe_fake.world.refund(charge)
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 0
    stripe_fake.world.settle_refund(refund["id"], "failed")
    for _twice in range(2):
        deliver(stripe_fake)
    assert ledger.balance(alice).available == 500


def test_a_pending_refund_takes_nothing_yet(alice: User, stripe_fake: FakeStripe) -> None:
    refund = stripe_fake.world.refund(buy(alice, stripe_fake), status="pending")
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 500
    stripe_fake.world.settle_refund(refund["id"], "succeeded")
    deliver(stripe_fake)
    assert ledger.balance(alice).available == 0


@pytest.mark.parametrize(("decision", "left"), [("won", 500), ("lost", 0)])
@pytest.mark.few(1)
def test_a_dispute_freezes_until_it_is_decided(
    alice: User, stripe_fake: FakeStripe, decision: str, left: int
) -> None:
    dispute = stripe_fake.world.dispute(buy(alice, stripe_fake))
    deliver(stripe_fake)
    assert ledger.balance(alice).frozen
    with pytest.raises(ledger.AccountFrozen):
        ledger.hold(user=alice, amount=1, ref="job:1")
    stripe_fake.world.decide(dispute["id"], decision)
    for _twice in range(2):
        deliver(stripe_fake)
    assert ledger.balance(alice) == ledger.Balance(available=left)


def test_a_refund_and_a_lost_dispute_together_take_no_more_than_was_granted(
    alice: User, stripe_fake: FakeStripe
) -> None:
    charge = buy(alice, stripe_fake)
    stripe_fake.world.refund(charge, 400)
    stripe_fake.world.decide(stripe_fake.world.dispute(charge)["id"], "lost")
    deliver(stripe_fake)
    assert ledger.balance(alice) == ledger.Balance()
    assert Grant.objects.get().refunded == 500


@pytest.mark.few(1)
def test_purchases_of_somebody_who_was_erased_bother_nobody(alice: User, stripe_fake: FakeStripe) -> None:
    charge = buy(alice, stripe_fake)
    alice.delete()
    stripe_fake.world.dispute(charge)
    deliver(stripe_fake)
    assert not StripeEvent.objects.filter(handled_at=None, type="checkout.session.completed").exists()
    assert not Grant.objects.exists()
