"""What a person may attach to a ticket: one of their own pictures or jobs, named "picture:<id>" or "job:<id>"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from generation.models import File, Job, Picture

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

_PICTURES: Final = 7
_JOBS: Final = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the two."""

    picture: Picture | None = None
    job: Job | None = None

    @property
    def value(self) -> str:
        return f"picture:{self.picture.pk}" if self.picture else f"job:{self.job.pk}" if self.job else ""

    @property
    def thumbnail(self) -> File | None:
        """Return the small file of the picture; None of a job."""
        if self.picture is None:
            return None
        return next((file for file in self.picture.files.all() if file.role == File.Role.THUMB_256), None)


def find(user: User | AnonymousUser, value: str) -> Shown | None:
    """Return what this names; None where it isn't something that this person sees."""
    kind, _colon, text = value.partition(":")
    try:
        pk = UUID(text)
    except ValueError:
        return None
    if kind == "picture":
        picture = Picture.objects.visible_to(user).filter(pk=pk).prefetch_related("files").first()
        return Shown(picture=picture) if picture else None
    job = Job.objects.visible_to(user).filter(pk=pk).first() if kind == "job" else None
    return Shown(job=job) if job else None


def offered(user: User | AnonymousUser, first: Shown | None = None) -> list[Shown]:
    """Return the newest pictures and jobs to choose from; `first` leads, however old it is."""
    pictures = Picture.objects.visible_to(user).newest_first().prefetch_related("files")[:_PICTURES]
    # A job that made pictures is shown by them.
    jobs = Job.objects.visible_to(user).filter(pictures__isnull=True).order_by("-created_at")[:_JOBS]
    found = [Shown(picture=picture) for picture in pictures] + [Shown(job=job) for job in jobs]
    if first is None:
        return found
    return [first, *(each for each in found if each.value != first.value)]
