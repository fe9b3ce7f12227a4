"""All invoices of a person, asked for at Stripe, which keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from billing import stripe_gateway
from billing.models import Customer
from billing.payments import Gone


def rows(user: User) -> Iterator[dict[str, Any]]:
    """Yield the invoices of every customer that Stripe has of this person. Raises Unavailable and Refused."""
    if not stripe_gateway.is_configured():
        return
    for customer in Customer.objects.visible_to(user).order_by("created_at"):
        try:
            for invoice in stripe_gateway.invoices_of(customer.stripe_id):
                yield {
                    "number": invoice.number,
                    "issued_at": invoice.when,
                    "amount": invoice.amount,
                    "currency": invoice.currency,
                    "status": invoice.status,
                    "url": invoice.url,
                }
        except Gone:
            continue  # deleted at Stripe, with what it had
