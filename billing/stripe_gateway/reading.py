"""Stripe's objects as they are now, asked for by their ids or by the time in which they were paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from billing.payments import Charge, Dispute, Invoice, RefundFacts, Refused, Session, SubscriptionFacts
from billing.stripe_gateway import objects
from billing.stripe_gateway.client import client, errors

# Money that is there, or a purchase that cost nothing (a coupon for all of it).
PAID = ("paid", "no_payment_required")


def session(session_id: str) -> Session:
    with errors():
        return objects.session(
            client().v1.checkout.sessions.retrieve(session_id, params={"expand": ["line_items.data.price"]})
        )


def subscription(subscription_id: str) -> SubscriptionFacts:
    with errors():
        found = client().v1.subscriptions.retrieve(subscription_id)
    item = found["items"].data[0]
    return SubscriptionFacts(
        id=found.id,
        customer=objects.id_of(found.customer),
        status=found.status,
        lookup_key=objects.offer_key(item.price),
        period_end=objects.moment(item.current_period_end),
        ends_at_period_end=bool(found.cancel_at_period_end or found.cancel_at),
        metadata=objects.metadata(found),
    )


def invoice(invoice_id: str) -> Invoice:
    with errors():
        return _invoice(client().v1.invoices.retrieve(invoice_id))


def invoices_paid(*, since: datetime, before: datetime) -> Iterator[Invoice]:
    """Yield the paid invoices that were made in that time."""
    with errors():
        found = client().v1.invoices.list(params=_made("paid", since, before))  # type: ignore[arg-type]  # see buying.py
        for row in found.auto_paging_iter():
            yield _invoice(row)


def sessions_paid(*, since: datetime, before: datetime) -> Iterator[Session]:
    """Yield the visits of that time that were paid."""
    with errors():
        found = client().v1.checkout.sessions.list(params=_made("complete", since, before))  # type: ignore[arg-type]  # see buying.py
        for row in found.auto_paging_iter():
            if row.payment_status in PAID:
                yield objects.session(row)


def is_paid(payment: str) -> bool:
    """Whether a payment intent has its money, or a session that cost nothing is complete."""
    try:
        with errors():
            if payment.startswith("cs_"):
                return client().v1.checkout.sessions.retrieve(payment).payment_status in PAID
            return client().v1.payment_intents.retrieve(payment).status == "succeeded"
    except Refused:
        return False


def charge(charge_id: str) -> Charge:
    with errors():
        stripe = client()
        found = stripe.v1.charges.retrieve(charge_id)
        intent = objects.id_of(found.payment_intent)
        # A charge does not name its invoice any more: only the payments of invoices know.
        paid = (
            stripe.v1.invoice_payments.list(
                params={"payment": {"type": "payment_intent", "payment_intent": intent}, "limit": 1}
            ).data
            if intent
            else []
        )
    return Charge(
        id=found.id,
        amount=found.amount,
        customer=objects.id_of(found.customer),
        payment_intent=intent,
        invoice=objects.id_of(paid[0].invoice) if paid else "",
    )


def refund(refund_id: str) -> RefundFacts:
    with errors():
        found = client().v1.refunds.retrieve(refund_id)
    return RefundFacts(
        id=found.id, status=found.status or "", amount=found.amount, charge=objects.id_of(found.charge)
    )


def dispute(dispute_id: str) -> Dispute:
    with errors():
        found = client().v1.disputes.retrieve(dispute_id)
    return Dispute(id=found.id, status=found.status, amount=found.amount, charge=objects.id_of(found.charge))


def _invoice(found: Any) -> Invoice:
    return objects.invoice(found, price_by_id=client().v1.prices.retrieve)


def _made(status: str, since: datetime, before: datetime) -> dict[str, Any]:
    bounds = {"gte": int(since.timestamp()), "lt": int(before.timestamp())}
    return {"status": status, "created": bounds, "limit": 100}
