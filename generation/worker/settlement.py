"""Settle a job: publish its pictures, capture its credits and write its state in one transaction, behind the fence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from accounts.people import preferences
from billing import ledger
from generation.engine.contract import ProducedPicture
from generation.files import storing
from generation.files.storing import StoredPicture
from generation.jobs import outcomes
from generation.models import Job, Lineage, Picture, Upload
from generation.pictures import references
from generation.requests.request import GenerationRequest
from generation.search import pieces

_LONGEST_REVISION: Final = 80


class Fenced(Exception):
    """The lease was lost: another worker has the job, and nothing of ours may be published."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A picture that is drawn and stored; nobody can see it before it is published."""

    produced: ProducedPicture
    stored: StoredPicture


def settle(
    job: Job,
    state: Job.State,
    finished: Sequence[Finished],
    *,
    origins: Mapping[str, Picture | Upload],
    error_code: str = "",
    gpu_seconds: float = 0,
    stage_seconds: dict[str, float] | None = None,
) -> list[Picture]:
    """End ``job`` in ``state`` with ``finished`` pictures, charging exactly for those. Raises Fenced.

    A job's price is the price of one picture times their count, so charging for some of them is exact.
    """
    with transaction.atomic():
        # First, since it decides: after it no other worker can end this job, and before it nothing of ours is visible.
        if not job.finish(
            state, error_code=error_code, gpu_seconds=gpu_seconds, stage_seconds=stage_seconds or {}
        ):
            raise Fenced
        # As the person's setting is now; locked, so that a withdrawal either comes before this or sees these pictures.
        allowed = bool(finished) and preferences.locked(job.owner).allows_training
        allowed = allowed and job.kind != Job.Kind.SEGMENT  # a mask teaches nobody to draw
        pictures = [_insert(job, item, origins, training_allowed=allowed) for item in finished]
        if job.price:
            ledger.capture(ref=job.hold_ref, amount=job.price // job.count * len(pictures))
        outcomes.announce(job.pk, state)
    return pictures


def discard(finished: Sequence[Finished]) -> None:
    """Queue the stored objects of an attempt that publishes nothing for deletion."""
    for item in finished:
        storing.discard(item.stored)


def _insert(
    job: Job, item: Finished, origins: Mapping[str, Picture | Upload], *, training_allowed: bool
) -> Picture:
    produced, request = item.produced, job.parsed_request
    picture = Picture.objects.create(
        owner_id=job.owner_id,
        job=job,
        index=produced.index,
        recipe=dict(produced.recipe),
        prompt=request.prompt,
        search_text=pieces.search_text(request.prompt),
        model=job.model,
        # The recipe has the whole, with what the operator chose for this model.
        model_revision=str(produced.recipe["model"]["revision"])[:_LONGEST_REVISION],
        seed=produced.seed,
        width=produced.width,
        height=produced.height,
        training_allowed=training_allowed,
        kept=not request.for_editor,
    )
    storing.publish(picture, item.stored)
    for name, origin in origins.items():
        if request.for_editor and isinstance(origin, Upload):
            continue  # a part or a mask of a document: it goes with the end of this job
        parent, upload = (origin, None) if isinstance(origin, Picture) else (None, origin)
        role = _role(request, name)
        Lineage.objects.create(child=picture, parent=parent, upload=upload, role=role)
    return picture


def _role(request: GenerationRequest, name: str) -> Lineage.Role:
    if request.edit and name == request.edit.mask:
        return Lineage.Role.MASK
    if references.only_leads(request, name):
        return Lineage.Role.CONTROL
    if name != request.reference or request.kind in {"image_to_image", "variation"}:
        return Lineage.Role.REFERENCE
    return Lineage.Role.UPSCALE if request.kind == "upscale" else Lineage.Role.EDIT
