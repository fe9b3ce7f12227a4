"""Which plan a person has now, and what it allows."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from billing import plans
from billing.models import Subscription
from billing.plans import Plan


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


def queued_jobs_of(plan: Plan) -> int:
    """Return how many jobs may wait at once."""
    return plan.queued_jobs or int(settings.QUEUED_JOBS_PER_PERSON)
