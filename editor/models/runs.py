"""Work that a worker does for a document: the table is the queue, a message only says that something waits."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from editor.models.assets import Asset
from editor.models.documents import Document
from editor.models.generations import Generation
from image2.lib.ids import new_id
from image2.lib.leases import Leased


class Run(Leased):
    """One piece of work on one document."""

    class Kind(models.TextChoices):
        REPLAY = "replay"  # snapshots and the thumbnail follow the head
        CHECK = "check"  # a browser's digest is compared with ours
        EXPORT = "export"  # a picture is made, or a file
        FLATTEN = "flatten"  # a new document is made of the picture
        GENERATE = "generate"  # what a model sees is drawn, and its job submitted

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    LIVE = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    operation = models.UUIDField()
    format = models.CharField(max_length=10, blank=True)
    # Of "generate": the order that it is part of.
    generation = models.ForeignKey(
        Generation, null=True, blank=True, on_delete=models.CASCADE, related_name="runs"
    )
    claimed_digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    sentence = models.CharField(max_length=200, blank=True)
    # What came of it: a picture of the history, a new document, or a file to download.
    picture = models.UUIDField(null=True, blank=True)
    made = models.UUIDField(null=True, blank=True)
    file = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # A replay waits a little, so that a document that is being drawn in is not replayed at every stroke.
    not_before = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document"], condition=Q(kind="replay", state="queued"), name="one_replay_waits"
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="run_leased_only_while_running",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="run_queued"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="run_running"),
            models.Index(fields=["finished_at"], name="run_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.document_id}"
