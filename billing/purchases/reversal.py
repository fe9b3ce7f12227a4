"""A refund removes its credits; a disputed payment freezes them until it is decided."""

from __future__ import annotations

from contextlib import suppress

from billing import ledger, stripe_gateway
from billing.models import Grant, Transaction
from billing.payments import Charge
from billing.purchases import names

_OPEN = ("needs_response", "under_review")
_GIVEN_BACK = ("failed", "canceled")


def refund_changed(refund_id: str) -> None:
    """Take back credits in proportion to the money; give them again when the refund did not arrive."""
    refund = stripe_gateway.refund(refund_id)
    if not refund.charge:
        return
    charge = stripe_gateway.charge(refund.charge)
    # Of a plan that a person ended the credits were taken when the button was pressed, under the plan's name.
    ref = ended_ref(refund.ended) if refund.ended else f"stripe:{refund.id}"
    if refund.status == "succeeded":
        take_back(charge=charge, money=refund.amount, ref=ref)
    elif refund.status in _GIVEN_BACK:
        _give_again(charge, ref)


def dispute_changed(dispute_id: str) -> None:
    """Freeze while it is open; take the credits back when it was lost; in the end nothing stays frozen."""
    dispute = stripe_gateway.dispute(dispute_id)
    charge = stripe_gateway.charge(dispute.charge)
    ref = f"stripe:{dispute.id}"
    if dispute.status in _OPEN:
        user = names.owner_of(charge.customer)
        if user is not None:
            ledger.freeze(user=user, ref=ref, reason="payment disputed")
        return
    if dispute.status == "lost":
        take_back(charge=charge, money=dispute.amount, ref=ref)
    with suppress(ledger.UnknownReference):
        ledger.unfreeze(ref=ref)


def dispute_gone(dispute_id: str) -> None:
    """Stripe has no such dispute any more, so nothing is disputed."""
    with suppress(ledger.UnknownReference):
        ledger.unfreeze(ref=f"stripe:{dispute_id}")


def ended_ref(subscription_id: str) -> str:
    """Return under which name the credits of a plan that a person ended are taken back."""
    return f"stripe:{subscription_id}"


def take_back(*, charge: Charge, money: int, ref: str) -> int:
    """Take back credits of a payment in proportion to the money, once per ``ref``; return how many are owed now.

    Raises purchases.NotYet while nothing was granted.
    """
    lots = names.lots_of(charge)
    if not lots:
        raise names.NotYet(f"nothing was granted for {charge.id}")
    owed = 0
    for lot in lots:
        own = f"{ref}:{lot.pk}"
        amount = credits_for(lot=lot, charge=charge, money=money)
        if amount > 0 and not _was_written(own):
            owed += ledger.refund(source_ref=lot.source_ref, amount=amount, ref=own).owed
    return owed


def credits_for(*, lot: Grant, charge: Charge, money: int) -> int:
    """Return how many credits of a lot go with this much of its money.

    Rounded down, so that parts never exceed the whole; what is left bounds refunds and disputes together.
    """
    return min(lot.amount * money // charge.amount, lot.amount - lot.refunded)


def _give_again(charge: Charge, ref: str) -> None:
    for lot in names.lots_of(charge):
        own = f"{ref}:{lot.pk}"
        user = lot.account.user
        if user is None or not _was_written(own):
            continue
        amount = ledger.refunded(ref=own)
        ledger.grant(
            user=user,
            amount=amount,
            source=Grant.Source.REFUND,
            source_ref=f"{own}:failed",
            expires_at=lot.expires_at,
            priority=lot.priority,
        )


def _was_written(ref: str) -> bool:
    return Transaction.objects.filter(kind=Transaction.Kind.REFUND, ref=ref).exists()
