"""A document of the editor: a log of operations, and which of them is shown."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from image2.lib.ids import new_id
from image2.lib.owned import TrashableQuerySet


class DocumentQuerySet(TrashableQuerySet["Document"]):
    owner_path = "owner"


class Document(models.Model):
    """One document. `head` is the operation that is shown; `seq` counts every operation that was ever taken."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=120)
    # As it was opened and as it is now, for the list; the log is what counts.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # The picture or upload that it was opened from ("picture:…", "upload:…"), which may be gone by now.
    source = models.CharField(max_length=60, blank=True)
    # The document whose picture it began with, all layers in one; None also when that one is gone.
    flattened_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="flattened_into"
    )
    # Whether a model made any of its pixels: then what is made from it says so.
    made_with_ai = models.BooleanField(default=False)
    head = models.UUIDField(null=True, blank=True)
    seq = models.PositiveIntegerField(default=0)
    # The last operation that the server made pixels of, and the first that it could not, with the sentence why.
    replayed_seq = models.PositiveIntegerField(default=0)
    good_head = models.UUIDField(null=True, blank=True)
    stopped_at = models.UUIDField(null=True, blank=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[DocumentQuerySet] = DocumentQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [
            models.Index(
                fields=["owner", "-updated_at", "-id"],
                condition=Q(deleted_at__isnull=True),
                name="document_newest",
            ),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="document_trash"),
            models.Index(fields=["owner", "source"], condition=~Q(source=""), name="document_source"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("editor:document", args=[self.pk])

    @property
    def key(self) -> str:
        """The id as text, for ids of elements on a page."""
        return str(self.pk)
