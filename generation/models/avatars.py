"""A person's own picture: two small squares, shown to nobody else."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from image2.lib.owned import OwnedQuerySet


class AvatarQuerySet(OwnedQuerySet["Avatar"]):
    owner_path = "owner"


class Avatar(models.Model):
    """One size of it, a WebP. Written by ``generation.avatars.choosing`` only."""

    # Pixels of a side: for the header on the densest screens, and for the settings.
    SIDES: ClassVar[tuple[int, ...]] = (96, 256)
    LARGEST: ClassVar = 256
    format = "webp"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="avatars")
    side = models.PositiveSmallIntegerField()
    # Of the sizes that were made together; ``User.avatar`` names it, and so do the addresses.
    version = models.CharField(max_length=12)
    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[AvatarQuerySet] = AvatarQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "side"], name="avatar_once_a_size")]

    def __str__(self) -> str:
        return self.key
