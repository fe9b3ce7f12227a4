"""The only importer of ``stripe``: takes and returns our words, and raises our errors.

Nothing here touches the database, and nothing here may be called inside a transaction: each call goes over the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings

from billing.payments import (
    Charge,
    CustomerFacts,
    Dispute,
    Event,
    Invoice,
    InvoiceLine,
    NotConfigured,
    PaidInvoice,
    Price,
    RefundFacts,
    Refused,
    Session,
    SubscriptionFacts,
    Unavailable,
)

API_VERSION = "2026-10-28.endive"  # what the pinned SDK speaks; a test compares
TIMEOUT_SECONDS = 20
# Money that is there, or a purchase that cost nothing (a coupon for all of it).
PAID = ("paid", "no_payment_required")


class BadSignature(Exception):
    """The body does not come from Stripe, or is too old."""


def is_configured() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def verified_event(*, body: bytes, signature: str) -> Event:
    """Return the event of a delivery. Raises BadSignature, NotConfigured without a webhook secret."""
    if not settings.STRIPE_WEBHOOK_SECRETS:
        raise NotConfigured
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, stripe.Webhook.DEFAULT_TOLERANCE)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        try:
            return _event(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSignature from error
    raise BadSignature


def events_since(moment: datetime, types: Sequence[str]) -> Iterator[Event]:
    """Yield the events that happened since then, newest first, of these types."""
    with _errors():
        found = _client().v1.events.list(
            params={"created": {"gte": int(moment.timestamp())}, "types": list(types), "limit": 100}
        )
        for event in found.auto_paging_iter():
            yield _event(event.to_dict())


def create_customer(*, user_id: str, email: str, name: str) -> str:
    with _errors():
        made = _client().v1.customers.create(
            params={"email": email, "name": name, "metadata": {"user": user_id}},
            options={"idempotency_key": f"customer:{user_id}"},
        )
    return made.id


def checkout(
    *,
    order_id: str,
    customer: str,
    price: str,
    mode: str,
    metadata: Mapping[str, str],
    success: str,
    cancel: str,
) -> Session:
    """Make a visit to Stripe's page for one price; ``mode`` is "subscription" or "payment"."""
    wish: dict[str, Any] = {
        "mode": mode,
        "customer": customer,
        "client_reference_id": order_id,
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": success,
        "cancel_url": cancel,
        "metadata": dict(metadata),
        "billing_address_collection": "required",
        "customer_update": {"address": "auto", "name": "auto"},
        "automatic_tax": {"enabled": settings.STRIPE_AUTOMATIC_TAX},
        "tax_id_collection": {"enabled": settings.STRIPE_TAX_IDS},
    }
    if mode == "subscription":
        wish["subscription_data"] = {"metadata": dict(metadata)}
    else:
        wish["payment_intent_data"] = {"metadata": dict(metadata)}
        wish["invoice_creation"] = {"enabled": True}
    with _errors():
        made = _client().v1.checkout.sessions.create(
            params=wish,  # type: ignore[arg-type]  # the keys are checked against the SDK's types in the tests
            options={"idempotency_key": f"checkout:{order_id}:1"},
        )
    return _session(made)


def portal(*, customer: str, back_to: str, switch: str = "") -> str:
    """Return the address of the Customer Portal; with ``switch``, straight at changing that subscription."""
    wish: dict[str, Any] = {"customer": customer, "return_url": back_to}
    if switch:
        wish["flow_data"] = {"type": "subscription_update", "subscription_update": {"subscription": switch}}
    with _errors():
        return _client().v1.billing_portal.sessions.create(params=wish).url  # type: ignore[arg-type]  # as above


def session(session_id: str) -> Session:
    with _errors():
        return _session(
            _client().v1.checkout.sessions.retrieve(session_id, params={"expand": ["line_items.data.price"]})
        )


def subscription(subscription_id: str) -> SubscriptionFacts:
    with _errors():
        found = _client().v1.subscriptions.retrieve(subscription_id)
    item = found["items"].data[0]
    return SubscriptionFacts(
        id=found.id,
        customer=_id(found.customer),
        status=found.status,
        lookup_key=_offer_key(item.price),
        period_end=_time(item.current_period_end),
        ends_at_period_end=bool(found.cancel_at_period_end or found.cancel_at),
        metadata=_metadata(found),
    )


def invoice(invoice_id: str) -> Invoice:
    with _errors():
        return _invoice(_client().v1.invoices.retrieve(invoice_id))


def invoices_paid(*, since: datetime, before: datetime) -> Iterator[Invoice]:
    """Yield the paid invoices that were made in that time."""
    with _errors():
        found = _client().v1.invoices.list(params=_made("paid", since, before))  # type: ignore[arg-type]  # as above
        for row in found.auto_paging_iter():
            yield _invoice(row)


def sessions_paid(*, since: datetime, before: datetime) -> Iterator[Session]:
    """Yield the visits of that time that were paid."""
    with _errors():
        found = _client().v1.checkout.sessions.list(params=_made("complete", since, before))  # type: ignore[arg-type]  # as above
        for row in found.auto_paging_iter():
            if row.payment_status in PAID:
                yield _session(row)


def is_paid(payment: str) -> bool:
    """Whether a payment intent has its money, or a session that cost nothing is complete."""
    try:
        with _errors():
            if payment.startswith("cs_"):
                return _client().v1.checkout.sessions.retrieve(payment).payment_status in PAID
            return _client().v1.payment_intents.retrieve(payment).status == "succeeded"
    except Refused:
        return False


def charge(charge_id: str) -> Charge:
    with _errors():
        client = _client()
        found = client.v1.charges.retrieve(charge_id)
        intent = _id(found.payment_intent)
        # A charge does not name its invoice any more: only the payments of invoices know.
        paid = (
            client.v1.invoice_payments.list(
                params={"payment": {"type": "payment_intent", "payment_intent": intent}, "limit": 1}
            ).data
            if intent
            else []
        )
    return Charge(
        id=found.id,
        amount=found.amount,
        customer=_id(found.customer),
        payment_intent=intent,
        invoice=_id(paid[0].invoice) if paid else "",
    )


def refund(refund_id: str) -> RefundFacts:
    with _errors():
        found = _client().v1.refunds.retrieve(refund_id)
    return RefundFacts(id=found.id, status=found.status or "", amount=found.amount, charge=_id(found.charge))


def dispute(dispute_id: str) -> Dispute:
    with _errors():
        found = _client().v1.disputes.retrieve(dispute_id)
    return Dispute(id=found.id, status=found.status, amount=found.amount, charge=_id(found.charge))


def prices(lookup_keys: Sequence[str]) -> dict[str, Price]:
    """Return the active prices of these lookup keys, by key."""
    with _errors():
        found = _client().v1.prices.list(
            params={"lookup_keys": list(lookup_keys), "active": True, "limit": 100}
        )
        return {price.lookup_key: _price(price) for price in found.auto_paging_iter() if price.lookup_key}


def create_product(*, product_id: str, name: str) -> bool:
    """Make a product under our own id; False when it is there."""
    try:
        with _errors():
            _client().v1.products.retrieve(product_id)
    except Refused:
        with _errors():
            _client().v1.products.create(
                params={"id": product_id, "name": name}, options={"idempotency_key": f"product:{product_id}"}
            )
        return True
    return False


def create_price(*, lookup_key: str, product_id: str, amount: int, currency: str, interval: str) -> Price:
    """Make a price that takes the lookup key over from the one that had it."""
    wish: dict[str, Any] = {
        "product": product_id,
        "unit_amount": amount,
        "currency": currency,
        "lookup_key": lookup_key,
        "transfer_lookup_key": True,
        "metadata": {"offer": lookup_key},
    }
    if interval:
        wish["recurring"] = {"interval": interval}
    with _errors():
        made = _client().v1.prices.create(
            params=wish,  # type: ignore[arg-type]  # as above
            options={"idempotency_key": f"price:{lookup_key}:{amount}:{currency}"},
        )
    return _price(made)


def customer_facts(customer: str) -> CustomerFacts:
    """Return payment method, address and the newest invoices of a customer."""
    with _errors():
        client = _client()
        found = client.v1.customers.retrieve(
            customer, params={"expand": ["invoice_settings.default_payment_method"]}
        ).to_dict()
        newest = client.v1.invoices.list(params={"customer": customer, "limit": 12}).data
        methods = client.v1.customers.payment_methods.list(customer, params={"type": "card", "limit": 1}).data
    default = (found.get("invoice_settings") or {}).get("default_payment_method") or {}
    card = default.get("card") or (methods[0].to_dict().get("card") if methods else None) or {}
    address = found.get("address") or {}
    parts = ("line1", "line2", "postal_code", "city", "state", "country")
    return CustomerFacts(
        card_brand=card.get("brand") or "",
        card_last4=card.get("last4") or "",
        address=[address[part] for part in parts if address.get(part)],
        invoices=[
            PaidInvoice(
                number=row.number or "",
                when=_time(row.created) or datetime.now(UTC),
                amount=row.total,
                currency=row.currency,
                status=row.status or "",
                url=row.hosted_invoice_url or "",
            )
            for row in newest
        ],
    )


@contextmanager
def _errors() -> Iterator[None]:
    """Tell what may be tried again from what may not."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise Unavailable(str(error)) from error
    except stripe.StripeError as error:
        raise Refused(str(error)) from error


def _client() -> stripe.StripeClient:
    if not settings.STRIPE_SECRET_KEY:
        raise NotConfigured
    return _client_for(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@lru_cache(maxsize=4)
def _client_for(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses={"api": base},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
    )


def _event(body: Mapping[str, Any]) -> Event:
    return Event(
        id=body["id"],
        type=body["type"],
        api_version=body.get("api_version") or "",
        created=datetime.fromtimestamp(body["created"], UTC),
        body=body,
    )


def _session(found: stripe.checkout.Session) -> Session:
    listed = getattr(found, "line_items", None)  # only there when it was asked for
    items = listed.data if listed else []
    return Session(
        id=found.id,
        url=found.url or "",
        mode=found.mode,
        status=found.status or "",
        payment_status=found.payment_status,
        customer=_id(found.customer),
        payment_intent=_id(found.payment_intent),
        subscription=_id(found.subscription),
        metadata=_metadata(found),
        lookup_keys=[_offer_key(item.price) for item in items if item.price],
    )


def _made(status: str, since: datetime, before: datetime) -> dict[str, Any]:
    bounds = {"gte": int(since.timestamp()), "lt": int(before.timestamp())}
    return {"status": status, "created": bounds, "limit": 100}


def _invoice(found: stripe.Invoice) -> Invoice:
    return Invoice(
        id=str(found.id),
        status=found.status or "",
        reason=found.billing_reason or "",
        customer=_id(found.customer),
        subscription=_subscription_of(found),
        lines=[_line(line) for line in found.lines.auto_paging_iter()],
    )


def _subscription_of(found: stripe.Invoice) -> str:
    details = found.parent.subscription_details if found.parent else None
    return _id(details.subscription) if details else ""


def _line(line: stripe.InvoiceLineItem) -> InvoiceLine:
    parent = line.parent.to_dict() if line.parent else {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    named = line.pricing.price_details.price if line.pricing and line.pricing.price_details else ""
    found = (
        named if isinstance(named, stripe.Price) else _client().v1.prices.retrieve(named) if named else None
    )
    return InvoiceLine(
        id=line.id,
        lookup_key=_offer_key(found) if found else "",
        quantity=line.quantity or 1,
        amount=line.amount,
        is_proration=bool(details.get("proration")),
        period_end=datetime.fromtimestamp(line.period.end, UTC),
    )


def _price(found: stripe.Price) -> Price:
    return Price(
        id=found.id,
        lookup_key=_offer_key(found),
        product=_id(found.product),
        amount=found.unit_amount or 0,
        currency=found.currency,
        interval=found.recurring.interval if found.recurring else "",
    )


def _offer_key(price: stripe.Price) -> str:
    """Return what the price sells. An old price loses its lookup key to the new one, and keeps our mark."""
    return _metadata(price).get("offer") or price.lookup_key or ""


def _metadata(found: Any) -> dict[str, str]:
    return dict(found.metadata.to_dict()) if found.metadata else {}


def _id(found: Any) -> str:
    """Return the id of what Stripe names, expanded or not."""
    return "" if found is None else found if isinstance(found, str) else found.id


def _time(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
