"""The bytes of pictures and uploads: which object in storage holds them, and which objects wait to be deleted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from generation.models.pictures import Picture
from generation.models.uploads import Upload


class File(models.Model):
    """One stored object. The committed row is what publishes it; an object without a row is swept after a day."""

    PLAIN: ClassVar = "plain"

    class Role(models.TextChoices):
        MASTER = "master"
        THUMB_256 = "thumb256"
        THUMB_512 = "thumb512"
        THUMB_1024 = "thumb1024"
        DOWNLOAD = "download"
        # What stands where in a picture, as the model drew it (safetensors): for background removal and layers.
        FIELDS = "fields"

    picture = models.ForeignKey(
        Picture, null=True, blank=True, on_delete=models.CASCADE, related_name="files"
    )
    upload = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    role = models.CharField(max_length=12, choices=Role.choices)
    # What a download was made as ("jpeg-q92-recipe"), and PLAIN for the master of a picture; empty for everything else.
    # A picture's master without PLAIN is an old one that holds the recipe: masters.plain() rewrites it.
    variant = models.CharField(max_length=40, blank=True)
    format = models.CharField(max_length=12)
    key = models.CharField(max_length=200, unique=True)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(picture__isnull=False, upload__isnull=True)
                | Q(picture__isnull=True, upload__isnull=False),
                name="file_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["picture", "role", "variant", "format"],
                condition=Q(picture__isnull=False),
                name="file_once_per_picture",
            ),
            models.UniqueConstraint(
                fields=["upload", "role", "variant", "format"],
                condition=Q(upload__isnull=False),
                name="file_once_per_upload",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class StorageDeletion(models.Model):
    """An outbox: objects are deleted from storage by a task that reads this table, never inside a request."""

    key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="deletion_due")]

    def __str__(self) -> str:
        return self.key
