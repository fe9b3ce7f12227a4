"""Which plan a person has now, and what it allows."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db.models import F, UUIDField
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Grant, Subscription
from billing.plans import definitions
from billing.plans.definitions import Plan
from image2.lib.compiled_queries import CompiledQuery, Parameter

# What somebody paid for or was handed; a refund that failed gives such credits again.
TRUSTED = (Grant.Source.PLAN, Grant.Source.PACK, Grant.Source.ADMIN, Grant.Source.REFUND)

_PERSON: Final[Any] = Parameter("person", UUIDField())
_IN_FORCE: Final = CompiledQuery(
    lambda: Subscription.objects.visible_to(_PERSON).in_force().order_by("-period_end", "-pk")
)


def subscription_of(user: User) -> Subscription | None:
    """Return the subscription in force; of several the one with the most rights, then the one that lasts longest."""
    return max(_IN_FORCE.all(person=user.pk), key=lambda each: plan_in(each).weight, default=None)


def live_plan_of(user: User) -> Subscription | None:
    """Return a subscription that charges or can charge again, in force or not: beside it no other is sold."""
    return subscription_of(user) or Subscription.objects.visible_to(user).live().order_by("-pk").first()


def plan_of(user: User) -> Plan:
    """Return the plan in force; without a subscription the free one."""
    return plan_in(subscription_of(user))


def plan_in(subscription: Subscription | None) -> Plan:
    """Return what a subscription is for; without one, and for one that is not sold any more, the free plan."""
    if subscription is None:
        return definitions.plan("free")
    try:
        return definitions.offer(subscription.lookup_key).plan or definitions.plan("free")
    except definitions.UnknownOffer:
        return definitions.plan("free")


def is_trusted(user: User) -> bool:
    """Return whether the person has a purchase that wasn't refunded, or got credits from the operator."""
    lots = Grant.objects.visible_to(user).filter(source__in=TRUSTED, refunded__lt=F("amount"))
    return lots.exists()


def queued_jobs_of(plan: Plan) -> int:
    """Return how many jobs may wait at once."""
    return plan.queued_jobs or int(settings.QUEUED_JOBS_PER_PERSON)


def storage_of(plan: Plan) -> int:
    """Return how many bytes a person may keep of files they upload."""
    return (plan.storage_mb or int(settings.STORAGE_MB_PER_PERSON)) * 2**20


def name_of(plan: Subscription) -> str:
    """Return what the plan of a subscription is called on pages."""
    try:
        return definitions.offer(plan.lookup_key).name
    except definitions.UnknownOffer:
        return _("Former plan")
