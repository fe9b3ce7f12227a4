"""Orders of a document from their end on: cancelled, ended with their job, taken off the list, gone with the document.

What the page orders is in `editor.generating`; this is what needs no replay and no request.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from editor import assets
from editor.models import Asset, Document, Generation, Run
from generation.jobs import cancellation
from generation.models import Job, Picture
from generation.pictures import request_deletion, results
from generation.uploads import unlisted

if TYPE_CHECKING:
    from generation.models.pictures import PictureQuerySet

log = structlog.get_logger(__name__)

State = Generation.State
# What was taken off the list is kept so long, so that a press that comes late finds it.
_REMOVED: Final = timedelta(days=1)
# A selection by clicks is taken over at once, or its page has gone.
_SELECTION: Final = timedelta(hours=1)
_BATCH: Final = 200


class StillLive(Exception):
    """A worker is at it, or will be: cancel it first."""


def pictures_of(document: Document, found: Iterable[Generation]) -> PictureQuerySet:
    """Return the results of these orders of a document that are still there, in their order."""
    jobs = [each.job_id for each in found if each.job_id]
    return results.of_jobs(user=document.owner, jobs=jobs)


def is_live(generation: Generation) -> bool:
    """Tell whether something may still come of it."""
    if generation.state == State.PREPARING:
        return True
    return generation.job is not None and generation.job.is_live


def cancel(generation: Generation) -> None:
    """Stop an order; one that has ended stays as it is. Raises nothing: a job that ends meanwhile has ended."""
    with transaction.atomic():
        waiting = Generation.objects.filter(pk=generation.pk, state=State.PREPARING)
        if waiting.update(state=State.CANCELLED, finished_at=Now()):
            Run.objects.filter(generation=generation, state=Run.State.QUEUED).delete()
            return
    generation.refresh_from_db()
    if generation.job is not None and generation.job.is_live:
        cancellation.cancel(user=generation.document.owner, job=generation.job)


def remove(generation: Generation) -> None:
    """Take an ended order off the list, with its words and what was not kept of its results. Raises StillLive."""
    if is_live(generation):
        raise StillLive
    owner = generation.document.owner
    results.discard(user=owner, pictures=[each.pk for each in pictures_of(generation.document, [generation])])
    if generation.job is not None:
        # The words of one with pictures go with the last of them.
        with suppress(request_deletion.HasPictures):
            request_deletion.delete_job(user=owner, job=generation.job)
    with transaction.atomic():
        asked = {**generation.asked, "words": ""}
        rows = Generation.objects.filter(pk=generation.pk)
        rows.filter(removed_at=None).update(removed_at=Now(), asked=asked)
        _drop_mask(generation)


def throw_away(generation: Generation, index: int) -> None:
    """Take a result away; one that is gone already is as gone as it can be."""
    owner = generation.document.owner
    found = pictures_of(generation.document, [generation]).filter(index=index)
    results.throw_away(user=owner, pictures=list(found.values_list("pk", flat=True)))


def take_back(generation: Generation, index: int) -> Picture | None:
    """Undo `throw_away`; None where the result is deleted for good."""
    owner = generation.document.owner
    if generation.removed_at is not None:
        return None
    found = Picture.objects.owned_by(owner).filter(job=generation.job_id, index=index)
    results.take_back(user=owner, pictures=list(found.values_list("pk", flat=True)))
    return pictures_of(generation.document, [generation]).filter(index=index).first()


def ended(job_id: UUID, _state: Job.State) -> None:
    """Do what the end of a job means for its order. Registered with `generation.jobs.outcomes`."""
    for generation in Generation.objects.filter(job=job_id, finished_at=None).select_related(
        "document__owner", "job"
    ):
        _finish(generation)


def sweep() -> None:
    """Called by the beat: end orders whose job ended without telling, and delete those nobody can need any more."""
    gone = Generation.objects.filter(state=State.SUBMITTED, finished_at=None).exclude(job__state__in=Job.LIVE)
    for generation in gone.select_related("document__owner", "job")[:_BATCH]:
        _finish(generation)
    now = timezone.now()
    clicked = Generation.objects.filter(tool="segment", removed_at=None, finished_at__lt=now - _SELECTION)
    for generation in clicked.select_related("document__owner", "job")[:_BATCH]:
        remove(generation)
    old = Generation.objects.filter(finished_at__lt=now - timedelta(days=settings.RESULT_DAYS))
    removed = Generation.objects.filter(removed_at__lt=now - _REMOVED)
    for generation in [*old[:_BATCH], *removed[:_BATCH]]:
        with transaction.atomic():
            _drop_mask(generation)
            Generation.objects.filter(pk=generation.pk).delete()


def let_go(document: Document) -> None:
    """Stop and forget what was ordered in a document that is deleted for good; kept results stay in the history."""
    mine = Generation.objects.filter(document=document).select_related("document__owner", "job")
    for generation in mine:
        cancel(generation)
    found = [each.pk for each in pictures_of(document, mine)]
    results.discard(user=document.owner, pictures=found)
    for generation in mine:
        _discard_sources(generation)


def _finish(generation: Generation) -> None:
    _discard_sources(generation)
    with transaction.atomic():
        Generation.objects.filter(pk=generation.pk, finished_at=None).update(finished_at=Now())
        if not pictures_of(generation.document, [generation]).exists():
            _drop_mask(generation)


def _discard_sources(generation: Generation) -> None:
    """Let go of what was drawn for the job to start from: results stand without it."""
    request: dict[str, Any] = generation.job.request if generation.job else {}
    names = [request.get("reference"), (request.get("edit") or {}).get("mask")]
    unlisted.discard(user=generation.document.owner, references=[name for name in names if name])


def _drop_mask(generation: Generation) -> None:
    """Let go of the mask of an order's results where no other order has the same."""
    if not generation.mask:
        return
    others = Generation.objects.filter(document=generation.document_id, mask=generation.mask)
    if not others.exclude(pk=generation.pk).filter(removed_at=None).exists():
        assets.discard(_masks(generation.document_id, generation.mask))


def _masks(document_id: UUID, sha256: str) -> QuerySet[Asset]:
    return Asset.objects.filter(document=document_id, role=Asset.Role.MASK, sha256=sha256)
