"""What a person agreed to and when: rows are added, never changed, so that we can show what was agreed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from image2.lib.owned import OwnedQuerySet


class PolicyAcceptance(models.Model):
    """A person accepted one version of the privacy policy. The version is privacy's name for it, opaque here."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="policy_acceptances"
    )
    version = models.CharField(max_length=20)
    accepted_at = models.DateTimeField(default=timezone.now, editable=False)
    # Truncated before it is stored: see accounts.sign_in.client_ip.
    ip = models.GenericIPAddressField(null=True, blank=True)

    objects: ClassVar[OwnedQuerySet[PolicyAcceptance]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="policy_accepted_once")]

    def __str__(self) -> str:
        return f"{self.user_id} accepted {self.version}"


class Consent(models.Model):
    """A person switched something on or off that needs their consent. The newest row of a kind is what holds."""

    class Kind(models.TextChoices):
        TRAINING = "training"
        # Only ever withdrawn: from what had been made while the one above was granted.
        TRAINING_MADE = "training_made"
        USAGE_DATA = "usage_data"
        # Only ever withdrawn: a browser sent Global Privacy Control before the person used the switch above.
        USAGE_SIGNAL = "usage_signal"
        # That we do more with the data than keep it and what the person asks for: withdrawn while it is restricted.
        PROCESSING = "processing"
        # Not a consent, but kept in the same way: the person said that they are old enough.
        AGE = "age"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    granted = models.BooleanField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    ip = models.GenericIPAddressField(null=True, blank=True)

    objects: ClassVar[OwnedQuerySet[Consent]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [models.Index(fields=["user", "kind", "-at"], name="consent_newest")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {'on' if self.granted else 'off'}"
