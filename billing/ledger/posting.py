"""How a change is written: lock the account, move credits between books, and let every cache follow from the moves."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from billing.ledger.errors import InsufficientCredits
from billing.models import Account, Entry, Grant, Transaction
from billing.models.journal import Book
from image2.lib.owned import OwnedQuerySet

Kind = Transaction.Kind
Done = TypeVar("Done")

# Which column of a lot is the cache of which book.
LOT_COLUMNS: Mapping[Book, str] = {
    Book.AVAILABLE: "remaining",
    Book.HELD: "held",
    Book.CONSUMED: "consumed",
    Book.EXPIRED: "expired",
    Book.REFUNDED: "refunded",
    Book.DEBT: "debt",
}


@dataclass(frozen=True, slots=True)
class Move:
    """``amount`` credits of one lot, out of one book and into another: the two halves of a double entry."""

    lot: Grant
    source: Book
    target: Book
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRequest:
    """What the ledger is asked to write, and the ref that makes it idempotent."""

    kind: Transaction.Kind
    ref: str
    what: Mapping[str, object]
    by: User | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.ref}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.what, sort_keys=True, default=str).encode()).hexdigest()


def once(find: Callable[[], Done | None], act: Callable[[], Done]) -> Done:
    """Return what ``find`` finds; else do ``act`` atomically. If another process was first, return what it made."""
    done = find()
    if done is not None:
        return done
    try:
        with transaction.atomic():
            return act()
    except (IntegrityError, InsufficientCredits):
        # A unique name stopped us, or the credits went to the very hold that we are asked for.
        done = find()
        if done is None:
            raise
        return done


def lock(accounts: OwnedQuerySet[Account]) -> Account | None:
    """Take the row lock of the one account that matches; None when none does.

    A conditional UPDATE and not SELECT FOR UPDATE: it is gate and lock in one statement, on both engines. Whatever is
    read of this person's lots after it can't change until the transaction ends.
    """
    if not accounts.update(lines=F("lines")):
        return None
    return accounts.get()


def post(account: Account, request: PostingRequest, moves: Sequence[Move]) -> Transaction:
    """Write the line and its entries, and update the caches of the locked account and of its existing lots."""
    for lot, changes in deltas_by_lot(moves).items():
        Grant.objects.filter(pk=lot).update(
            **{LOT_COLUMNS[book]: F(LOT_COLUMNS[book]) + delta for book, delta in changes.items()}
        )
    return write(account, request, moves)


def write(account: Account, request: PostingRequest, moves: Sequence[Move]) -> Transaction:
    """Write the line and its entries and update the locked account's caches (a new lot is made whole)."""
    by_book: dict[Book, int] = defaultdict(int)
    for changes in deltas_by_lot(moves).values():
        for book, delta in changes.items():
            by_book[book] += delta
    account.available += by_book[Book.AVAILABLE]
    account.held += by_book[Book.HELD]
    account.debt -= by_book[Book.DEBT]
    account.lines += 1
    account.save(update_fields=["available", "held", "debt", "lines"])
    line = Transaction.objects.create(
        account=account,
        number=account.lines,
        kind=request.kind,
        ref=request.ref,
        idempotency_key=request.key,
        request_hash=request.digest,
        available_after=account.available,
        held_after=account.held,
        debt_after=account.debt,
        by=request.by,
        reason=request.reason,
    )
    Entry.objects.bulk_create(
        Entry(transaction=line, lot_id=lot, ledger_account=book, delta=delta)
        for lot, changes in entries_by_lot(moves).items()
        for book, delta in changes.items()
    )
    return line


def entries_by_lot(moves: Iterable[Move]) -> dict[int, dict[Book, int]]:
    """Sum the moves to the entries of each lot; they sum to zero for every lot."""
    sums: dict[int, dict[Book, int]] = defaultdict(lambda: defaultdict(int))
    for move in moves:
        sums[move.lot.pk][move.source] -= move.amount
        sums[move.lot.pk][move.target] += move.amount
    return {lot: {book: delta for book, delta in changes.items() if delta} for lot, changes in sums.items()}


def deltas_by_lot(moves: Iterable[Move]) -> dict[int, dict[Book, int]]:
    """Return the changes of each lot's columns: its entries without the issuance, which no column repeats."""
    return {
        lot: {book: delta for book, delta in changes.items() if book is not Book.ISSUANCE}
        for lot, changes in entries_by_lot(moves).items()
    }
