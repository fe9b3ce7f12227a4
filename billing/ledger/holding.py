"""Credits are spent in two steps: held when work is submitted, then captured for its results; the rest is released."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from accounts.models import User
from billing.ledger import clock
from billing.ledger.errors import AccountFrozen, Conflict, InsufficientCredits, UnknownReference
from billing.ledger.posting import Kind, Move, PostingRequest, lock, once, post
from billing.ledger.reading import balance
from billing.models import Account, Grant, Hold, HoldPart
from billing.models.journal import Book


def hold(*, user: User, amount: int, ref: str) -> Hold:
    """Set ``amount`` credits aside under ``ref``, in spending order.

    Raises InsufficientCredits (AccountFrozen while a payment is disputed), or Conflict when ``ref`` already names a
    hold of another person or amount. A repeated call returns the existing hold, even if it has ended.
    """
    if amount <= 0:
        raise ValueError("a hold is of at least one credit")

    def find() -> Hold | None:
        made = Hold.objects.select_related("account").filter(ref=ref).first()
        if made is not None and (made.account.user_id, made.amount) != (user.pk, amount):
            raise Conflict(f"{ref} names another hold")
        return made

    def act() -> Hold:
        account = lock(Account.objects.filter(user=user, available__gte=amount, frozen=0))
        if account is None:
            raise _refusal(user, amount)
        taken = list(_take(account, amount))
        if (
            sum(move.amount for move in taken) < amount
        ):  # part of it has expired, though no sweeper came by yet
            raise _refusal(user, amount)
        made = Hold.objects.create(account=account, ref=ref, amount=amount)
        HoldPart.objects.bulk_create(HoldPart(hold=made, lot=move.lot, amount=move.amount) for move in taken)
        request = PostingRequest(kind=Kind.HOLD, ref=ref, what={"account": account.pk, "amount": amount})
        post(account, request, taken)
        return made

    return once(find, act)


def capture(*, ref: str, amount: int) -> Hold:
    """Charge ``amount`` of the hold and release the rest in the same transaction; 0 is a release.

    What would expire soonest is charged first. Raises UnknownReference, ValueError when more is asked for than is
    held, and Conflict when the hold has ended in another way.
    """
    if amount < 0:
        raise ValueError("nothing below zero can be charged")
    return _end(ref, amount)


def release(*, ref: str) -> Hold:
    """Give the whole hold back. Raises UnknownReference, and Conflict when it was captured."""
    return _end(ref, 0)


@transaction.atomic
def _end(ref: str, charged: int) -> Hold:
    held = Hold.objects.filter(ref=ref).first()
    if held is None:
        raise UnknownReference(f"no hold is called {ref}")
    if charged > held.amount:
        raise ValueError(f"{charged} is more than the {held.amount} that {ref} holds")
    state = Hold.State.CAPTURED if charged else Hold.State.RELEASED
    # The state in the condition is the gate: of two who end the same hold, one finds it ended.
    ended = Hold.objects.filter(pk=held.pk, state=Hold.State.OPEN).update(
        state=state, captured=charged, ended_at=clock.now()
    )
    held.refresh_from_db()
    if (held.state, held.captured) != (state, charged):
        raise Conflict(f"{ref} has ended otherwise ({held.state}, {held.captured})")
    if ended:
        account = lock(Account.objects.filter(pk=held.account_id))
        assert account is not None
        kind = Kind.CAPTURE if charged else Kind.RELEASE
        request = PostingRequest(kind=kind, ref=ref, what={"hold": held.pk, "amount": charged})
        post(account, request, list(_settle(account, held, charged)))
    return held


def _take(account: Account, amount: int) -> Iterator[Move]:
    for lot in account.grants.spendable(clock.now()).in_spending_order():
        part = min(lot.remaining, amount)
        yield Move(lot, Book.AVAILABLE, Book.HELD, part)
        amount -= part
        if not amount:
            return


def _settle(account: Account, held: Hold, charged: int) -> Iterator[Move]:
    """Yield the entry of each part of the hold: consumed as far as charged, the rest back to its lot."""
    debt = account.debt
    for part, lot, is_over in _parts(held):
        consumed = min(part.amount, charged)
        charged -= consumed
        left = part.amount - consumed
        # The lot was refunded while part of it was held: the money is gone, so the credits go the same way.
        repaid = min(left, debt) if lot.refunded else 0
        debt -= repaid
        # A lot that ended meanwhile gives nothing back that could be spent.
        back = Book.EXPIRED if is_over else Book.AVAILABLE
        moves = ((Book.CONSUMED, consumed), (Book.DEBT, repaid), (back, left - repaid))
        yield from (Move(lot, Book.HELD, target, amount) for target, amount in moves if amount)


def _parts(held: Hold) -> Sequence[tuple[HoldPart, Grant, bool]]:
    parts = held.parts.select_related("lot").order_by("id")
    over = set(parts.filter(lot__expires_at__lte=clock.now()).values_list("pk", flat=True))
    return [(part, part.lot, part.pk in over) for part in parts]


def _refusal(user: User, needed: int) -> InsufficientCredits:
    now = balance(user)
    return AccountFrozen(needed) if now.frozen else InsufficientCredits(needed, now.available)
