"""An upload, stored as an upright 8-bit sRGB PNG without metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from image2.lib.ids import new_id
from image2.lib.owned import TrashableQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class UploadQuerySet(TrashableQuerySet["Upload"]):
    owner_path = "owner"

    def owned_by(self, user: AbstractBaseUser | AnonymousUser) -> UploadQuerySet:
        """Return this person's uploads, without those that staff took down: no page and no file leads to them."""
        return super().owned_by(user).filter(taken_down_at__isnull=True)

    def pictures(self) -> UploadQuerySet:
        """Without masks: what a request may start from."""
        return self.filter(mask_box__isnull=True)

    def listed(self) -> UploadQuerySet:
        """What pages show: neither masks nor parts of documents, which belong to the request that names them."""
        return self.pictures().filter(is_listed=True)


class Upload(models.Model):
    """What ingest made of one file; its bytes are ``File`` rows (the master and its thumbnails)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # Of a mask, the rectangle [left, top, right, bottom] around what it marks; null for a picture.
    mask_box = models.JSONField(null=True, blank=True, editable=False)
    # False for masks and for what a document of the editor showed: they belong to one request.
    is_listed = models.BooleanField(default=True, db_default=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it was last used, or the last picture made from it was deleted: an unused upload's days count from then on.
    used_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # When staff made it unreachable (generation.pictures.take_downs).
    taken_down_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="upload_newest"),
            models.Index(fields=["used_at"], condition=Q(deleted_at__isnull=True), name="upload_unused"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="upload_deleted"),
            models.Index(
                fields=["taken_down_at"], condition=Q(taken_down_at__isnull=False), name="upload_taken_down"
            ),
        ]

    def __str__(self) -> str:
        return self.name
