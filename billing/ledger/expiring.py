"""Credits come to their end: the sweep that writes down what has expired."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Value

from billing.ledger import clock
from billing.ledger.posting import Kind, Move, PostingRequest, lock, post
from billing.models import Account, Grant
from billing.models.journal import Book


def expire(now: datetime | None = None) -> int:
    """Write off what has expired by ``now`` (the database's clock when not given); return how many credits.

    Nobody depends on it being in time: an expired lot can't be spent either way. Held parts are not touched; they
    expire if and when they are released. Each lot is its own transaction, so that a sweep may be killed anywhere.
    """
    moment = clock.now() if now is None else Value(now)
    overdue = Grant.objects.overdue(moment).order_by("account_id", "id").values_list("account_id", "pk")
    return sum(_expire_lot(account, lot) for account, lot in list(overdue))


@transaction.atomic
def _expire_lot(account_id: int, lot_id: int) -> int:
    account = lock(Account.objects.filter(pk=account_id))
    lot = Grant.objects.get(pk=lot_id)  # again, now that nobody else can spend from it
    if account is None or not lot.remaining:
        return 0
    request = PostingRequest(kind=Kind.EXPIRE, ref=lot.source_ref, what={"lot": lot.pk})
    post(account, request, [Move(lot, Book.AVAILABLE, Book.EXPIRED, lot.remaining)])
    return lot.remaining
