"""What was paid is granted, once: packs from a paid session, plans from a paid invoice, however often it's reported."""

from __future__ import annotations

import structlog
from django.utils import timezone

from billing import ledger, stripe_gateway
from billing.models import Customer, Grant, Order, Subscription
from billing.payments import Session
from billing.plans import definitions
from billing.purchases import extra_plans, names

log = structlog.get_logger(__name__)

# Credits that end soonest are spent first anyway; plans go before packs also when both are for a lifetime.
PLAN_PRIORITY, PACK_PRIORITY = 50, 100


def session_changed(session_id: str) -> None:
    """Take in how a visit to the checkout ended."""
    take_in(session_id)


def take_in(session_id: str) -> Session:
    """Take in how a visit to the checkout stands, and return it as Stripe describes it."""
    session = stripe_gateway.session(session_id)
    is_paid = session.payment_status in stripe_gateway.PAID
    if is_paid and session.mode == "payment":
        user = names.owner_of(session.customer)
        for lookup_key in session.lookup_keys:
            offer = definitions.offer(lookup_key)
            if user is not None:
                ledger.grant(
                    user=user,
                    amount=offer.credits,
                    source=Grant.Source.PACK,
                    source_ref=names.pack_ref(session.payment_intent or session.id),
                    priority=PACK_PRIORITY,
                )
    if session.subscription:
        subscription_changed(session.subscription)
    state = (
        Order.State.PAID
        if is_paid
        else Order.State.ENDED
        if session.status == "expired"
        else Order.State.OPEN
    )
    Order.objects.filter(session_id=session.id).exclude(state=Order.State.PAID).update(state=state)
    return session


def session_gone(session_id: str) -> None:
    """Stripe has no such visit any more: nobody can pay there."""
    unpaid = Order.objects.filter(session_id=session_id).exclude(state=Order.State.PAID)
    unpaid.update(state=Order.State.ENDED)


def invoice_paid(invoice_id: str) -> None:
    """Grant a period's credits of a plan; they end with the period."""
    invoice = stripe_gateway.invoice(invoice_id)
    # A change in mid-period brings the new plan's rights at once and its credits with the next period: else switching
    # up and down would print credits.
    if invoice.status != "paid" or invoice.reason not in stripe_gateway.PERIOD_REASONS:
        return
    user = names.owner_of(invoice.customer)
    for line in invoice.lines:
        if user is None or line.is_proration or line.amount < 0:
            continue
        try:
            offer = definitions.offer(line.lookup_key)
        except definitions.UnknownOffer:
            log.error("stripe.unknown_offer", invoice=invoice.id, line=line.id, lookup_key=line.lookup_key)
            raise
        ledger.grant(
            user=user,
            amount=offer.credits * line.quantity,
            source=Grant.Source.PLAN,
            source_ref=names.plan_ref(invoice.id, line.id),
            expires_at=line.period_end,
            priority=PLAN_PRIORITY,
        )


def invoice_unpaid(invoice_id: str) -> None:
    """Take in that a renewal waits for its payment: the subscription says so, and the pages show it."""
    invoice = stripe_gateway.invoice(invoice_id)
    if invoice.subscription:
        subscription_changed(invoice.subscription)


def subscription_changed(subscription_id: str) -> None:
    """Mirror the subscription as Stripe describes it now; an answer that overtook a newer one is dropped."""
    asked_at = timezone.now()
    facts = stripe_gateway.subscription(subscription_id)
    customer = Customer.objects.select_related("user").filter(stripe_id=facts.customer).first()
    if customer is None:
        raise names.NotYet(f"customer {facts.customer} is not known")
    values = {
        "customer": customer,
        "lookup_key": facts.lookup_key,
        "status": facts.status,
        "period_end": facts.period_end,
        "ends_at_period_end": facts.ends_at_period_end,
        "asked_at": asked_at,
    }
    _, is_new = Subscription.objects.get_or_create(stripe_id=facts.id, defaults=values)
    if not is_new:
        Subscription.objects.filter(stripe_id=facts.id, asked_at__lt=asked_at).update(**values)
    if customer.user is not None:
        extra_plans.report(customer.user)


def subscription_gone(subscription_id: str) -> None:
    """Stripe has no such subscription any more: it charges nothing, and its plan has ended."""
    now = timezone.now()
    mirror = Subscription.objects.filter(stripe_id=subscription_id, asked_at__lt=now)
    if mirror.update(status=Subscription.ENDED, asked_at=now):
        log.error("stripe.subscription_gone", subscription=subscription_id)
