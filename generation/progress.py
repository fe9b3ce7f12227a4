"""What a watcher of a job is told: the row of its progress, and one JSON event of it, the same wherever it is shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F
from django.urls import reverse

from generation import failures, queueing
from generation.engine.contract import Progress
from generation.models import Job, JobPreview, JobProgress
from image2.lib import pubsub


def channel(owner_id: object) -> str:
    """The name under which this person's events are published."""
    return f"jobs:{owner_id}"


def event(job: Job) -> dict[str, Any]:
    """Return what a job's card shows, as JSON. ``job`` comes with its ``progress``."""
    progress = job.progress
    estimate = queueing.estimate(job)
    place = queueing.place(job)
    # What the next job in the queue waits for, when it is not for another job.
    is_loading = place == 1 and queueing.is_loading(job.lane)
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


def announce(job_id: UUID) -> None:
    """Publish the job's present state, where a broker is there; else the poller of each web process finds it."""
    if not pubsub.configured():
        return
    job = Job.objects.select_related("progress").filter(pk=job_id).first()
    if job is not None:
        pubsub.publish(channel(job.owner_id), event(job))


def change(job_id: UUID, **changes: object) -> None:
    """Write a change of the progress row and tell whoever watches."""
    JobProgress.touch(job_id, **changes)
    announce(job_id)


def tell(job_id: UUID, step: Progress) -> None:
    """Write where the engine stands, with its newest preview if it made one."""
    if step.preview is not None:
        made = JobPreview.objects.filter(job_id=job_id, index=step.picture)
        if not made.update(image=step.preview, number=F("number") + 1):
            JobPreview.objects.create(job_id=job_id, index=step.picture, image=step.preview)
    change(job_id, stage=step.stage, step=step.step, of=step.of, picture=step.picture)


def close(job_id: UUID) -> None:
    """Tell watchers that an attempt is over. Its previews stay for a while: a browser may just be asking for one."""
    change(job_id, stage="", step=0, of=0, picture=0)


def _previews(job: Job) -> list[str | None]:
    """One address a picture, newest preview of each; None where there is none yet."""
    addresses: list[str | None] = [None] * job.count
    if job.state == Job.State.RUNNING:
        for index, number in job.previews.values_list("index", "number"):
            addresses[index] = reverse("generation:preview", args=[job.id, index, number])
    return addresses
