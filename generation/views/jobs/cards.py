"""What the card of a job shows: its progress, or its result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from generation.jobs import failures, progress
from generation.models import Job, Picture
from generation.models.jobs import JobQuerySet
from generation.pictures import history
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size
from generation.views.jobs import words
from generation.views.tiles import Tile, tiles

if TYPE_CHECKING:
    from accounts.models import User

FAILURES_SHOWN: Final = timedelta(days=1)
MOST_CARDS: Final = 40


@dataclass(frozen=True)
class Card:
    job: Job
    pictures: list[Picture]

    @cached_property
    def event(self) -> dict[str, Any]:
        return progress.event(self.job)

    @cached_property
    def request(self) -> GenerationRequest | None:
        """Return the request; None when it was deleted, or has a version that this site doesn't know any more."""
        try:
            return self.job.parsed_request
        except InvalidRequest:
            return None

    @property
    def size(self) -> Size:
        return self.request.output if self.request else Size(1024, 1024)

    @property
    def stage(self) -> str:
        return words.stage(self.event)

    @property
    def time_left(self) -> str:
        return words.time_left(self.event)

    @property
    def sentence(self) -> str:
        return failures.sentence_of(self.job)

    @property
    def previews(self) -> list[str | None]:
        """One frame a picture, with the address of its newest preview."""
        return list(self.event["previews"])

    @property
    def tiles(self) -> list[Tile]:
        return tiles(self.pictures)

    @property
    def can_be_deleted(self) -> bool:
        """Return whether it ended without pictures and still has its request, so that there is something to delete."""
        if self.job.is_live or self.job.request_deleted_at is not None:
            return False
        # Pictures in the trash count: restored from there, they need their job. One that failed has none.
        return self.job.state == Job.State.FAILED or not self.job.pictures.exists()

    @cached_property
    def erasable(self) -> int:
        """Return how many pictures are deleted for good with the job, those in the trash included."""
        return 0 if self.job.is_live else self.job.pictures.count()

    @property
    def is_cancelling(self) -> bool:
        return self.job.is_live and self.job.cancel_requested_at is not None


def unsettled(user: User) -> list[Card]:
    """What is shown above the pictures: live jobs, and those that failed recently and weren't retried."""
    recently = timezone.now() - FAILURES_SHOWN
    failed = Q(state=Job.State.FAILED, finished_at__gt=recently, request_deleted_at=None)
    # What the editor ordered is shown there.
    ordered_here = watched(user).exclude(request__has_key="for_editor")
    found = list(ordered_here.filter(Q(state__in=Job.LIVE) | failed)[:MOST_CARDS])
    keys = [job.retry_key for job in found if not job.is_live]
    retried = _retried(user, keys) if keys else set()
    return [Card(job, []) for job in found if job.retry_key not in retried]


def _retried(user: User, keys: list[str]) -> set[str]:
    asked = Job.objects.visible_to(user).filter(idempotency_key__in=keys)
    return set(asked.values_list("idempotency_key", flat=True))


def watched(user: User) -> JobQuerySet:
    """The jobs of this person with what their cards need, newest first."""
    return Job.objects.visible_to(user).select_related("progress").newest_first()


def cards(*, user: User, jobs: JobQuerySet) -> list[Card]:
    """Cards of these jobs and their pictures that are not in the trash; two queries for all the pictures."""
    found = list(jobs)
    ended = [job for job in found if not job.is_live]
    pictures: dict[object, list[Picture]] = {}
    if ended:
        mine = Picture.objects.visible_to(user).filter(job__in=ended).order_by("index")
        for picture in history.with_thumbnails(mine):
            pictures.setdefault(picture.job_id, []).append(picture)
    return [Card(job, pictures.get(job.pk, [])) for job in found]


def card(*, user: User, job: Job) -> Card:
    return cards(user=user, jobs=watched(user).filter(pk=job.pk))[0]
