"""Money went back, so the credits do: unspent ones of that purchase first, the rest is owed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from billing.ledger.errors import Conflict, UnknownReference
from billing.ledger.posting import Kind, Move, PostingRequest, lock, once, post
from billing.models import Account, Entry, Grant, Transaction
from billing.models.journal import Book


@dataclass(frozen=True, slots=True)
class Refunded:
    """What a refund did: ``unspent`` credits were taken back, ``owed`` ones will be netted from the next grant."""

    unspent: int
    owed: int


def refund(*, source_ref: str, amount: int, ref: str, by: User | None = None, reason: str = "") -> Refunded:
    """Take back ``amount`` credits of the grant ``source_ref``, once per ``ref``.

    Available credits of that lot go first, then those that have expired unspent; what was spent, or is held now,
    becomes debt. Nothing falls below zero. Raises UnknownReference, and Conflict when more is taken back than was
    granted or ``ref`` was another refund.
    """
    if amount <= 0:
        raise ValueError("a refund is of at least one credit")
    lot = Grant.objects.filter(source_ref=source_ref).first()
    if lot is None:
        raise UnknownReference(f"no grant is called {source_ref}")
    request = PostingRequest(
        kind=Kind.REFUND, ref=ref, what={"lot": lot.pk, "amount": amount}, by=by, reason=reason
    )

    def find() -> Refunded | None:
        line = Transaction.objects.filter(idempotency_key=request.key).first()
        if line is not None and line.request_hash != request.digest:
            raise Conflict(f"{ref} was another refund")
        return None if line is None else _refunded(line)

    def act() -> Refunded:
        account = lock(Account.objects.filter(pk=lot.account_id))
        assert account is not None
        lot.refresh_from_db()
        if amount > lot.amount - lot.refunded:
            raise Conflict(f"{source_ref} has only {lot.amount - lot.refunded} credits left to take back")
        unspent = min(amount, lot.remaining)
        expired = min(amount - unspent, lot.expired)
        parts = (
            (Book.AVAILABLE, unspent),
            (Book.EXPIRED, expired),
            (Book.DEBT, amount - unspent - expired),
        )
        return _refunded(
            post(account, request, [Move(lot, book, Book.REFUNDED, part) for book, part in parts if part])
        )

    return once(find, act)


def refunded(*, ref: str) -> int:
    """Return how many credits the refund of that name took back or made owed; 0 when there is none."""
    entries = Entry.objects.filter(
        transaction__kind=Kind.REFUND, transaction__ref=ref, ledger_account=Book.REFUNDED
    )
    return int(entries.aggregate(total=Coalesce(Sum("delta"), 0))["total"])


def _refunded(line: Transaction) -> Refunded:
    deltas = dict(Entry.objects.filter(transaction=line).values_list("ledger_account", "delta"))
    return Refunded(unspent=-deltas.get(Book.AVAILABLE, 0), owed=-deltas.get(Book.DEBT, 0))
