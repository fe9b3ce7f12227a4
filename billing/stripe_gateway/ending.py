"""End a subscription, refund money, delete a customer: each may be repeated and happens once."""

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


def stop_renewal(subscription_id: str) -> None:
    """Let a subscription end with the period that is paid. Raises Gone where there is none, or where it has ended."""
    with errors("subscription"):
        client().v1.subscriptions.update(subscription_id, params={"cancel_at_period_end": True})


def delete_customer(customer: str) -> None:
    """Delete a customer with address and cards; one that isn't there stays so. Invoices stay at Stripe."""
    try:
        with errors("customer"):
            client().v1.customers.delete(customer)
    except Gone:
        return


def has_open_invoice(customer: str) -> bool:
    """Whether a bill of this customer waits for its payment."""
    with errors("customer"):
        return bool(
            client().v1.invoices.list(params={"customer": customer, "status": "open", "limit": 1}).data
        )


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
