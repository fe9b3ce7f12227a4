"""The tables of inbound mail: which mails were taken, and who reads the mailbox now."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from image2.lib.leases import Leased


class InboundMail(models.Model):
    """A mail that was taken, as a hash and nothing else: a second delivery or a killed poll finds it here."""

    digest = models.CharField(max_length=64, unique=True)
    taken_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("mail that was taken")
        indexes = [models.Index(fields=["taken_at"], name="inbound_taken")]

    def __str__(self) -> str:
        return self.digest[:12]


class Mailbox(Leased):
    """The one mailbox of support: a lease lets one worker at a time read it."""

    name = models.CharField(max_length=20, unique=True, default="support")
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mailbox of support")
        verbose_name_plural = _("mailboxes of support")

    def __str__(self) -> str:
        return self.name
