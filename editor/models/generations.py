"""What a person ordered from a model in a document, and which job of the site works on it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from editor.models.documents import Document
from generation.models import Job


class Generation(models.Model):
    """One order. Until a worker has drawn what the model sees there is no job; from then on the job's state counts."""

    class State(models.TextChoices):
        PREPARING = "preparing"
        SUBMITTED = "submitted"
        FAILED = "failed"  # before there was a job
        CANCELLED = "cancelled"  # before there was a job

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="generations")
    uid = models.UUIDField()  # made by the page, so that a press that is sent twice is one order
    operation = models.UUIDField()
    tool = models.CharField(max_length=20)
    model = models.CharField(max_length=60)
    # What else the page said, as `asking.Asked` reads it: words, variants, strength, box, canvas…
    asked = models.JSONField()
    price = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    sentence = models.CharField(max_length=300, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # What the worker found: the box that the model sees, and where a result stands [x, y, width, height].
    box = models.JSONField(null=True, blank=True)
    place = models.JSONField(null=True, blank=True)
    # The asset whose alpha is the mask of the results' layers; empty where they have none.
    mask = models.CharField(max_length=64, blank=True)
    # Which of the results were used, by their index.
    used = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    # When the person took it off the list; its words are gone then.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "uid"], name="generation_once")]
        indexes = [models.Index(fields=["finished_at"], name="generation_finished")]

    def __str__(self) -> str:
        return f"{self.tool} in {self.document_id}"

    @property
    def job_key(self) -> str:
        """The idempotency key of its job: one job, however often a worker comes to submit it."""
        return f"edit-{self.document_id.hex}-{self.uid.hex}"
