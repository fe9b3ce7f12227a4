"""Stripe's objects as they are now, asked for by their ids or by the time in which they were paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from billing.payments import (
    Charge,
    Dispute,
    Gone,
    Invoice,
    PaidInvoice,
    PeriodPayment,
    RefundFacts,
    Session,
    SubscriptionFacts,
)
from billing.stripe_gateway import objects
from billing.stripe_gateway.client import client, errors

# Money that is there, or a purchase that cost nothing (a coupon for all of it).
PAID = ("paid", "no_payment_required")
# What pays for a period. A change in mid-period ("subscription_update") pays for no period of its own.
PERIOD_REASONS = ("subscription_create", "subscription_cycle")


def session(session_id: str) -> Session:
    with errors("session"):
        return objects.session(
            client().v1.checkout.sessions.retrieve(session_id, params={"expand": ["line_items.data.price"]})
        )


def subscription(subscription_id: str) -> SubscriptionFacts:
    with errors("subscription"):
        return objects.subscription(client().v1.subscriptions.retrieve(subscription_id))


def subscriptions(*, customer: str = "") -> Iterator[SubscriptionFacts]:
    """Yield the subscriptions that have not ended, of one customer or of all."""
    wanted: dict[str, Any] = {"limit": 100} | ({"customer": customer} if customer else {})
    with errors():
        for found in client().v1.subscriptions.list(params=wanted).auto_paging_iter():  # type: ignore[arg-type]  # see buying.py
            yield objects.subscription(found)


def period_payment(subscription_id: str) -> PeriodPayment | None:
    """Return what was paid for the current period; None when nothing was (it waits for its payment, or was free)."""
    with errors("subscription"):
        stripe = client()
        current = stripe.v1.subscriptions.retrieve(subscription_id)["items"].data[0]
        paid = stripe.v1.invoices.list(
            params={"subscription": subscription_id, "status": "paid", "limit": 100}
        )
        for row in paid.auto_paging_iter():
            ends = [line.period.end for line in row.lines.data]
            if row.billing_reason not in PERIOD_REASONS or current.current_period_end not in ends:
                continue
            payments = stripe.v1.invoice_payments.list(
                params={"invoice": str(row.id), "status": "paid", "limit": 1}
            ).data
            intent = objects.id_of(payments[0].payment.payment_intent) if payments else ""
            if not intent:
                return None
            return PeriodPayment(
                charge=_charge_of(intent, invoice=str(row.id)),
                begins=datetime.fromtimestamp(current.current_period_start, UTC),
                ends=datetime.fromtimestamp(current.current_period_end, UTC),
            )
    return None


def invoice(invoice_id: str) -> Invoice:
    with errors("invoice"):
        return _invoice(client().v1.invoices.retrieve(invoice_id))


def invoices_of(customer: str) -> Iterator[PaidInvoice]:
    """Yield all invoices of a customer, newest first."""
    with errors("customer"):
        found = client().v1.invoices.list(params={"customer": customer, "limit": 100})
        for row in found.auto_paging_iter():
            yield objects.listed_invoice(row)


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
        with errors("payment_intent"):
            if payment.startswith("cs_"):
                return client().v1.checkout.sessions.retrieve(payment).payment_status in PAID
            return client().v1.payment_intents.retrieve(payment).status == "succeeded"
    except Gone:
        return False


def charge(charge_id: str) -> Charge:
    with errors("charge"):
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
    return objects.charge(found, invoice=objects.id_of(paid[0].invoice) if paid else "")


def refund(refund_id: str) -> RefundFacts:
    with errors("refund"):
        found = client().v1.refunds.retrieve(refund_id)
    return RefundFacts(
        id=found.id,
        status=found.status or "",
        amount=found.amount,
        charge=objects.id_of(found.charge),
        ended=objects.metadata(found).get("ended", ""),
    )


def dispute(dispute_id: str) -> Dispute:
    with errors("dispute"):
        found = client().v1.disputes.retrieve(dispute_id)
    return Dispute(id=found.id, status=found.status, amount=found.amount, charge=objects.id_of(found.charge))


def _charge_of(intent: str, *, invoice: str) -> Charge:
    found = client().v1.payment_intents.retrieve(intent, params={"expand": ["latest_charge"]}).latest_charge
    assert not isinstance(found, str)  # it was expanded
    assert found is not None  # the invoice is paid
    return objects.charge(found, invoice=invoice)


def _invoice(found: Any) -> Invoice:
    return objects.invoice(found, price_by_id=client().v1.prices.retrieve)


def _made(status: str, since: datetime, before: datetime) -> dict[str, Any]:
    bounds = {"gte": int(since.timestamp()), "lt": int(before.timestamp())}
    return {"status": status, "created": bounds, "limit": 100}
