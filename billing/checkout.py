"""Buying: one order for one visit to Stripe's page. Nothing is granted here; that is for what was really paid."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from billing import plans, standing, stripe_gateway
from billing.models import Customer, Order
from billing.payments import NotConfigured, Refused

log = structlog.get_logger(__name__)


class NothingToManage(Exception):
    """The person has never bought anything, so there is nothing at Stripe to look at."""


def buy(*, user: User, lookup_key: str) -> str:
    """Return the address at Stripe where this offer is paid.

    Somebody who has a plan already is led to changing it instead: two plans at once would be paid twice. Raises
    plans.UnknownOffer, payments.NotConfigured, payments.Unavailable and payments.Refused.
    """
    offer = plans.offer(lookup_key)
    current = standing.subscription_of(user)
    if not offer.is_pack and current is not None:
        return manage(user=user, switch=current.stripe_id)
    price = stripe_gateway.prices([lookup_key]).get(lookup_key)
    if price is None:
        raise Refused(f"Stripe has no price called {lookup_key}; run “manage.py stripe sync”")
    order = Order.objects.create(user=user, lookup_key=lookup_key)
    session = stripe_gateway.checkout(
        order_id=str(order.pk),
        customer=customer_of(user),
        price=price.id,
        mode="payment" if offer.is_pack else "subscription",
        metadata={"order": str(order.pk), "user": str(user.pk), "offer": lookup_key},
        success=f"{settings.SITE_URL}{reverse('billing:thanks')}",
        cancel=f"{settings.SITE_URL}{reverse('billing:pricing')}?cancelled=1",
    )
    Order.objects.filter(pk=order.pk).update(session_id=session.id)
    log.info("checkout.begun", order=str(order.pk), offer=lookup_key)
    return session.url


def manage(*, user: User, switch: str = "") -> str:
    """Return the address of the Customer Portal. Raises NothingToManage and the errors of payments."""
    if not stripe_gateway.is_configured():
        raise NotConfigured
    known = Customer.objects.visible_to(user).first()
    if known is None:
        raise NothingToManage
    back_to = f"{settings.SITE_URL}{reverse('billing:overview')}"
    return stripe_gateway.portal(customer=known.stripe_id, back_to=back_to, switch=switch)


def customer_of(user: User) -> str:
    """Return the person's customer at Stripe, made when there is none; never two: the key of the call is theirs."""
    known = Customer.objects.visible_to(user).first()
    if known is not None:
        return known.stripe_id
    made = stripe_gateway.create_customer(user_id=str(user.pk), email=user.email, name=user.name)
    with transaction.atomic():
        return Customer.objects.get_or_create(user=user, defaults={"stripe_id": made})[0].stripe_id
