"""Credits come in: a new lot, which first pays what is owed."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from billing.ledger.errors import Conflict
from billing.ledger.posting import Kind, Move, PostingRequest, lock, once, write
from billing.models import Account, Grant
from billing.models.journal import Book


def grant(
    *,
    user: User,
    amount: int,
    source: Grant.Source | str,
    source_ref: str,
    expires_at: datetime | None = None,
    priority: int = 100,
    by: User | None = None,
    reason: str = "",
) -> Grant:
    """Give ``amount`` credits once per ``source_ref``; a debt is paid from them first.

    A lower ``priority`` is spent earlier; ``expires_at`` None is for a lifetime. Raises Conflict when ``source_ref``
    was granted to another person or with another amount.
    """
    if amount <= 0:
        raise ValueError("a grant is of at least one credit")

    def find() -> Grant | None:
        lot = Grant.objects.select_related("account").filter(source_ref=source_ref).first()
        if lot is not None and (lot.account.user_id, lot.amount) != (user.pk, amount):
            raise Conflict(f"{source_ref} was granted otherwise")
        return lot

    def act() -> Grant:
        account = lock(Account.objects.filter(pk=Account.objects.get_or_create(user=user)[0].pk))
        assert account is not None
        owed = min(account.debt, amount)
        lot = Grant.objects.create(
            account=account,
            source=source,
            source_ref=source_ref,
            amount=amount,
            remaining=amount - owed,
            debt=owed,
            priority=priority,
            expires_at=expires_at,
        )
        request = PostingRequest(
            kind=Kind.GRANT,
            ref=source_ref,
            what={"account": account.pk, "amount": amount},
            by=by,
            reason=reason,
        )
        moves = [
            Move(lot, Book.ISSUANCE, Book.DEBT, owed),
            Move(lot, Book.ISSUANCE, Book.AVAILABLE, amount - owed),
        ]
        write(account, request, moves)
        return lot

    return once(find, act)
