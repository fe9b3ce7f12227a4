"""What is known of purchases: who is whom at Stripe, a mirror of subscriptions, orders, and the inbox of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> CustomerQuerySet:
        return self.filter(user=user) if user.is_authenticated else self.none()


class Customer(models.Model):
    """The link between a person and Stripe's customer; Stripe keeps address and cards."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="stripe_customer"
    )
    stripe_id = models.CharField(max_length=60, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[CustomerQuerySet] = CustomerQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")

    def __str__(self) -> str:
        return self.stripe_id


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, user: User) -> SubscriptionQuerySet:
        return self.filter(customer__user=user) if user.is_authenticated else self.none()

    def in_force(self) -> SubscriptionQuerySet:
        """Those whose plan holds now; an unpaid renewal keeps it while Stripe still tries (the grace)."""
        return self.filter(status__in=Subscription.IN_FORCE)


class Subscription(models.Model):
    """A mirror of Stripe's subscription, written only from what Stripe says when it is asked."""

    IN_FORCE = ("active", "trialing", "past_due")
    # A payment failed and can be mended: Stripe still tries (the grace), or has stopped trying and waits.
    UNPAID = ("past_due", "unpaid")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="subscriptions")
    stripe_id = models.CharField(max_length=60, unique=True)
    lookup_key = models.CharField(max_length=60)
    status = models.CharField(max_length=30)
    period_end = models.DateTimeField(null=True, blank=True)
    ends_at_period_end = models.BooleanField(default=False)
    # When Stripe was asked: an older answer never overwrites a newer one.
    asked_at = models.DateTimeField()

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")

    def __str__(self) -> str:
        return f"{self.lookup_key} {self.status}"


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: User) -> OrderQuerySet:
        return self.filter(user=user) if user.is_authenticated else self.none()


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

    objects: ClassVar[OrderQuerySet] = OrderQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

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
