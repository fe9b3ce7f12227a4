"""Stripe's objects in our words. No call is made here: who reads an object says how a price is found by its id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import stripe

from billing.payments import Charge, Invoice, InvoiceLine, PaidInvoice, Price, Session, SubscriptionFacts

PriceById = Callable[[str], stripe.Price]


def session(found: stripe.checkout.Session) -> Session:
    listed = getattr(found, "line_items", None)  # only there when it was asked for
    items = listed.data if listed else []
    return Session(
        id=found.id,
        url=found.url or "",
        mode=found.mode,
        status=found.status or "",
        payment_status=found.payment_status,
        customer=id_of(found.customer),
        payment_intent=id_of(found.payment_intent),
        subscription=id_of(found.subscription),
        metadata=metadata(found),
        lookup_keys=[offer_key(item.price) for item in items if item.price],
    )


def subscription(found: stripe.Subscription) -> SubscriptionFacts:
    item = found["items"].data[0]
    return SubscriptionFacts(
        id=found.id,
        customer=id_of(found.customer),
        status=found.status,
        lookup_key=offer_key(item.price),
        period_end=moment(item.current_period_end),
        ends_at_period_end=bool(found.cancel_at_period_end or found.cancel_at),
        metadata=metadata(found),
    )


def charge(found: stripe.Charge, *, invoice: str) -> Charge:
    """A charge does not name its invoice: who reads it says which one it paid."""
    return Charge(
        id=found.id,
        amount=found.amount,
        refunded=found.amount_refunded,
        disputed=found.disputed,
        currency=found.currency,
        customer=id_of(found.customer),
        payment_intent=id_of(found.payment_intent),
        invoice=invoice,
    )


def invoice(found: stripe.Invoice, *, price_by_id: PriceById) -> Invoice:
    """An invoice's lines name their prices by id alone, so each may ask for one."""
    return Invoice(
        id=str(found.id),
        status=found.status or "",
        reason=found.billing_reason or "",
        customer=id_of(found.customer),
        subscription=_subscription_of(found),
        lines=[_line(line, price_by_id) for line in found.lines.auto_paging_iter()],
    )


def listed_invoice(found: stripe.Invoice) -> PaidInvoice:
    """An invoice as its owner reads it, without a call for its prices."""
    return PaidInvoice(
        number=found.number or "",
        when=datetime.fromtimestamp(found.created, UTC),
        amount=found.total,
        currency=found.currency,
        status=found.status or "",
        url=found.hosted_invoice_url or "",
    )


def _subscription_of(found: stripe.Invoice) -> str:
    details = found.parent.subscription_details if found.parent else None
    return id_of(details.subscription) if details else ""


def _line(line: stripe.InvoiceLineItem, price_by_id: PriceById) -> InvoiceLine:
    parent = line.parent.to_dict() if line.parent else {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    named = line.pricing.price_details.price if line.pricing and line.pricing.price_details else ""
    found = price_by_id(named) if isinstance(named, str) and named else named
    return InvoiceLine(
        id=line.id,
        lookup_key=offer_key(found) if isinstance(found, stripe.Price) else "",
        quantity=line.quantity or 1,
        amount=line.amount,
        is_proration=bool(details.get("proration")),
        period_end=datetime.fromtimestamp(line.period.end, UTC),
    )


def price(found: stripe.Price) -> Price:
    return Price(
        id=found.id,
        lookup_key=offer_key(found),
        product=id_of(found.product),
        amount=found.unit_amount or 0,
        currency=found.currency,
        interval=found.recurring.interval if found.recurring else "",
    )


def offer_key(price: stripe.Price) -> str:
    """Return what the price sells. An old price loses its lookup key to the new one, and keeps our mark."""
    return metadata(price).get("offer") or price.lookup_key or ""


def metadata(found: Any) -> dict[str, str]:
    return dict(found.metadata.to_dict()) if found.metadata else {}


def id_of(found: Any) -> str:
    """Return the id of what Stripe names, expanded or not."""
    return "" if found is None else found if isinstance(found, str) else found.id


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
