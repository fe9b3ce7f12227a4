"""A job's progress: its row, and the JSON event that every watcher of the job gets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from django.urls import reverse

from generation.engine.contract import Progress
from generation.jobs import estimates, failures
from generation.models import Job, JobPreview, JobProgress
from image2.lib import pubsub


def channel(owner_id: object) -> str:
    """Return the name of the channel on which this person's events are published."""
    return f"jobs:{owner_id}"


def event(job: Job) -> dict[str, Any]:
    """Return what a job's card shows, as JSON. ``job`` comes with its ``progress``."""
    progress = job.progress
    estimate = estimates.estimate(job)
    place = estimates.place(job)
    # The next job in the queue waits for the model, not for another job.
    is_loading = place == 1 and estimates.is_loading(job.lane)
    return {
        "id": str(job.id),
        "revision": progress.revision,
        "state": job.state,
        "stage": "loading" if is_loading else progress.stage,
        "step": progress.step,
        "of": progress.of,
        "picture": progress.picture,
        "count": job.count,
        "previews": _previews(job),
        "place": place,
        "eta": [estimate.low_seconds, estimate.high_seconds] if estimate else None,
        "sentence": failures.sentence_of(job),
    }


def publish(job_id: UUID) -> None:
    """Publish the job's current state if there is a broker; otherwise the poller of each web process finds it."""
    if not pubsub.configured():
        return
    job = Job.objects.select_related("progress").filter(pk=job_id).first()
    if job is not None:
        pubsub.publish(channel(job.owner_id), event(job))


def change(job_id: UUID, **changes: object) -> None:
    """Update the progress row and publish it to watchers."""
    JobProgress.touch(job_id, **changes)
    publish(job_id)


def report(job_id: UUID, step: Progress) -> None:
    """Store and publish a step of the engine, with its newest preview if it made one."""
    if step.preview is not None:
        made = JobPreview.objects.filter(job_id=job_id, index=step.picture)
        if not made.update(image=step.preview, number=F("number") + 1):
            JobPreview.objects.create(job_id=job_id, index=step.picture, image=step.preview)
    change(job_id, stage=step.stage, step=step.step, of=step.of, picture=step.picture)


def close(job_id: UUID) -> None:
    """Clear the stage after an attempt. Its previews stay for a while: a browser may be about to fetch one."""
    change(job_id, stage="", step=0, of=0, picture=0)


def _previews(job: Job) -> list[str | None]:
    """Return the URL of the newest preview of each picture; None where there is none yet."""
    addresses: list[str | None] = [None] * job.count
    if job.state == Job.State.RUNNING:
        for index, number in job.previews.values_list("index", "number"):
            addresses[index] = reverse("generation:preview", args=[job.id, index, number])
    return addresses
