"""The ledger does what a naive model does, whatever is asked of it and in whichever order.

Short in bin/test, longer in bin/test --all; ``LEDGER_OPERATIONS=100000`` says how many operations it runs at least.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import DateTimeField, Value
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from billing import ledger
from billing.ledger import clock
from billing.ledger.invariants import violations
from billing.models import Grant, Hold
from billing.summary import summarize
from tests.billing.naive import Naive, Refused
from tests.examples import examples

pytestmark = pytest.mark.both_databases

WANTED = int(os.environ.get("LEDGER_OPERATIONS") or examples(900))
START = datetime(2026, 1, 1, tzinfo=UTC)

people = st.sampled_from(["alice", "alice", "alice", "bob"])
amounts = st.integers(1, 12)
freeze_names = st.integers(0, 3).map("dp:{}".format)


class LedgerMachine(RuleBasedStateMachine):
    """Asks both the same and compares what they say."""

    operations = 0

    def __init__(self) -> None:
        super().__init__()
        self._example = transaction.atomic()
        self._example.__enter__()  # every example is undone in ``teardown``
        self.naive = Naive(now=START)
        clock.now = self._clock

    @initialize()
    def meet(self) -> None:
        self.users = {
            name: User.objects.create_user(f"{name}@example.org", name=name) for name in ("alice", "bob")
        }

    @rule(person=people, amount=amounts, days=st.sampled_from([None, 2, 5, 9]), priority=st.integers(1, 2))
    def grant(self, person: str, amount: int, days: int | None, priority: int) -> None:
        ends = None if days is None else self.naive.now + timedelta(days=days)
        self._grant(person, f"lot:{len(self.naive.lots)}", amount, ends, priority)

    @precondition(lambda self: self.naive.lots)
    @rule(person=people, change=st.integers(0, 1), data=st.data())
    def grant_again(self, person: str, change: int, data: st.DataObject) -> None:
        """Under a name that is taken: a replay when everything is the same, else a conflict."""
        ref = data.draw(st.sampled_from(list(self.naive.lots)))
        self._grant(person, ref, self.naive.lots[ref].amount + change, None, 1)

    @rule(person=people, amount=amounts)
    def hold(self, person: str, amount: int) -> None:
        self._hold(person, f"job:{len(self.naive.holds)}", amount)

    @precondition(lambda self: self.naive.holds)
    @rule(person=people, change=st.integers(0, 1), data=st.data())
    def hold_again(self, person: str, change: int, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(list(self.naive.holds)))
        self._hold(person, ref, len(self.naive.holds[ref].credits) + change)

    @precondition(lambda self: self._open_holds())
    @rule(data=st.data())
    def end_an_open_hold(self, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(self._open_holds()))
        self._end(ref, data.draw(st.integers(0, len(self.naive.holds[ref].credits))))

    @precondition(lambda self: self.naive.holds)
    @rule(charged=st.none() | amounts, data=st.data())
    def end_again(self, charged: int | None, data: st.DataObject) -> None:
        """Any hold, ended or not: in the way it ended, or in another, or with more than it holds."""
        ref = data.draw(st.sampled_from(list(self.naive.holds)))
        self._end(ref, self.naive.holds[ref].charged or 0 if charged is None else charged)

    @precondition(lambda self: self.naive.lots)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        lot = data.draw(st.sampled_from(list(self.naive.lots)))
        self._refund(
            lot, f"re:{len(self.naive.refunds)}", data.draw(st.integers(1, self.naive.lots[lot].amount))
        )

    @precondition(lambda self: self.naive.refunds)
    @rule(change=st.integers(0, 1), data=st.data())
    def refund_again(self, change: int, data: st.DataObject) -> None:
        ref = data.draw(st.sampled_from(list(self.naive.refunds)))
        lot, amount = self.naive.refunds[ref]
        self._refund(lot, ref, amount + change)

    @rule(person=people, ref=freeze_names)
    def freeze(self, person: str, ref: str) -> None:
        self.compare(
            lambda: self.naive.freeze(person, ref), lambda: ledger.freeze(user=self.users[person], ref=ref)
        )

    @rule(ref=freeze_names)
    def unfreeze(self, ref: str) -> None:
        self.compare(lambda: self.naive.unfreeze(ref), lambda: ledger.unfreeze(ref=ref))

    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        self.naive.now += timedelta(days=days)

    @rule()
    def expire(self) -> None:
        LedgerMachine.operations += 1
        assert ledger.expire() == self.naive.expire()

    @rule(person=people, amount=amounts)
    def the_caller_fails_after_the_ledger_succeeded(self, person: str, amount: int) -> None:
        LedgerMachine.operations += 1
        try:
            with transaction.atomic():
                ledger.hold(user=self.users[person], amount=amount, ref="job:lost")
                ledger.capture(ref="job:lost", amount=amount)
                raise ZeroDivisionError
        except (ZeroDivisionError, ledger.LedgerError):
            assert not Hold.objects.filter(ref="job:lost").exists()

    @invariant()
    def everybody_has_what_the_model_says(self) -> None:
        for name, user in getattr(self, "users", {}).items():
            now = ledger.balance(user)
            assert summarize(user).available == now.available
            assert (now.available, now.held, now.debt, now.frozen) == self.naive.balance(name)

    def teardown(self) -> None:
        try:
            assert violations() == []
            for ref, lot in self.naive.lots.items():
                row = Grant.objects.get(source_ref=ref)
                places = (row.remaining, row.held, row.consumed, row.expired, row.refunded)
                # The model leaves a spent credit where it was spent when its money goes back; the ledger books a debt.
                assert places[:4] == tuple(lot.count(p) for p in ("available", "held", "consumed", "expired"))
                assert row.refunded == lot.taken_back
            charged = {ref: hold.charged for ref, hold in self.naive.holds.items()}
            assert charged == {
                hold.ref: None if hold.state == Hold.State.OPEN else hold.captured
                for hold in Hold.objects.all()
            }
        finally:
            transaction.set_rollback(True)
            self._example.__exit__(None, None, None)

    def compare(self, model: Callable[[], object], real: Callable[[], object]) -> None:
        LedgerMachine.operations += 1
        try:
            model()
        except Refused:
            with pytest.raises((ledger.LedgerError, ValueError)), transaction.atomic():
                real()
        else:
            real()

    def _grant(self, person: str, ref: str, amount: int, ends: datetime | None, priority: int) -> None:
        user = self.users[person]
        self.compare(
            lambda: self.naive.grant(person, ref, amount, ends, priority),
            lambda: ledger.grant(
                user=user, amount=amount, source="promo", source_ref=ref, expires_at=ends, priority=priority
            ),
        )

    def _hold(self, person: str, ref: str, amount: int) -> None:
        self.compare(
            lambda: self.naive.hold(person, ref, amount),
            lambda: ledger.hold(user=self.users[person], amount=amount, ref=ref),
        )

    def _end(self, ref: str, charged: int) -> None:
        self.compare(lambda: self.naive.end(ref, charged), lambda: ledger.capture(ref=ref, amount=charged))

    def _refund(self, lot: str, ref: str, amount: int) -> None:
        self.compare(
            lambda: self.naive.refund(lot, ref, amount),
            lambda: ledger.refund(source_ref=lot, amount=amount, ref=ref),
        )

    def _open_holds(self) -> list[str]:
        return [ref for ref, hold in self.naive.holds.items() if hold.charged is None]

    def _clock(self) -> Value:
        return Value(self.naive.now, output_field=DateTimeField())


@pytest.mark.django_db
@pytest.mark.few(1)
def test_the_ledger_does_what_the_naive_model_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", clock.now)  # so that it is put back
    LedgerMachine.operations = 0
    calm = settings(
        max_examples=max(3, min(WANTED // 100, 200)),
        stateful_step_count=100,
        deadline=None,
        database=None,
        phases=[
            Phase.generate,
            *([Phase.shrink] if WANTED < 1000 else []),
        ],  # shrinking a long run takes minutes
        suppress_health_check=list(HealthCheck),
    )
    while LedgerMachine.operations < WANTED:
        run_state_machine_as_test(LedgerMachine, settings=calm)
    print(f"{LedgerMachine.operations} operations")
