"""The journal: every change of credits as a transaction whose entries sum to zero; nothing in it is ever changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.accounts import Account
from billing.models.grants import Grant
from image2.lib.owned import OwnedQuerySet


class TransactionQuerySet(OwnedQuerySet["Transaction"]):
    owner_path = "account__user"


class Transaction(models.Model):
    """One line of a person's account, numbered without gaps, with what the account showed after it."""

    class Kind(models.TextChoices):
        GRANT = "grant", _("granted")
        HOLD = "hold", _("reserved")
        CAPTURE = "capture", _("charged")
        RELEASE = "release", _("returned")
        EXPIRE = "expire", _("expired")
        REFUND = "refund", _("refunded")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="transactions")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    ref = models.CharField(_("reference"), max_length=200)
    idempotency_key = models.CharField(max_length=220, unique=True)
    # A hash of the request, so that a different request under the same key is refused.
    request_hash = models.CharField(max_length=64)
    available_after = models.BigIntegerField()
    held_after = models.BigIntegerField()
    debt_after = models.BigIntegerField()
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="ledger_lines_written",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[TransactionQuerySet] = TransactionQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="line_number_once"),
            models.CheckConstraint(
                condition=Q(available_after__gte=0, held_after__gte=0, debt_after__gte=0),
                name="line_never_below_zero",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "created_at"], name="line_by_month"),
            models.Index(fields=["created_at"], condition=Q(kind="refund"), name="line_refunded"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Book(models.TextChoices):
    """The ledger's accounts: where a credit can be."""

    ISSUANCE = "issuance", _("issuance")
    AVAILABLE = "available", _("available")
    HELD = "held", _("held")
    CONSUMED = "consumed", _("consumed")
    EXPIRED = "expired", _("expired")
    REFUNDED = "refunded", _("refunded")
    DEBT = "debt", _("debt")


class EntryQuerySet(OwnedQuerySet["Entry"]):
    owner_path = "transaction__account__user"


class Entry(models.Model):
    """So many credits of one lot into (above zero) or out of (below zero) one of the ledger's accounts."""

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="entries")
    ledger_account = models.CharField(max_length=10, choices=Book.choices)
    lot = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="entries")
    delta = models.BigIntegerField()

    objects: ClassVar[EntryQuerySet] = EntryQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.CheckConstraint(condition=~Q(delta=0), name="entry_moves_something"),
            models.CheckConstraint(condition=Q(ledger_account__in=Book.values), name="entry_known_account"),
            models.UniqueConstraint(
                fields=["transaction", "lot", "ledger_account"], name="entry_once_per_lot_and_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger_account} {self.delta:+d}"
