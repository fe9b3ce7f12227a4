"""Lots of credits: each grant is a row, since each has its own source, order and expiry."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import Account
from image2.lib.owned import OwnedQuerySet


class GrantQuerySet(OwnedQuerySet["Grant"]):
    owner_path = "account__user"

    def spendable(self, now: Combinable) -> GrantQuerySet:
        """Lots with something left whose end has not come, also when no sweeper has looked at them yet."""
        return self.filter(remaining__gt=0).filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))

    def overdue(self, now: Combinable) -> GrantQuerySet:
        return self.filter(remaining__gt=0, expires_at__lte=now)

    def in_spending_order(self) -> GrantQuerySet:
        """By priority, soonest to expire first, lifetime last, then oldest."""
        return self.order_by("priority", F("expires_at").asc(nulls_last=True), "id")


class Grant(models.Model):
    """One lot. Its columns cache its entries; a constraint makes sure that they add up to the amount."""

    class Source(models.TextChoices):
        PLAN = "plan", _("plan")
        PACK = "pack", _("lifetime credits")
        WELCOME = "welcome", _("welcome credits")
        PROMO = "promo", _("promotion")
        REFUND = "refund", _("refund")
        ADMIN = "admin", _("given by the operator")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    # Names the purchase at its source (``stripe:in_…:il_…``): the same one can never be granted twice.
    source_ref = models.CharField(_("source reference"), max_length=200, unique=True)
    amount = models.BigIntegerField(_("amount"))
    remaining = models.BigIntegerField(_("remaining"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    consumed = models.BigIntegerField(_("consumed"), default=0)
    expired = models.BigIntegerField(_("expired"), default=0)
    refunded = models.BigIntegerField(_("refunded"), default=0)
    # Above zero: part of this lot paid an older debt. Below zero: refunded although it had been spent, so it is owed.
    debt = models.BigIntegerField(_("debt"), default=0)
    priority = models.SmallIntegerField(_("priority"), default=100)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[GrantQuerySet] = GrantQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("lot of credits")
        verbose_name_plural = _("lots of credits")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="grant_amount_positive"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, held__gte=0, consumed__gte=0, expired__gte=0, refunded__gte=0),
                name="grant_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount=F("remaining")
                    + F("held")
                    + F("consumed")
                    + F("expired")
                    + F("refunded")
                    + F("debt")
                ),
                name="grant_every_credit_is_somewhere",
            ),
            models.UniqueConstraint(
                fields=["account"], condition=Q(source="welcome"), name="grant_one_welcome"
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "priority", "expires_at", "id"],
                condition=Q(remaining__gt=0),
                name="grant_spendable",
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(remaining__gt=0, expires_at__isnull=False),
                name="grant_expiring",
            ),
            models.Index(fields=["account", "-id"], name="grant_newest"),
            models.Index(
                fields=["created_at", "amount"], condition=Q(source__in=("plan", "pack")), name="grant_sold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_ref} ({self.remaining}/{self.amount})"
