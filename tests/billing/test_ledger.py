"""Credits are granted, held, captured and released, exactly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from billing import ledger
from billing.ledger import Balance
from billing.ledger.invariants import violations
from billing.models import Entry, Grant, Hold, Transaction

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Clock = Callable[[timedelta], datetime]


def give(user: User, amount: int, ref: str, days: int | None = None, priority: int = 100) -> Grant:
    end = None if days is None else datetime.now(UTC) + timedelta(days=days)
    return ledger.grant(
        user=user, amount=amount, source="promo", source_ref=ref, expires_at=end, priority=priority
    )


def left(*refs: str) -> list[int]:
    return [Grant.objects.get(source_ref=ref).remaining for ref in refs]


def test_a_grant_can_be_spent(alice: User) -> None:
    give(alice, 10, "a")
    assert ledger.balance(alice) == Balance(available=10)


def test_somebody_without_an_account_has_nothing(alice: User) -> None:
    assert ledger.balance(alice) == Balance()
    with pytest.raises(ledger.InsufficientCredits) as refusal:
        ledger.hold(user=alice, amount=3, ref="job:1")
    assert (refusal.value.needed, refusal.value.available, refusal.value.missing) == (3, 0, 3)


def test_the_same_purchase_is_granted_once(alice: User, bob: User) -> None:
    first = give(alice, 10, "a")
    assert give(alice, 10, "a") == first
    assert ledger.balance(alice).available == 10
    with pytest.raises(ledger.Conflict):
        give(alice, 11, "a")
    with pytest.raises(ledger.Conflict):
        give(bob, 10, "a")


def test_a_hold_sets_credits_apart_and_a_capture_charges_them(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    assert ledger.balance(alice) == Balance(available=6, held=4)
    ended = ledger.capture(ref="job:1", amount=4)
    assert (ended.state, ended.captured) == (Hold.State.CAPTURED, 4)
    assert ended.ended_at is not None
    assert ledger.balance(alice) == Balance(available=6)


def test_a_partial_capture_gives_the_rest_back(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.capture(ref="job:1", amount=3)
    assert ledger.balance(alice) == Balance(available=7)


def test_a_release_gives_everything_back(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    assert ledger.release(ref="job:1").state == Hold.State.RELEASED
    assert ledger.balance(alice) == Balance(available=10)


def test_charging_nothing_is_a_release(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    assert ledger.capture(ref="job:1", amount=0).state == Hold.State.RELEASED
    assert ledger.release(ref="job:1").state == Hold.State.RELEASED
    assert ledger.balance(alice) == Balance(available=10)


def test_a_hold_of_the_same_name_is_made_once(alice: User, bob: User) -> None:
    give(alice, 10, "a")
    give(bob, 10, "b")
    made = ledger.hold(user=alice, amount=4, ref="job:1")
    assert ledger.hold(user=alice, amount=4, ref="job:1") == made
    for user, amount in ((alice, 5), (bob, 4)):
        with pytest.raises(ledger.Conflict):
            ledger.hold(user=user, amount=amount, ref="job:1")
    assert ledger.balance(alice) == Balance(available=6, held=4)
    assert ledger.balance(bob) == Balance(available=10)


def test_a_repeated_hold_is_found_even_when_nothing_is_left(alice: User) -> None:
    give(alice, 4, "a")
    made = ledger.hold(user=alice, amount=4, ref="job:1")
    assert ledger.hold(user=alice, amount=4, ref="job:1") == made


def test_an_ended_hold_can_be_ended_again_only_in_the_same_way(alice: User) -> None:
    give(alice, 10, "a")
    for ref in ("job:1", "job:2"):
        ledger.hold(user=alice, amount=4, ref=ref)
    ledger.capture(ref="job:1", amount=3)
    ledger.capture(ref="job:1", amount=3)
    ledger.release(ref="job:2")
    ledger.release(ref="job:2")
    for ref, amount in (("job:1", 4), ("job:1", 0), ("job:2", 1)):
        with pytest.raises(ledger.Conflict):
            ledger.capture(ref=ref, amount=amount)
    assert ledger.balance(alice) == Balance(available=7)


def test_only_an_existing_hold_can_be_ended(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    with pytest.raises(ledger.UnknownReference):
        ledger.release(ref="job:9")
    with pytest.raises(ValueError, match="more than"):
        ledger.capture(ref="job:1", amount=5)
    with pytest.raises(ValueError, match="below zero"):
        ledger.capture(ref="job:1", amount=-1)


@pytest.mark.parametrize("amount", [0, -3])
def test_nothing_is_granted_held_or_refunded_below_one(alice: User, amount: int) -> None:
    give(alice, 5, "a")
    for call in (
        lambda: give(alice, amount, "b"),
        lambda: ledger.hold(user=alice, amount=amount, ref="job:1"),
        lambda: ledger.refund(source_ref="a", amount=amount, ref="r"),
    ):
        with pytest.raises(ValueError, match="at least one"):
            call()


def test_nobody_spends_more_than_there_is(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=8, ref="job:1")
    with pytest.raises(ledger.InsufficientCredits) as refusal:
        ledger.hold(user=alice, amount=3, ref="job:2")
    assert (refusal.value.needed, refusal.value.available) == (3, 2)
    assert not Hold.objects.filter(ref="job:2").exists()


def test_spending_goes_by_priority_then_end_then_lifetime_then_age(alice: User) -> None:
    give(alice, 10, "lifetime-old")
    give(alice, 10, "lifetime-new")
    give(alice, 10, "late", days=60)
    give(alice, 10, "soon", days=5)
    give(alice, 10, "first", priority=1)
    ledger.hold(user=alice, amount=42, ref="job:1")
    assert left("first", "soon", "late", "lifetime-old", "lifetime-new") == [0, 0, 0, 0, 8]
    ledger.capture(ref="job:1", amount=12)  # what would expire soonest is what is charged
    assert left("first", "soon", "late", "lifetime-old", "lifetime-new") == [0, 8, 10, 10, 10]


def test_expired_credits_cannot_be_spent_even_before_the_sweep(alice: User, at: Clock) -> None:
    give(alice, 10, "month", days=30)
    give(alice, 5, "lifetime")
    at(timedelta(days=31))
    assert ledger.balance(alice).available == 5
    with pytest.raises(ledger.InsufficientCredits) as refusal:
        ledger.hold(user=alice, amount=6, ref="job:1")
    assert refusal.value.available == 5
    ledger.hold(user=alice, amount=5, ref="job:2")
    assert left("month", "lifetime") == [10, 0]


def test_the_sweep_writes_expired_credits_off_once(alice: User, at: Clock) -> None:
    give(alice, 10, "month", days=30)
    give(alice, 5, "lifetime")
    assert ledger.expire() == 0
    at(timedelta(days=31))
    assert ledger.expire() == 10
    assert ledger.expire() == 0
    assert ledger.balance(alice) == Balance(available=5)


def test_the_sweep_takes_the_time_as_an_argument(alice: User) -> None:
    give(alice, 10, "month", days=30)
    assert ledger.expire(datetime.now(UTC) + timedelta(days=29)) == 0
    assert ledger.expire(datetime.now(UTC) + timedelta(days=31)) == 10


def test_held_credits_outlive_their_lot_but_do_not_return_to_it(alice: User, at: Clock) -> None:
    give(alice, 10, "month", days=30)
    ledger.hold(user=alice, amount=8, ref="job:1")
    at(timedelta(days=31))
    ledger.capture(ref="job:1", amount=3)
    lot = Grant.objects.get()
    assert (lot.consumed, lot.expired, lot.remaining) == (3, 5, 2)
    assert ledger.balance(alice) == Balance()


def test_a_refund_takes_what_is_unspent_and_the_rest_is_owed(alice: User) -> None:
    give(alice, 100, "pack")
    give(alice, 7, "other")
    ledger.hold(user=alice, amount=30, ref="job:1")
    ledger.capture(ref="job:1", amount=30)
    assert ledger.refund(source_ref="pack", amount=100, ref="re_1") == ledger.Refunded(unspent=70, owed=30)
    assert ledger.balance(alice) == Balance(available=7, debt=30)


def test_a_debt_is_netted_from_the_next_grant(alice: User) -> None:
    give(alice, 10, "pack")
    ledger.hold(user=alice, amount=10, ref="job:1")
    ledger.capture(ref="job:1", amount=10)
    ledger.refund(source_ref="pack", amount=10, ref="re_1")
    give(alice, 4, "b")
    assert ledger.balance(alice) == Balance(debt=6)
    give(alice, 9, "c")
    assert ledger.balance(alice) == Balance(available=3)


def test_a_refund_happens_once_and_never_for_more_than_was_granted(alice: User) -> None:
    give(alice, 10, "pack")
    first = ledger.refund(source_ref="pack", amount=6, ref="re_1")
    assert ledger.refund(source_ref="pack", amount=6, ref="re_1") == first
    with pytest.raises(ledger.Conflict):
        ledger.refund(source_ref="pack", amount=5, ref="re_1")
    with pytest.raises(ledger.Conflict):
        ledger.refund(source_ref="pack", amount=5, ref="re_2")
    with pytest.raises(ledger.UnknownReference):
        ledger.refund(source_ref="no-such", amount=5, ref="re_3")
    assert ledger.balance(alice) == Balance(available=4)


def test_credits_held_during_a_refund_pay_the_debt_when_they_come_back(alice: User) -> None:
    give(alice, 10, "pack")
    ledger.hold(user=alice, amount=6, ref="job:1")
    assert ledger.refund(source_ref="pack", amount=10, ref="re_1") == ledger.Refunded(unspent=4, owed=6)
    ledger.capture(ref="job:1", amount=2)
    assert ledger.balance(alice) == Balance(debt=2)


def test_credits_that_expired_unspent_are_not_owed_after_a_refund(alice: User, at: Clock) -> None:
    give(alice, 10, "pack", days=30)
    ledger.hold(user=alice, amount=3, ref="job:1")
    ledger.capture(ref="job:1", amount=3)
    at(timedelta(days=31))
    ledger.expire()
    assert ledger.refund(source_ref="pack", amount=10, ref="re_1") == ledger.Refunded(unspent=0, owed=3)


def test_a_frozen_account_spends_nothing_but_finishes_what_runs(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.freeze(user=alice, ref="dp_1")
    ledger.freeze(user=alice, ref="dp_1")
    ledger.freeze(user=alice, ref="dp_2")
    assert ledger.balance(alice) == Balance(available=6, held=4, frozen=True)
    with pytest.raises(ledger.AccountFrozen):
        ledger.hold(user=alice, amount=1, ref="job:2")
    ledger.capture(ref="job:1", amount=4)
    ledger.unfreeze(ref="dp_1")
    ledger.unfreeze(ref="dp_1")
    assert ledger.balance(alice).frozen
    ledger.unfreeze(ref="dp_2")
    ledger.freeze(user=alice, ref="dp_2")  # an old notice, delivered again
    assert ledger.balance(alice) == Balance(available=6)


def test_lines_are_numbered_and_carry_the_balance_after_them(alice: User, bob: User) -> None:
    give(alice, 10, "a")
    give(bob, 99, "b")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.capture(ref="job:1", amount=3)
    output = [
        (line.number, line.kind, line.change, line.charged, line.balance) for line in ledger.lines(alice)
    ]
    assert output == [(3, "capture", 1, 3, 7), (2, "hold", -4, 0, 6), (1, "grant", 10, 0, 10)]
    assert [line.number for line in ledger.lines(alice, before=3, limit=1)] == [2]
    assert ledger.line_count(bob) == 1


def test_every_transaction_sums_to_zero(alice: User) -> None:
    give(alice, 10, "a")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.capture(ref="job:1", amount=3)
    ledger.refund(source_ref="a", amount=10, ref="re_1")
    give(alice, 5, "b")
    for line in Transaction.objects.all():
        assert sum(entry.delta for entry in Entry.objects.filter(transaction=line)) == 0
    assert violations() == []


def test_the_ledger_stays_when_the_person_goes(alice: User) -> None:
    give(alice, 10, "a")
    lot = Grant.objects.get()
    alice.delete()
    lot.account.refresh_from_db()
    assert lot.account.user is None
    assert Transaction.objects.count() == 1
    assert violations() == []
