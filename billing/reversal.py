"""Money that goes back takes its credits with it; a disputed payment freezes them until it is decided."""

from __future__ import annotations

from contextlib import suppress

from billing import ledger, purchases, stripe_gateway
from billing.models import Grant, Transaction
from billing.payments import Charge

_OPEN = ("needs_response", "under_review")
_GIVEN_BACK = ("failed", "canceled")


def refund_changed(refund_id: str) -> None:
    """Take back credits in proportion to the money; give them again when the refund did not arrive."""
    refund = stripe_gateway.refund(refund_id)
    if not refund.charge:
        return
    charge = stripe_gateway.charge(refund.charge)
    ref = f"stripe:{refund.id}"
    if refund.status == "succeeded":
        _take_back(charge, refund.amount, ref)
    elif refund.status in _GIVEN_BACK:
        _give_again(charge, ref)


def dispute_changed(dispute_id: str) -> None:
    """Freeze while it is open; take the credits back when it was lost; in the end nothing stays frozen."""
    dispute = stripe_gateway.dispute(dispute_id)
    charge = stripe_gateway.charge(dispute.charge)
    ref = f"stripe:{dispute.id}"
    if dispute.status in _OPEN:
        user = purchases.owner_of(charge.customer)
        if user is not None:
            ledger.freeze(user=user, ref=ref, reason="payment disputed")
        return
    if dispute.status == "lost":
        _take_back(charge, dispute.amount, ref)
    with suppress(ledger.UnknownReference):
        ledger.unfreeze(ref=ref)


def _take_back(charge: Charge, money: int, ref: str) -> None:
    lots = purchases.lots_of(charge)
    if not lots:
        raise purchases.NotYet(f"nothing was granted for {charge.id}")
    for lot in lots:
        own = f"{ref}:{lot.pk}"
        # Rounded down, so that parts never exceed the whole; what is left then bounds refund and dispute together.
        amount = min(lot.amount * money // charge.amount, lot.amount - lot.refunded)
        if amount > 0 and not _was_written(own):
            ledger.refund(source_ref=lot.source_ref, amount=amount, ref=own)


def _give_again(charge: Charge, ref: str) -> None:
    for lot in purchases.lots_of(charge):
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
