"""The worker processes that were seen alive."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Worker(models.Model):
    """One worker process of one lane; ``/readyz`` and the operator read its heartbeat here."""

    name = models.CharField(primary_key=True, max_length=120)
    lane = models.CharField(max_length=30)
    device = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["lane", "heartbeat_at"], name="worker_alive")]

    def __str__(self) -> str:
        return self.name
