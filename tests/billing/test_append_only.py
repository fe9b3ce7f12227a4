"""What the ledger has written can't be rewritten, not even by our own code or by hand."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from billing import ledger
from billing.ledger import triggers
from billing.ledger.invariants import violations
from billing.models import Account, Entry, Grant, Hold, HoldPart, Transaction
from tests.billing.lifting import lift

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def spent(alice: User) -> User:
    ledger.grant(user=alice, amount=10, source="promo", source_ref="a", by=alice, reason="for testing")
    ledger.hold(user=alice, amount=4, ref="job:1")
    ledger.capture(ref="job:1", amount=3)
    return alice


@pytest.mark.parametrize(
    "crime",
    [
        lambda: Entry.objects.update(delta=1000),
        lambda: Entry.objects.all()._raw_delete("default"),
        lambda: Transaction.objects.update(available_after=1000),
        lambda: Transaction.objects.all()._raw_delete("default"),
        lambda: Grant.objects.update(amount=1000, remaining=993),
        lambda: Grant.objects.update(expires_at=None),
        lambda: Grant.objects.all()._raw_delete("default"),
        lambda: Hold.objects.update(state="open", captured=0, ended_at=None),
        lambda: HoldPart.objects.update(amount=1),
        lambda: HoldPart.objects.all()._raw_delete("default"),
        lambda: Hold.objects.all()._raw_delete("default"),
        lambda: Account.objects.all()._raw_delete("default"),
    ],
)
def test_the_database_refuses_to_rewrite_the_ledger(spent: User, crime: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        crime()
    assert violations() == []


def test_an_erasure_may_empty_who_wrote_a_line_and_why(spent: User) -> None:
    Transaction.objects.update(by=None, reason="")
    assert Transaction.objects.filter(by=None, reason="").count() == 3


@pytest.mark.parametrize(
    "crime",
    [
        lambda: Account.objects.update(available=-1),
        lambda: Account.objects.update(debt=-1),
        lambda: Grant.objects.update(remaining=1000),
        lambda: Grant.objects.update(remaining=8, held=-1),
    ],
)
def test_the_database_refuses_numbers_that_cannot_be(spent: User, crime: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        crime()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL looks at a whole transaction")
def test_postgresql_refuses_entries_that_do_not_sum_to_zero(spent: User) -> None:
    lot = Grant.objects.get()
    line = Transaction.objects.create(
        account=lot.account,
        number=99,
        kind="grant",
        ref="x",
        idempotency_key="x",
        request_hash="",
        available_after=0,
        held_after=0,
        debt_after=0,
    )

    def half_an_entry() -> None:
        Entry.objects.create(transaction=line, lot=lot, ledger_account="available", delta=5)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match="sum to zero"), transaction.atomic():
        half_an_entry()


@pytest.mark.django_db(databases=["default"])
def test_lost_triggers_are_reported_and_made_again(db: None) -> None:
    lift(connection)
    assert triggers.missing(connection) == triggers.wanted_triggers(connection.vendor).keys()
    output = StringIO()
    call_command("check", tags=["database"], databases=["default"], stderr=output)
    assert "billing.W001" in output.getvalue()
    triggers.ensure(connection)
    assert triggers.missing(connection) == set()
    output = StringIO()
    call_command("check", tags=["database"], databases=["default"], stderr=output)
    assert "billing.W001" not in output.getvalue()


def test_outdated_triggers_are_replaced(db: None) -> None:
    with connection.cursor() as cursor:
        name, body = next(iter(triggers.wanted_triggers(connection.vendor).items()))
        cursor.execute(body.replace(name, "keep_outdated"))
    triggers.ensure(connection)
    assert "keep_outdated" not in triggers.present_triggers(connection)
    assert triggers.missing(connection) == set()


def test_a_change_of_what_is_kept_replaces_the_triggers(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """On PostgreSQL the rule is in a function, which the triggers only name."""
    before = triggers.wanted_triggers(connection.vendor).keys()
    limits = {"sqlite": "datetime('now', '-11 years')", "postgresql": "now() - interval '11 years'"}
    monkeypatch.setattr(triggers, "_LIMITS", limits)
    assert len(triggers.missing(connection)) == len(triggers.ACCOUNTS)
    triggers.ensure(connection)
    assert triggers.missing(connection) == set()
    assert len(before - triggers.present_triggers(connection).keys()) == len(triggers.ACCOUNTS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_leaves_an_empty_ledger_with_its_triggers(turn: int) -> None:
    assert not Entry.objects.exists()
    assert triggers.missing(connection) == set()
    somebody = User.objects.create_user("dora@example.org", "committed", name="Dora")
    ledger.grant(user=somebody, amount=turn, source="promo", source_ref="committed")
