"""Holds: credits set aside for submitted work, until they are captured or released."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import Account
from billing.models.grants import Grant
from image2.lib.owned import OwnedQuerySet


class HoldQuerySet(OwnedQuerySet["Hold"]):
    owner_path = "account__user"

    def open(self) -> HoldQuerySet:
        return self.filter(state=Hold.State.OPEN)


class Hold(models.Model):
    """Credits held under an opaque reference (billing knows no Job). Ended once; an ended hold never changes."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CAPTURED = "captured", _("captured")
        RELEASED = "released", _("released")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    ref = models.CharField(_("reference"), max_length=200, unique=True)
    amount = models.BigIntegerField(_("amount"))
    captured = models.BigIntegerField(_("captured"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[HoldQuerySet] = HoldQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="hold_amount_positive"),
            models.CheckConstraint(
                condition=Q(
                    state="captured", captured__gt=0, captured__lte=F("amount"), ended_at__isnull=False
                )
                | Q(state="released", captured=0, ended_at__isnull=False)
                | Q(state="open", captured=0, ended_at__isnull=True),
                name="hold_state_and_captured_agree",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="open"), name="hold_open"),
            models.Index(fields=["account", "-id"], name="hold_newest"),
            models.Index(fields=["ended_at", "captured"], condition=Q(state="captured"), name="hold_spent"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} ({self.amount}, {self.state})"


class HoldPart(models.Model):
    """How much of a hold was taken from which lot; by id in the order in which the lots are spent."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="parts")
    lot = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="hold_parts")
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="hold_part_positive"),
            models.UniqueConstraint(fields=["hold", "lot"], name="hold_part_once_per_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of lot {self.lot_id}"
