"""Which plan a person has now, and what it allows."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F

from accounts.models import User
from billing import plans
from billing.models import Grant, Subscription
from billing.plans import Plan

# What somebody paid for or was handed; a refund that failed gives such credits again.
TRUSTED = (Grant.Source.PLAN, Grant.Source.PACK, Grant.Source.ADMIN, Grant.Source.REFUND)


def subscription_of(user: User) -> Subscription | None:
    """Return the subscription in force, the one that lasts longest when there are several."""
    return Subscription.objects.visible_to(user).in_force().order_by("-period_end", "-pk").first()


def plan_of(user: User) -> Plan:
    """Return the plan in force; without a subscription the free one."""
    current = subscription_of(user)
    if current is None:
        return plans.plan("free")
    try:
        return plans.offer(current.lookup_key).plan or plans.plan("free")
    except plans.UnknownOffer:
        return plans.plan("free")


def is_trusted(user: User) -> bool:
    """Whether the person bought something that was not given back, or has credits from the operator's own hand."""
    lots = Grant.objects.visible_to(user).filter(source__in=TRUSTED, refunded__lt=F("amount"))
    return lots.exists()


def queued_jobs_of(plan: Plan) -> int:
    """Return how many jobs may wait at once."""
    return plan.queued_jobs or int(settings.QUEUED_JOBS_PER_PERSON)
