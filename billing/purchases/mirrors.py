"""Our copies of Stripe's subscriptions and disputes, compared with what Stripe has: events may have been missed."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from billing import stripe_gateway
from billing.models import Customer, Freeze, Subscription
from billing.payments import Gone, NotConfigured, SubscriptionFacts
from billing.purchases import fulfilment, reversal

log = structlog.get_logger(__name__)


def refresh() -> None:
    """Compare every subscription and every open dispute. Raises NotConfigured, Unavailable and Refused."""
    if not stripe_gateway.is_configured():
        raise NotConfigured
    there = list(stripe_gateway.subscriptions())
    ours = set(Customer.objects.values_list("stripe_id", flat=True))
    _take_in((facts for facts in there if facts.customer in ours), _live_ids())
    for ref in Freeze.objects.filter(lifted_at=None, ref__startswith="stripe:").values_list("ref", flat=True):
        dispute_again(ref.removeprefix("stripe:"))


def refresh_of(customer: str) -> None:
    """Compare the subscriptions of one customer with what Stripe says. Raises Unavailable and Refused."""
    try:
        there = list(stripe_gateway.subscriptions(customer=customer))
    except Gone:
        there = []
    _take_in(there, _live_ids(customer__stripe_id=customer))


def subscription_again(subscription_id: str) -> None:
    """Ask Stripe for one subscription; when it isn't there any more, its plan has ended."""
    try:
        fulfilment.subscription_changed(subscription_id)
    except Gone:
        fulfilment.subscription_gone(subscription_id)


def dispute_again(dispute_id: str) -> None:
    """Ask Stripe for one dispute; when it isn't there any more, it holds no credits back."""
    try:
        reversal.dispute_changed(dispute_id)
    except Gone:
        reversal.dispute_gone(dispute_id)


def _take_in(there: Iterable[SubscriptionFacts], here: set[str]) -> None:
    """Mirror what is live at Stripe and unknown here, and ask again for what is live here alone."""
    live = {facts.id: facts for facts in there if facts.status in Subscription.LIVE}
    for subscription_id in live.keys() ^ here:
        log.warning("stripe.subscription_missed", subscription=subscription_id)
        subscription_again(subscription_id)


def _live_ids(**of: str) -> set[str]:
    live = Subscription.objects.filter(status__in=Subscription.LIVE, **of)
    return set(live.values_list("stripe_id", flat=True))
