"""The browsers that a person has signed in with."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from image2.lib.owned import OwnedQuerySet


class KnownBrowser(models.Model):
    """One browser that one person signed in with. Written by ``accounts.sign_in.known_browsers`` only."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_browsers"
    )
    # Of the random token in the browser's cookie.
    token_hash = models.CharField(max_length=64, editable=False)
    label = models.CharField(max_length=80)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[OwnedQuerySet[KnownBrowser]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token_hash"], name="browser_known_once")]
        indexes = [
            models.Index(fields=["token_hash"], name="browser_by_token"),
            models.Index(fields=["last_seen_at"], name="browser_age"),
        ]

    def __str__(self) -> str:
        return self.label
