"""What a person does at Stripe's pages: pay at the checkout, look after the plan in the portal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from billing.payments import CustomerFacts, Gone, Session
from billing.stripe_gateway import objects
from billing.stripe_gateway.client import client, errors


def create_customer(*, user_id: str, number: int, email: str, name: str) -> str:
    """Make a customer; ``number`` says how many the person had before, since Stripe repeats a key's old answer."""
    with errors():
        made = client().v1.customers.create(
            params={"email": email, "name": name, "metadata": {"user": user_id}},
            options={"idempotency_key": f"customer:{user_id}:{number}" if number else f"customer:{user_id}"},
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
    params: dict[str, Any] = {
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
        params["subscription_data"] = {"metadata": dict(metadata)}
    else:
        params["payment_intent_data"] = {"metadata": dict(metadata)}
        params["invoice_creation"] = {"enabled": True}
    with errors():
        made = client().v1.checkout.sessions.create(
            params=params,  # type: ignore[arg-type]  # the keys are checked against the SDK's types in the tests
            options={"idempotency_key": f"checkout:{order_id}:1"},
        )
    return objects.session(made)


def open_sessions(customer: str) -> list[Session]:
    """Return the customer's visits that can still be paid, newest first."""
    with errors():
        found = client().v1.checkout.sessions.list(
            params={"customer": customer, "status": "open", "limit": 100}
        )
        return [objects.session(row) for row in found.auto_paging_iter()]


def expire_session(session_id: str) -> None:
    """End a visit, so that nobody can pay on it any more. Raises Refused when it has been paid or has ended."""
    with errors("session"):
        client().v1.checkout.sessions.expire(session_id)


def portal(*, customer: str, back_to: str, switch: str = "") -> str:
    """Return the address of the Customer Portal; with ``switch``, straight at changing that subscription.

    Raises payments.Gone that names the customer or the subscription.
    """
    params: dict[str, Any] = {"customer": customer, "return_url": back_to}
    if switch:
        params["flow_data"] = {"type": "subscription_update", "subscription_update": {"subscription": switch}}
    with errors():
        return client().v1.billing_portal.sessions.create(params=params).url  # type: ignore[arg-type]  # as above


def customer_facts(customer: str) -> CustomerFacts:
    """Return payment method, address and the newest invoices of a customer."""
    with errors("customer"):
        stripe = client()
        found = stripe.v1.customers.retrieve(
            customer, params={"expand": ["invoice_settings.default_payment_method"]}
        ).to_dict()
        if found.get("deleted"):  # asked for by its id, a deleted customer is shown as a stub
            raise Gone(f"customer {customer} was deleted", what="customer")
        newest = stripe.v1.invoices.list(params={"customer": customer, "limit": 12}).data
        methods = stripe.v1.customers.payment_methods.list(customer, params={"type": "card", "limit": 1}).data
    default = (found.get("invoice_settings") or {}).get("default_payment_method") or {}
    card = default.get("card") or (methods[0].to_dict().get("card") if methods else None) or {}
    address = found.get("address") or {}
    parts = ("line1", "line2", "postal_code", "city", "state", "country")
    return CustomerFacts(
        card_brand=card.get("brand") or "",
        card_last4=card.get("last4") or "",
        address=[address[part] for part in parts if address.get(part)],
        invoices=[objects.listed_invoice(row) for row in newest],
    )
