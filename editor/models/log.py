"""The log of a document: operations, snapshots of what they made, and versions that have a name."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from editor.models.documents import Document


class Operation(models.Model):
    """One operation. Nothing is ever changed or taken out of a log: undo moves the document's head."""

    row = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="operations")
    uid = models.UUIDField()  # made by the client, so that the same operation may be sent twice
    parent = models.UUIDField(null=True, blank=True)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    engine = models.CharField(max_length=8)
    body = models.JSONField()
    blob = models.BinaryField(default=bytes, blank=True)
    # The layers after it, without pixels: of operations that change them. Others name the last one that did.
    outline = models.JSONField(null=True, blank=True)
    outlined_by = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "uid"], name="operation_once"),
            models.UniqueConstraint(fields=["document", "seq"], name="operation_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Snapshot(models.Model):
    """What the operations up to one of them made: a list of tiles, whose bytes are in assets. A cache."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="snapshots")
    operation = models.UUIDField()
    seq = models.PositiveIntegerField()
    manifest = models.JSONField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "operation"], name="snapshot_once")]

    def __str__(self) -> str:
        return f"{self.document_id} at {self.seq}"


class Version(models.Model):
    """An operation that a person gave a name, to find the way back to it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    operation = models.UUIDField()
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "name"], name="version_name_once")]

    def __str__(self) -> str:
        return self.name
