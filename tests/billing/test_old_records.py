"""Ten years after the last line of somebody who was erased, nothing of their payments is left; nothing goes sooner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from billing import ledger
from billing.ledger import triggers
from billing.ledger.invariants import violations
from billing.models import Account, Customer, Entry, Freeze, Grant, Hold, HoldPart, Order, Transaction
from billing.old_records import delete_old
from tests.billing.lifting import lift

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LEDGER = (Account, Entry, Freeze, Grant, Hold, HoldPart, Transaction)


def spend(user: User) -> Account:
    ledger.grant(user=user, amount=10, source="promo", source_ref=f"promo:{user.pk}", reason="for testing")
    ledger.hold(user=user, amount=4, ref=f"job:{user.pk}")
    ledger.capture(ref=f"job:{user.pk}", amount=3)
    ledger.freeze(user=user, ref=f"dispute:{user.pk}")
    return Account.objects.get(user=user)


def dated(account: Account, *, line: timedelta, owner: bool = False) -> None:
    """As if all but the last line were twelve years old, and the last one `line`."""
    lift(connection)
    long_ago = timezone.now() - timedelta(days=12 * 366)
    lines = Transaction.objects.filter(account=account).order_by("number")
    lines.update(created_at=long_ago)
    lines.filter(number=account.lines).update(created_at=timezone.now() - line)
    Account.objects.filter(pk=account.pk).update(created_at=long_ago)
    if not owner:
        Account.objects.filter(pk=account.pk).update(user=None)
    triggers.ensure(connection)


def test_an_account_that_the_database_keeps_stops_no_other(alice: User, bob: User) -> None:
    kept, other = spend(alice), spend(bob)
    dated(kept, line=OVER)
    dated(other, line=OVER)
    assert kept.pk < other.pk
    # A foreign key of another table onto it, as a plugin of the operator may have one: both databases refuse.
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE more (account bigint REFERENCES billing_account (id) ON DELETE RESTRICT)"
        )
        cursor.execute("INSERT INTO more (account) VALUES (%s)", [kept.pk])
    assert delete_old(limit=1) == 1
    assert list(Account.objects.values_list("pk", flat=True)) == [kept.pk]
    assert Transaction.objects.filter(account=kept).exists()


TEN_YEARS = timedelta(days=10 * 365 + 2)  # the fewest leap days
OVER = timedelta(days=10 * 365 + 4)


def test_what_is_over_goes_and_nothing_of_anybody_else(alice: User, bob: User) -> None:
    dated(spend(alice), line=OVER)
    others = spend(bob)
    before = {model: model.objects.filter(**_of(model, others)).count() for model in LEDGER}
    assert delete_old() == 1
    assert {model: model.objects.count() for model in LEDGER} == before
    assert all(before.values())
    assert violations() == []
    assert delete_old() == 0


@pytest.mark.parametrize(
    ("line", "owner"),
    [(timedelta(), False), (TEN_YEARS - timedelta(days=3), False), (OVER, True)],
    ids=["of today", "of nearly ten years", "old, of somebody who is there"],
)
def test_nothing_goes_sooner(alice: User, line: timedelta, owner: bool) -> None:
    dated(spend(alice), line=line, owner=owner)
    assert delete_old() == 0
    assert violations() == []
    for model in (Account, Entry, Grant, Hold, HoldPart, Transaction):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            model.objects.all()._raw_delete("default")


@pytest.mark.parametrize(
    "crime",
    [
        lambda: Entry.objects.update(delta=1000),
        lambda: Transaction.objects.update(created_at=timezone.now()),
        lambda: Grant.objects.update(amount=1000, remaining=993),
    ],
)
def test_what_is_over_can_still_not_be_rewritten(alice: User, crime: Callable[[], object]) -> None:
    dated(spend(alice), line=OVER)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        crime()


def test_customers_and_orders_go_too(bob: User) -> None:
    long_ago = timezone.now() - OVER
    Customer.objects.create(user=None, stripe_id="cus_old", gone_at=long_ago)
    Customer.objects.create(user=None, stripe_id="cus_gone_lately", gone_at=timezone.now())
    Customer.objects.create(user=None, stripe_id="cus_not_gone", gone_at=None)
    Customer.objects.create(user=bob, stripe_id="cus_of_bob", gone_at=long_ago)
    for user, when in ((None, long_ago), (None, timezone.now()), (bob, long_ago)):
        Order.objects.create(user=user, lookup_key="pack", created_at=when)
    delete_old()
    assert set(Customer.objects.values_list("stripe_id", flat=True)) == {
        "cus_gone_lately",
        "cus_not_gone",
        "cus_of_bob",
    }
    assert Order.objects.count() == 2
    assert not Order.objects.filter(user=None, created_at__lte=long_ago).exists()


def _of(model: type[Model], account: Account) -> dict[str, object]:
    paths: dict[type[Model], str] = {Account: "pk", Entry: "transaction__account", HoldPart: "hold__account"}
    return {paths.get(model, "account"): account.pk}
