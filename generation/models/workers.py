"""The worker processes that were seen alive."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

# A worker that has been silent for longer is taken for dead.
SILENCE = timedelta(seconds=60)


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> WorkerQuerySet:
        return self.filter(heartbeat_at__gt=Now() - SILENCE)

    def loaded(self) -> WorkerQuerySet:
        """The ones that could draw now; the others take jobs too, but the first of them waits for the model."""
        return self.filter(is_loading=False)


class Worker(models.Model):
    """One worker process of one lane; ``/readyz`` and the operator read its heartbeat here."""

    name = models.CharField(primary_key=True, max_length=120)
    lane = models.CharField(max_length=30)
    device = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    is_loading = models.BooleanField(default=False, db_default=False)
    # By model: {"state": "loaded", "memory_mb": 812, "lacks": ["adapter:sketch"], "error": "…"}, as
    # `worker.reporting` writes it.
    models = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))

    objects: ClassVar[WorkerQuerySet] = WorkerQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        indexes = [models.Index(fields=["lane", "heartbeat_at"], name="worker_alive")]

    def __str__(self) -> str:
        return self.name

    @property
    def held(self) -> list[str]:
        """The catalogue's names of the models in its memory."""
        return sorted(name for name, facts in self.models.items() if facts.get("state") == "loaded")

    @property
    def is_alive(self) -> bool:
        return self.heartbeat_at > timezone.now() - SILENCE
