"""What the beat does every few minutes: purge the trash, delete from storage, delete what has expired."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from generation import fair_shares
from generation.files import sweeping
from generation.models import JobPreview, Worker
from generation.moderation import totals
from generation.pictures import request_deletion, results, take_downs, trash

FORGOTTEN_WORKERS = timedelta(days=1)
KEPT_PREVIEWS = timedelta(minutes=5)


def clean_up() -> None:
    """Run every part once; each is short, idempotent and may be killed anywhere."""
    trash.purge_due(timezone.now())
    results.expire(timezone.now())
    take_downs.send_notices()
    take_downs.delete_due(timezone.now())
    request_deletion.delete_due(timezone.now())
    sweeping.delete_due()
    fair_shares.forget_ended()
    totals.forget_old()
    Worker.objects.filter(heartbeat_at__lt=Now() - FORGOTTEN_WORKERS).delete()
    JobPreview.objects.filter(job__finished_at__lt=Now() - KEPT_PREVIEWS).delete()
