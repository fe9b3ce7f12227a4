"""Purchases: customers at Stripe, a mirror of subscriptions, orders, and the inbox of events."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id
from image2.lib.owned import OwnedQuerySet


class CustomerQuerySet(OwnedQuerySet["Customer"]):
    def current(self) -> CustomerQuerySet:
        """Those that Stripe still has, as far as we know: at most one for each person."""
        return self.filter(gone_at__isnull=True)


class Customer(models.Model):
    """The link between a person and Stripe's customer; Stripe keeps address and cards.

    One that is gone at Stripe stays here, since payments of that time name it; the person then gets another.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="stripe_customers"
    )
    stripe_id = models.CharField(max_length=60, unique=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[CustomerQuerySet] = CustomerQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(gone_at__isnull=True), name="customer_one_current"
            )
        ]

    def __str__(self) -> str:
        return self.stripe_id


class SubscriptionQuerySet(OwnedQuerySet["Subscription"]):
    owner_path = "customer__user"

    def in_force(self) -> SubscriptionQuerySet:
        """Those whose plan holds now; an unpaid renewal keeps it while Stripe still tries (the grace)."""
        return self.filter(status__in=Subscription.IN_FORCE)

    def live(self) -> SubscriptionQuerySet:
        """Those that charge, or can charge again, and that nobody is ending."""
        return self.filter(status__in=Subscription.LIVE, ending__isnull=True)


class Subscription(models.Model):
    """A mirror of Stripe's subscription, written only from what Stripe says when it is asked."""

    IN_FORCE = ("active", "trialing", "past_due")
    # A payment failed and can be mended: Stripe still tries (the grace), or has stopped trying and waits.
    UNPAID = ("past_due", "unpaid")
    # Not ended: it charges now, or will once a payment or a pause is settled.
    LIVE = ("active", "trialing", "past_due", "unpaid", "paused")
    ENDED = "canceled"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    stripe_id = models.CharField(max_length=60, unique=True)
    lookup_key = models.CharField(max_length=60)
    status = models.CharField(max_length=30)
    period_end = models.DateTimeField(null=True, blank=True)
    ends_at_period_end = models.BooleanField(default=False)
    # When Stripe was asked: an older answer never overwrites a newer one.
    asked_at = models.DateTimeField()
    # When the operator was sent a mail about this one beside another.
    reported_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")

    def __str__(self) -> str:
        return f"{self.lookup_key} {self.status}"


class PlanEndingQuerySet(OwnedQuerySet["PlanEnding"]):
    owner_path = "subscription__customer__user"

    def unfinished(self) -> PlanEndingQuerySet:
        return self.filter(finished_at__isnull=True)


class PlanEnding(models.Model):
    """Somebody ended one of two plans at once: what was promised, and how far it is done (ending.py).

    Its credits were taken back in the transaction that made the row; cancelling and refunding are calls to Stripe that
    are repeated until both are done.
    """

    subscription = models.OneToOneField(Subscription, on_delete=models.PROTECT, related_name="ending")
    payment_intent = models.CharField(max_length=60, blank=True)
    money = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    credits = models.PositiveBigIntegerField(default=0)
    refund_id = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[PlanEndingQuerySet] = PlanEndingQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("plan ended at once")
        verbose_name_plural = _("plans ended at once")
        indexes = [
            models.Index(
                fields=["created_at"], condition=Q(finished_at__isnull=True), name="ending_unfinished"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.money} {self.currency}"


class Order(models.Model):
    """Somebody pressed "buy": one row for one visit to Stripe's page."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        PAID = "paid", _("paid")
        ENDED = "ended", _("ended without payment")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="credit_orders"
    )
    lookup_key = models.CharField(max_length=60)
    session_id = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[OwnedQuerySet[Order]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            models.UniqueConstraint(
                fields=["session_id"], condition=~Q(session_id=""), name="order_once_per_session"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lookup_key} {self.state}"


class StripeEvent(models.Model):
    """The inbox: which object an event is about, once per id; handled when ``handled_at`` is set."""

    stripe_id = models.CharField(max_length=60, unique=True)
    type = models.CharField(max_length=80)
    api_version = models.CharField(max_length=40, blank=True)
    body = models.JSONField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    handled_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        indexes = [
            models.Index(fields=["received_at"], condition=Q(handled_at__isnull=True), name="event_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_id}"
