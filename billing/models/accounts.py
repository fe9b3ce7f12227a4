"""A person's account: a cache of the journal that can never show less than zero, and what freezes it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from image2.lib.owned import OwnedQuerySet


class Account(models.Model):
    """What one person has, in credits. Written by the ledger alone; every number follows from the entries.

    The owner becomes null when a person is erased; the account stays without a name, since bookkeeping needs it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="credit_account"
    )
    available = models.BigIntegerField(_("available"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    debt = models.BigIntegerField(_("debt"), default=0)
    # How many open freezes there are: one dispute may end while another continues.
    frozen = models.PositiveSmallIntegerField(_("open freezes"), default=0)
    # The number of the last line written; lines are numbered without a gap, so that a missing one shows.
    lines = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[OwnedQuerySet[Account]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("credit account")
        verbose_name_plural = _("credit accounts")
        constraints = [
            models.CheckConstraint(condition=Q(available__gte=0), name="account_available_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="account_held_not_negative"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="account_debt_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.user or _('an erased person')} ({self.available})"


class FreezeQuerySet(OwnedQuerySet["Freeze"]):
    owner_path = "account__user"


class Freeze(models.Model):
    """A reason for which nothing may be spent, such as a disputed payment; open until it is lifted."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="freezes")
    ref = models.CharField(max_length=200, unique=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="freezes_made",
    )
    frozen_at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[FreezeQuerySet] = FreezeQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("freeze")
        verbose_name_plural = _("freezes")
        indexes = [models.Index(fields=["account"], condition=Q(lifted_at__isnull=True), name="freeze_open")]

    def __str__(self) -> str:
        return self.ref
