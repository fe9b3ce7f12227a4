"""What the beat does every few minutes: empties the trash, deletes from storage, forgets what is of no more use."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from generation import sweeping, trash
from generation.models import JobPreview, Worker

FORGOTTEN_WORKERS = timedelta(days=1)
KEPT_PREVIEWS = timedelta(minutes=5)


def tidy() -> None:
    """One turn; each part is small, idempotent and safe to be killed in."""
    trash.purge_due(timezone.now())
    sweeping.delete_due()
    Worker.objects.filter(heartbeat_at__lt=Now() - FORGOTTEN_WORKERS).delete()
    JobPreview.objects.filter(job__finished_at__lt=Now() - KEPT_PREVIEWS).delete()
