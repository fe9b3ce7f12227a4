"""Models of the catalogue that staff switched off while the site runs; the file alone switches one on."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ModelSwitch(models.Model):
    """A row means: off. Who did it and why is in the audit log."""

    model = models.CharField(primary_key=True, max_length=60)
    switched_off_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")

    def __str__(self) -> str:
        return self.model
