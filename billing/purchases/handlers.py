"""What each event of Stripe's leads to: a handler asks Stripe for the object as it is now, and may be repeated."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from billing.purchases import fulfilment, reversal
from billing.purchases.names import NotYet

Handler = Callable[[str], None]

HANDLERS: Mapping[str, Handler] = {
    "checkout.session.completed": fulfilment.session_changed,
    "checkout.session.async_payment_succeeded": fulfilment.session_changed,
    "checkout.session.async_payment_failed": fulfilment.session_changed,
    "checkout.session.expired": fulfilment.session_changed,
    "invoice.paid": fulfilment.invoice_paid,
    "invoice.payment_failed": fulfilment.invoice_unpaid,
    "invoice.payment_action_required": fulfilment.invoice_unpaid,
    "customer.subscription.created": fulfilment.subscription_changed,
    "customer.subscription.updated": fulfilment.subscription_changed,
    "customer.subscription.deleted": fulfilment.subscription_changed,
    "customer.subscription.paused": fulfilment.subscription_changed,
    "customer.subscription.resumed": fulfilment.subscription_changed,
    "refund.created": reversal.refund_changed,
    "refund.updated": reversal.refund_changed,
    "refund.failed": reversal.refund_changed,
    "charge.dispute.created": reversal.dispute_changed,
    "charge.dispute.updated": reversal.dispute_changed,
    "charge.dispute.closed": reversal.dispute_changed,
    "charge.dispute.funds_withdrawn": reversal.dispute_changed,
    "charge.dispute.funds_reinstated": reversal.dispute_changed,
}

__all__ = ["HANDLERS", "NotYet"]
