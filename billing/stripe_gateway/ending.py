"""End a subscription at once, and refund money: both may be repeated and happen once."""

from __future__ import annotations

from typing import Any

from billing.payments import Gone
from billing.stripe_gateway.client import client, errors


def cancel(subscription_id: str) -> None:
    """End a subscription now, without an invoice; one that has ended, or isn't there, stays as it is."""
    try:
        with errors("subscription"):
            client().v1.subscriptions.cancel(subscription_id, params={"invoice_now": False, "prorate": False})
    except Gone:  # how Stripe answers for one that was cancelled before, too
        return


def refund_ended(*, subscription_id: str, payment_intent: str, amount: int) -> str:
    """Send money of a subscription that was ended back, once per subscription; return the refund's id.

    Stripe forgets an idempotency key after a day, so the payment's refunds are searched first.
    """
    mark: dict[str, Any] = {"ended": subscription_id}
    with errors("payment_intent"):
        stripe = client()
        made = stripe.v1.refunds.list(params={"payment_intent": payment_intent, "limit": 100})
        for row in made.auto_paging_iter():
            if row.metadata and row.metadata.to_dict().get("ended") == subscription_id:
                return row.id
        return stripe.v1.refunds.create(
            params={
                "payment_intent": payment_intent,
                "amount": amount,
                "reason": "requested_by_customer",
                "metadata": mark,
            },
            options={"idempotency_key": f"refund:{subscription_id}"},
        ).id
