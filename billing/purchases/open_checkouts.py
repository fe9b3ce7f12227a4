"""Visits to Stripe's checkout page: a person has one that can be paid, the newest."""

from __future__ import annotations

import structlog

from accounts.models import User
from billing import stripe_gateway
from billing.models import Order
from billing.payments import Gone, Refused
from billing.purchases import fulfilment

log = structlog.get_logger(__name__)


class AlreadyPaid(Exception):
    """An earlier visit for the same offer has been paid; its event was still on the way."""


def take_in_paid(*, user: User, lookup_key: str) -> None:
    """Ask Stripe how the person's unfinished visits for this offer ended. Raises AlreadyPaid.

    A person who starts again because the page seemed to hang may have paid after all.
    """
    unfinished = Order.objects.filter(user=user, lookup_key=lookup_key, state=Order.State.OPEN)
    ids = unfinished.exclude(session_id="").values_list("session_id", flat=True)
    if [session_id for session_id in ids if _is_paid(session_id)]:
        raise AlreadyPaid


def expire_older(*, customer: str, order: Order) -> None:
    """End every visit of the customer from before this order that could still be paid.

    Stripe is asked, and not our table, since a process may have died before it wrote the visit down. Ids of orders are
    in the order of time, so of two visits opened at the same moment both calls keep the same one.
    """
    for session in stripe_gateway.open_sessions(customer):
        if "order" in session.metadata and session.metadata["order"] < str(order.pk):
            expire(session.id)


def expire(session_id: str) -> None:
    """End a visit; one that was paid, or ended, in the meantime is taken in as it is."""
    try:
        stripe_gateway.expire_session(session_id)
    except Refused:
        log.info("checkout.not_expired", session=session_id)
    _is_paid(session_id)


def expire_of_erased() -> None:
    """End the open visits of people who deleted their accounts: nobody would get what is paid there."""
    if not stripe_gateway.is_configured():
        return
    open_ones = Order.objects.filter(user=None, state=Order.State.OPEN).exclude(session_id="")
    for session_id in list(open_ones.values_list("session_id", flat=True)[:100]):
        expire(session_id)


def _is_paid(session_id: str) -> bool:
    try:
        return fulfilment.take_in(session_id).payment_status in stripe_gateway.PAID
    except Gone:
        fulfilment.session_gone(session_id)
        return False
