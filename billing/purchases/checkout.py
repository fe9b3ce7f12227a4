"""Checkout: one order for one visit to Stripe's page. Nothing is granted here, only when a payment arrives."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.urls import reverse

from accounts.models import User
from billing import stripe_gateway
from billing.models import Customer, Order, Subscription
from billing.payments import Gone, NotConfigured, Refused
from billing.plans import current as current_plans
from billing.plans import definitions
from billing.plans.definitions import Offer
from billing.purchases import customers, mirrors, open_checkouts
from billing.purchases.customers import customer_of

__all__ = ["NothingToManage", "buy", "customer_of", "manage"]

log = structlog.get_logger(__name__)

# In these states the portal can change the plan; in the others it first has to be paid or resumed.
_SWITCHABLE = ("active", "trialing", "past_due")


class NothingToManage(Exception):
    """There is nothing at Stripe to look at: the person never bought anything, or Stripe has it no more."""


def buy(*, user: User, lookup_key: str) -> str:
    """Return the address at Stripe where this offer is paid.

    Somebody who has a plan already is led to changing it instead: two plans at once would be paid twice. Older visits
    of the person can't be paid any more. Raises plans.UnknownOffer, visits.AlreadyPaid, payments.NotConfigured,
    payments.Unavailable and payments.Refused.
    """
    offer = definitions.offer(lookup_key)
    if not stripe_gateway.is_configured():
        raise NotConfigured
    open_checkouts.take_in_paid(user=user, lookup_key=lookup_key)
    if not offer.is_pack and (current := _plan_at_stripe(user)) is not None:
        return manage(user=user, switch=current.stripe_id if current.status in _SWITCHABLE else "")
    price = stripe_gateway.prices([lookup_key]).get(lookup_key)
    if price is None:
        raise Refused(f"Stripe has no price called {lookup_key}; run “manage.py stripe sync”")
    return customers.with_customer(user, lambda customer: _open(user, offer, price.id, customer))


def manage(*, user: User, switch: str = "") -> str:
    """Return the address of the Customer Portal. Raises NothingToManage and the errors of payments."""
    if not stripe_gateway.is_configured():
        raise NotConfigured
    known = Customer.objects.visible_to(user).current().first()
    if known is None:
        raise NothingToManage
    back_to = f"{settings.SITE_URL}{reverse('billing:overview')}"
    try:
        return stripe_gateway.portal(customer=known.stripe_id, back_to=back_to, switch=switch)
    except Gone as gone:
        if gone.what == "customer":
            customers.retire(known.stripe_id)
            raise NothingToManage from gone
        if gone.what != "subscription":
            raise
    mirrors.subscription_again(switch)
    return stripe_gateway.portal(customer=known.stripe_id, back_to=back_to)


def _plan_at_stripe(user: User) -> Subscription | None:
    """Return the person's live plan as Stripe has it now: the event of one that was just paid may be on the way."""
    for customer in Customer.objects.visible_to(user).current():
        mirrors.refresh_of(customer.stripe_id)
    return current_plans.live_plan_of(user)


def _open(user: User, offer: Offer, price: str, customer: str) -> str:
    """Make the one visit of this customer that can be paid."""
    order = Order.objects.create(user=user, lookup_key=offer.lookup_key)
    try:
        session = stripe_gateway.checkout(
            order_id=str(order.pk),
            customer=customer,
            price=price,
            mode="payment" if offer.is_pack else "subscription",
            metadata={"order": str(order.pk), "user": str(user.pk), "offer": offer.lookup_key},
            success=f"{settings.SITE_URL}{reverse('billing:thanks')}",
            cancel=f"{settings.SITE_URL}{reverse('billing:pricing')}?cancelled=1",
        )
    except Refused:
        Order.objects.filter(pk=order.pk).update(state=Order.State.ENDED)
        raise
    Order.objects.filter(pk=order.pk).update(session_id=session.id)
    open_checkouts.expire_older(customer=customer, order=order)
    if not offer.is_pack and _plan_at_stripe(user) is not None:
        # The older visit was paid at this very moment, so this one would be for a second plan.
        open_checkouts.expire(session.id)
        raise open_checkouts.AlreadyPaid
    log.info("checkout.begun", order=str(order.pk), offer=offer.lookup_key)
    return session.url
