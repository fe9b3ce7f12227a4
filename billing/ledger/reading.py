"""What a person sees of the ledger: the balance, and every line with the balance after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from billing.ledger import clock
from billing.models import Account, Grant, Transaction
from billing.models.journal import Book, TransactionQuerySet


@dataclass(frozen=True, slots=True)
class Balance:
    """Whole credits: what can be spent, what running work has set apart, and what is owed."""

    available: int = 0
    held: int = 0
    debt: int = 0
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``change`` is of what can be spent, ``charged`` what it cost in the end, ``balance`` is after it."""

    number: int
    when: datetime
    kind: str
    ref: str
    change: int
    charged: int
    balance: int
    held: int
    debt: int
    reason: str


def balance(user: User) -> Balance:
    """Return what the person has by the database's clock; expired credits do not count, swept or not."""
    account = Account.objects.visible_to(user).first()
    if account is None:
        return Balance()
    overdue = Grant.objects.filter(account=account).overdue(clock.now())
    gone = overdue.aggregate(gone=Coalesce(Sum("remaining"), 0))["gone"]
    return Balance(account.available - gone, account.held, account.debt, bool(account.frozen))


def lines(
    user: User, *, before: int | None = None, limit: int | None = 50, month: date | None = None
) -> Sequence[Line]:
    """Return the newest lines first, at most ``limit`` of those numbered below ``before``, of that month."""
    wanted = _of_month(Transaction.objects.visible_to(user), month)
    if before is not None:
        wanted = wanted.filter(number__lt=before)
    wanted = wanted.order_by("-number")[:limit]
    rows = wanted.annotate(
        change=Coalesce(Sum("entries__delta", filter=Q(entries__ledger_account=Book.AVAILABLE)), 0),
        charged=Coalesce(Sum("entries__delta", filter=Q(entries__ledger_account=Book.CONSUMED)), 0),
    )
    fields = ("number", "created_at", "kind", "ref", "change", "charged")
    after = ("available_after", "held_after", "debt_after", "reason")
    return [Line(*row) for row in rows.values_list(*fields, *after)]


def line_count(user: User, *, month: date | None = None) -> int:
    """Return how many lines there are."""
    return _of_month(Transaction.objects.visible_to(user), month).count()


def _of_month(rows: TransactionQuerySet, month: date | None) -> TransactionQuerySet:
    if month is None:
        return rows
    zone = timezone.get_current_timezone()
    first = datetime(month.year, month.month, 1, tzinfo=zone)
    after = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone)
    return rows.filter(created_at__gte=first, created_at__lt=after)
