"""Two plans at once: what each costs, and what ending one brings back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.utils.translation import gettext as _

from billing.models import Subscription
from billing.payments import NotConfigured, Refused, Unavailable
from billing.plans import definitions
from billing.plans.current import name_of
from billing.purchases import ending
from billing.purchases.names import NotYet

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShown:
    """One of several plans; without an offer ``why_not`` says why it can't be ended now."""

    plan: Subscription
    name: str
    price: int
    currency: str
    interval: str
    offer: ending.Offer | None
    why_not: str


def shown(found: Sequence[Subscription]) -> Sequence[PlanShown]:
    """Say of each plan what it costs and what ending it brings; the page works while Stripe can't be asked."""
    return [_shown(plan) for plan in found]


def _shown(plan: Subscription) -> PlanShown:
    offered, why_not = None, ""
    try:
        offered = ending.offer(plan)
    except (NotConfigured, NotYet, Unavailable, Refused) as error:
        log.warning("billing.no_offer", subscription=plan.stripe_id, exc_info=True)
        why_not = why_not_now(error)
    try:
        sold = definitions.offer(plan.lookup_key)
    except definitions.UnknownOffer:
        return PlanShown(
            plan=plan, name=name_of(plan), price=0, currency="", interval="", offer=offered, why_not=why_not
        )
    return PlanShown(
        plan=plan,
        name=name_of(plan),
        price=sold.amount,
        currency=sold.currency,
        interval=sold.interval,
        offer=offered,
        why_not=why_not,
    )


def why_not_now(error: Exception) -> str:
    if isinstance(error, NotYet):
        return _("Its payment is still being processed. Try again in a minute.")
    if isinstance(error, Refused):
        return _("The payment service refused it. We've logged it and will look into it.")
    return _("The payment service doesn't answer. Try again in a minute.")
