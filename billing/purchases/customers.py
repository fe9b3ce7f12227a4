"""A person's customer at Stripe: created when there is none, and again when it was deleted at Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import structlog
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from billing import stripe_gateway
from billing.models import Customer
from billing.payments import Gone
from billing.purchases import mirrors

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


def customer_of(user: User) -> str:
    """Return the person's customer at Stripe, made when there is none; never two: the key of the call is theirs."""
    known = Customer.objects.visible_to(user).current().first()
    if known is not None:
        return known.stripe_id
    gone = Customer.objects.visible_to(user).count()
    made = stripe_gateway.create_customer(user_id=str(user.pk), number=gone, email=user.email, name=user.name)
    with transaction.atomic():
        return Customer.objects.get_or_create(user=user, gone_at=None, defaults={"stripe_id": made})[
            0
        ].stripe_id


def with_customer(user: User, call: Callable[[str], Answer]) -> Answer:
    """Make a call with the person's customer; when Stripe has lost it, once more with a new one."""
    known = customer_of(user)
    try:
        return call(known)
    except Gone as gone:
        if gone.what != "customer":
            raise
        retire(known)
        return call(customer_of(user))


def retire(stripe_id: str) -> None:
    """Take in that Stripe has no such customer any more, and ask again about what it had."""
    if Customer.objects.current().filter(stripe_id=stripe_id).update(gone_at=Now()):
        log.error("stripe.customer_gone", customer=stripe_id)
    mirrors.refresh_of(stripe_id)


def invoice_rows(user: User) -> Iterator[dict[str, Any]]:
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
