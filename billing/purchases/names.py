"""Whose purchase it is, and which lots came from it: the names that tie credits to Stripe's objects."""

from __future__ import annotations

from accounts.models import User
from billing.models import Customer, Grant
from billing.payments import Charge


class NotYet(Exception):
    """The purchase that this is about has not been taken in yet; its own event is still on the way."""


def pack_ref(payment: str) -> str:
    return f"stripe:{payment}"


def plan_ref(invoice: str, line: str) -> str:
    return f"stripe:{invoice}:{line}"


def lots_of(charge: Charge) -> list[Grant]:
    """Return the lots that were granted for this payment, oldest first."""
    if charge.payment_intent and (
        pack := Grant.objects.filter(source_ref=pack_ref(charge.payment_intent)).first()
    ):
        return [pack]
    if charge.invoice:
        return list(Grant.objects.filter(source_ref__startswith=plan_ref(charge.invoice, "")).order_by("pk"))
    return []


def owner_of(customer: str) -> User | None:
    """Return the person behind one of Stripe's customers; None when they are erased. Raises NotYet when unknown."""
    known = Customer.objects.select_related("user").filter(stripe_id=customer).first()
    if known is None:
        raise NotYet(f"customer {customer} is not known")
    return known.user
