"""People who delete their accounts: their plans aren't renewed, then end, and their customers at Stripe are deleted."""

from __future__ import annotations

from enum import StrEnum

import structlog
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.models import User
from billing import stripe_gateway
from billing.models import Customer, Order, Subscription
from billing.payments import Gone, NotConfigured, Refused, Unavailable
from billing.purchases import mirrors, open_checkouts

log = structlog.get_logger(__name__)


class AtStripe(StrEnum):
    """What became of a person's customers; the strictest answer where there are several."""

    NONE = ""  # there was none
    DELETED = "deleted"
    OPEN = "open"  # a bill waits for its payment, so the customer stays until then
    WAITING = "waiting"  # Stripe doesn't answer, or refuses; the beat tries again


def plans_of(user: User) -> list[Subscription]:
    """Return the plans that charge, or can charge again."""
    return list(Subscription.objects.visible_to(user).live().order_by("pk"))


def stop_renewing(user: User) -> None:
    """See to it that nothing is charged any more; paid plans last until their period ends.

    So somebody who comes back in time still has what they paid for. A plan whose payment failed ends at once, since
    Stripe would go on trying the card; visits to the checkout that are open can't be paid any more. May be repeated.
    Raises Unavailable, Refused and NotConfigured.
    """
    visits = Order.objects.visible_to(user).filter(state=Order.State.OPEN).exclude(session_id="")
    for session_id in list(visits.values_list("session_id", flat=True)[:100]):
        open_checkouts.expire(session_id)
    for plan in plans_of(user):
        if plan.status in ("active", "trialing"):
            if plan.ends_at_period_end:
                continue
            try:
                stripe_gateway.stop_renewal(plan.stripe_id)
            except Gone:
                log.info("stripe.plan_had_ended", subscription=plan.stripe_id)
        else:
            stripe_gateway.cancel(plan.stripe_id)
        mirrors.subscription_again(plan.stripe_id)


def erase(user: User) -> AtStripe:
    """End the plans of this person now and delete their customers; what can't be done now, the beat does."""
    found = Customer.objects.visible_to(user).current()
    answers = [_delete(customer) for customer in found.order_by("pk")]
    worst = (AtStripe.WAITING, AtStripe.OPEN, AtStripe.DELETED)
    return next((answer for answer in worst if answer in answers), AtStripe.NONE)


def delete_of_erased(limit: int = 100) -> None:
    """Delete the customers of people who are gone. Called by the beat."""
    if not stripe_gateway.is_configured():
        return
    for customer in ownerless().order_by("pk")[:limit]:
        _delete(customer)


def ownerless() -> QuerySet[Customer]:
    """Return the customers whose people were erased, and that Stripe still has."""
    return Customer.objects.current().filter(user=None)


def _delete(customer: Customer) -> AtStripe:
    """The row stays, since payments and refunds of its time name it."""
    try:
        for plan in Subscription.objects.filter(customer=customer, status__in=Subscription.LIVE):
            stripe_gateway.cancel(plan.stripe_id)
            mirrors.subscription_again(plan.stripe_id)
        if stripe_gateway.has_open_invoice(customer.stripe_id):
            return AtStripe.OPEN
        stripe_gateway.delete_customer(customer.stripe_id)
    except Gone:
        log.info("stripe.customer_was_gone", customer=customer.stripe_id)
    except (Unavailable, Refused, NotConfigured):
        log.exception("stripe.customer_not_deleted", customer=customer.stripe_id)
        return AtStripe.WAITING
    Customer.objects.filter(pk=customer.pk).update(gone_at=Now())
    log.info("stripe.customer_deleted", customer=customer.stripe_id)
    return AtStripe.DELETED
