"""Ends a job: pictures published, credits captured, state written, all in one transaction behind the fence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts import preferences
from billing import ledger
from generation import storing
from generation.engine.contract import ProducedPicture
from generation.models import Job, Lineage, Picture, Upload
from generation.storing import StoredPicture


class Fenced(Exception):
    """The lease was lost: somebody else has the job, and nothing of ours may be published."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A picture that is drawn and stored, and that nobody can see before it is published."""

    produced: ProducedPicture
    stored: StoredPicture


def publish(
    job: Job,
    state: Job.State,
    finished: Sequence[Finished],
    *,
    source: Picture | Upload | None,
    error_code: str = "",
    gpu_seconds: float = 0,
    stage_seconds: dict[str, float] | None = None,
) -> list[Picture]:
    """End ``job`` in ``state`` with ``finished`` pictures, charging exactly for those. Raises Fenced.

    The price of a job is the price of one picture times their count, so a part of it is exact.
    """
    with transaction.atomic():
        # First, since it is the gate: after it no other worker can end this job, before it none of ours is visible.
        if not job.finish(
            state, error_code=error_code, gpu_seconds=gpu_seconds, stage_seconds=stage_seconds or {}
        ):
            raise Fenced
        pictures = [_insert(job, item, source) for item in finished]
        ledger.capture(ref=job.hold_ref, amount=job.price // job.count * len(pictures))
    return pictures


def discard(finished: Sequence[Finished]) -> None:
    """Have the stored objects of an attempt that publishes nothing deleted."""
    for item in finished:
        storing.discard(item.stored)


def _insert(job: Job, item: Finished, source: Picture | Upload | None) -> Picture:
    produced, request = item.produced, job.parsed_request
    picture = Picture.objects.create(
        owner_id=job.owner_id,
        job=job,
        index=produced.index,
        recipe=dict(produced.recipe),
        prompt=request.prompt,
        model=job.model,
        model_revision=str(produced.recipe["model"]["revision"]),
        seed=produced.seed,
        width=produced.width,
        height=produced.height,
        # As the person wants it now; what they decide later is another picture's stamp.
        training_allowed=preferences.of(job.owner).training_allowed,
    )
    storing.publish(picture, item.stored)
    if source is not None:
        role = Lineage.Role.REFERENCE
        parent, upload = (source, None) if isinstance(source, Picture) else (None, source)
        Lineage.objects.create(child=picture, parent=parent, upload=upload, role=role)
    return picture
