"""Ending one of two plans at once: it stops charging, its unused part is refunded, and its unused credits are removed.

What is unused is the smaller of two shares: the days that are left of the paid period (today counts as left), and the
credits that are left. So nobody gets money back for what was used, and nobody owes credits afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import structlog
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from billing import stripe_gateway
from billing.models import PlanEnding, Subscription
from billing.payments import Charge, NotConfigured, PeriodPayment, Refused, Unavailable
from billing.purchases import extra_plans, mirrors, names, reversal

log = structlog.get_logger(__name__)

DAY = timedelta(days=1)
OFFER_HOLDS = timedelta(hours=1)
TRIED_AGAIN_AFTER = timedelta(minutes=5)
_SALT = "billing.purchases.ending"


class NotOffered(Exception):
    """The person has no two plans of which this is one: nothing was ended."""


class OfferChanged(Exception):
    """What would go back is not what the page said any more; the person has to see it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The refund when a plan is ended now: money in the smallest unit, and credits to remove."""

    subscription: str
    charge: Charge | None
    money: int
    currency: str
    credits: int

    @property
    def token(self) -> str:
        """What the button carries, so that nobody gets less than the page said."""
        return signing.dumps(self._facts, salt=_SALT)

    def is_what(self, token: str) -> bool:
        try:
            return bool(signing.loads(token, salt=_SALT, max_age=OFFER_HOLDS) == self._facts)
        except signing.BadSignature:
            return False

    @property
    def _facts(self) -> list[object]:
        return [self.subscription, self.charge.id if self.charge else "", self.money, self.credits]


def offer(plan: Subscription) -> Offer:
    """Say what would go back. Raises purchases.NotYet while its payment is being taken in, and payments' errors."""
    paid = stripe_gateway.period_payment(plan.stripe_id)
    if paid is None:
        return Offer(subscription=plan.stripe_id, charge=None, money=0, currency="", credits=0)
    lots = names.lots_of(paid.charge)
    if not lots:
        raise names.NotYet(f"nothing was granted for {paid.charge.id}")
    unspent = min(Fraction(lot.remaining, lot.amount) for lot in lots)
    money = int(paid.charge.amount * min(_days_left(paid), unspent))
    money = 0 if paid.charge.disputed else min(money, paid.charge.amount - paid.charge.refunded)
    return Offer(
        subscription=plan.stripe_id,
        charge=paid.charge,
        money=money,
        currency=paid.charge.currency,
        credits=sum(reversal.credits_for(lot=lot, charge=paid.charge, money=money) for lot in lots),
    )


def end(*, user: User, subscription_id: str, token: str) -> PlanEnding:
    """End one of the person's plans, once. What Stripe can't do now is done as soon as it can.

    Raises NotOffered, OfferChanged, purchases.NotYet, and Unavailable or Refused when Stripe can't be asked.
    """
    begun = PlanEnding.objects.visible_to(user).filter(subscription__stripe_id=subscription_id).first()
    if begun is None:
        plan = next(
            (each for each in extra_plans.plans_at_once(user) if each.stripe_id == subscription_id), None
        )
        if plan is None:
            raise NotOffered
        offered = offer(plan)
        if not offered.is_what(token):
            raise OfferChanged
        begun = _begin(user, plan, offered)
    _finish(begun.pk)
    begun.refresh_from_db()
    return begun


def finish_waiting() -> None:
    """Go on with what was begun, and end the plans of people who deleted their accounts."""
    if not stripe_gateway.is_configured():
        return
    now = timezone.now()
    rested = Q(tried_at=None) | Q(tried_at__lt=now - TRIED_AGAIN_AFTER)
    for pk in list(
        PlanEnding.objects.unfinished().filter(rested).order_by("pk").values_list("pk", flat=True)
    ):
        _finish(pk)
    ownerless = Subscription.objects.live().filter(customer__user=None).values_list("stripe_id", flat=True)
    for subscription_id in list(ownerless[:100]):
        log.warning("billing.plan_of_a_deleted_account", subscription=subscription_id)
        try:
            stripe_gateway.cancel(subscription_id)
            mirrors.subscription_again(subscription_id)
        except (Unavailable, Refused):
            log.exception("billing.plan_not_ended", subscription=subscription_id)


@transaction.atomic
def _begin(user: User, plan: Subscription, offered: Offer) -> PlanEnding:
    """Write down what was promised, and take the credits before anybody can spend them."""
    User.objects.select_for_update().get(pk=user.pk)  # two plans ended in two tabs: the second one stays
    made = PlanEnding.objects.filter(subscription=plan).first()
    if made is not None:
        return made
    if plan not in extra_plans.plans_at_once(user):
        raise NotOffered
    if offered.charge is not None and offered.money:
        ref = reversal.ended_ref(plan.stripe_id)
        if reversal.take_back(charge=offered.charge, money=offered.money, ref=ref):
            raise OfferChanged  # some were spent while Stripe was asked; the transaction takes nothing back
    return PlanEnding.objects.create(
        subscription=plan,
        payment_intent=offered.charge.payment_intent if offered.charge else "",
        money=offered.money,
        currency=offered.currency,
        credits=offered.credits,
    )


def _finish(pk: int) -> None:
    """Do what is left: cancel, then refund. Each step can be repeated, and a crash between them loses nothing."""
    row = PlanEnding.objects.select_related("subscription").get(pk=pk)
    if row.finished_at is not None:
        return
    mine = PlanEnding.objects.filter(pk=pk)
    mine.update(tried_at=Now())
    subscription_id = row.subscription.stripe_id
    try:
        if row.cancelled_at is None:
            stripe_gateway.cancel(subscription_id)
            mine.update(cancelled_at=Now())
        if row.money and not row.refund_id:
            refund = stripe_gateway.refund_ended(
                subscription_id=subscription_id, payment_intent=row.payment_intent, amount=row.money
            )
            mine.update(refund_id=refund)
        mirrors.subscription_again(subscription_id)
    except (NotConfigured, Unavailable, Refused) as error:
        log.exception("billing.plan_not_ended", subscription=subscription_id)
        mine.update(error=f"{type(error).__name__}: {error}"[:2000])
        return
    mine.update(finished_at=Now(), error="")
    log.info("billing.plan_ended", subscription=subscription_id, money=row.money)


def _days_left(paid: PeriodPayment) -> Fraction:
    days = max(1, round((paid.ends - paid.begins) / DAY))
    left = -((timezone.now() - paid.ends) // DAY)  # rounded up: the day that has begun counts as left
    return Fraction(min(max(left, 0), days), days)
