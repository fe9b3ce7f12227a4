"""What a watcher of a job is told: the row of its progress, and one JSON event of it, the same wherever it is shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from django.urls import reverse

from generation import failures, queueing
from generation.engine.contract import Progress
from generation.models import Job, JobProgress
from image2.lib import pubsub


def channel(owner_id: object) -> str:
    """The name under which this person's events are published."""
    return f"jobs:{owner_id}"


def event(job: Job) -> dict[str, Any]:
    """Return what a job's card shows, as JSON. ``job`` comes with its ``progress``."""
    progress = job.progress
    estimate = queueing.estimate(job)
    return {
        "id": str(job.id),
        "revision": progress.revision,
        "state": job.state,
        "stage": progress.stage,
        "step": progress.step,
        "of": progress.of,
        "picture": progress.picture,
        "count": job.count,
        "preview_url": _preview_url(job, progress),
        "place": queueing.place(job),
        "eta": [estimate.low_seconds, estimate.high_seconds] if estimate else None,
        "sentence": failures.sentence_of(job),
    }


def announce(job_id: UUID) -> None:
    """Publish the job's present state, where a broker is there; else the poller of each web process finds it."""
    if not pubsub.configured():
        return
    job = Job.objects.select_related("progress").defer("progress__preview").filter(pk=job_id).first()
    if job is not None:
        pubsub.publish(channel(job.owner_id), event(job))


def change(job_id: UUID, **changes: object) -> None:
    """Write a change of the progress row and tell whoever watches."""
    JobProgress.touch(job_id, **changes)
    announce(job_id)


def tell(job_id: UUID, step: Progress) -> None:
    """Write where the engine stands, with its newest preview if it made one."""
    changes: dict[str, object] = {"stage": step.stage, "step": step.step, "of": step.of, "picture": step.picture}
    if step.preview is not None:
        changes |= {"preview": step.preview, "previews_made": F("previews_made") + 1}
    change(job_id, **changes)


def _preview_url(job: Job, progress: JobProgress) -> str | None:
    if not (job.is_live and progress.previews_made):
        return None
    return reverse("generation:preview", args=[job.id, progress.previews_made])
