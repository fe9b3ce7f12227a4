"""A picture a person brought: kept as an upright 8-bit sRGB PNG without metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from image2.lib.ids import new_id

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: User | AnonymousUser) -> UploadQuerySet:
        return self.filter(owner=user, deleted_at__isnull=True) if user.is_authenticated else self.none()


class Upload(models.Model):
    """What ingest made of one file; its bytes are ``File`` rows (roles ``master`` and ``original``)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [models.Index(fields=["owner", "-created_at", "-id"], name="upload_newest")]

    def __str__(self) -> str:
        return self.name
