"""What the beat does every few minutes: empties the trash, deletes from storage, forgets what is of no more use."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from generation.models import Job, JobPreview, Worker

FORGOTTEN_WORKERS = timedelta(days=1)


def tidy() -> None:
    """One turn; each part is small, idempotent and safe to be killed in."""
    Worker.objects.filter(heartbeat_at__lt=Now() - FORGOTTEN_WORKERS).delete()
    JobPreview.objects.exclude(job__state__in=Job.LIVE).delete()
