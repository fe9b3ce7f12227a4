"""What features are used: first-party, small, deleted after the time the policy states."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from image2.lib.owned import OwnedQuerySet


class UsageEvent(models.Model):
    """One use of one feature ("picture.submitted", with model, shape and size). Written by ``accounts.usage`` only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="usage_events")
    event = models.CharField(max_length=40)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[OwnedQuerySet[UsageEvent]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="usage_of_person"),
            models.Index(fields=["at"], name="usage_age"),
        ]

    def __str__(self) -> str:
        return self.event
