"""What is stored for a document: its own copies of pictures, tiles of snapshots, and its thumbnail."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from editor.models.documents import Document


class Asset(models.Model):
    """One stored object of one document, found by what it holds. It is never shared with another document."""

    class Role(models.TextChoices):
        PICTURE = "picture"  # a PNG that operations name
        MASK = "mask"  # of an order's results; it becomes a picture when one of them is used
        TILES = "tiles"  # tiles of snapshots, one after the other
        THUMBNAIL = "thumbnail"
        FILE = "file"  # made to be downloaded: a project, a Photoshop file; it goes after a day

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="assets")
    sha256 = models.CharField(max_length=64)
    role = models.CharField(max_length=10, choices=Role.choices)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "role", "sha256"], name="asset_once")]

    def __str__(self) -> str:
        return self.key
