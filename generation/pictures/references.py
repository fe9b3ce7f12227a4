"""The picture a request starts from: an upload or a picture of the same person, named ``upload:…`` or ``picture:…``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Q, QuerySet, UUIDField
from django.utils import timezone

from generation.models import File, Job, Picture, Upload
from generation.requests.request import GenerationRequest
from image2.lib.compiled_queries import CompiledQuery, Parameter

if TYPE_CHECKING:
    from accounts.models import User

_FIELDS: Final = CompiledQuery(
    lambda: File.objects.filter(picture=Parameter("picture", UUIDField()), role=File.Role.FIELDS)
)


class ReferenceGone(Exception):
    """The reference doesn't exist, was deleted, or belongs to somebody else: the person gets the same message."""


class ControlGone(ReferenceGone):
    """The same of a control picture."""


def find(*, user: User, reference: str) -> Picture | Upload:
    """Return what ``reference`` names, if this person may use it. Raises ReferenceGone."""
    kind, _, text = reference.partition(":")
    try:
        identity = UUID(text)
    except ValueError:
        raise ReferenceGone from None
    found: Picture | Upload | None = None
    if kind == "upload":
        found = Upload.objects.visible_to(user).pictures().filter(pk=identity).first()
    elif kind == "picture":
        found = Picture.objects.available_to(user).filter(pk=identity).first()
    if found is None:
        raise ReferenceGone
    return found


def find_for_job(*, user: User, reference: str) -> Picture | Upload:
    """Return what a job starts from, even if it was deleted since and still exists. Raises ReferenceGone."""
    kind, _, text = reference.partition(":")
    if kind == "upload" and (found := Upload.objects.owned_by(user).filter(pk=UUID(text)).first()):
        return found
    return find(user=user, reference=reference)


def find_all_for_job(*, user: User, request: GenerationRequest) -> dict[str, Picture | Upload]:
    """Return everything of the person's that a job needs, by its names. Raises ControlGone and ReferenceGone."""
    return {name: _find_named(user, request, name) for name in named_by(request)}


def find_mask(*, user: User, reference: str) -> Upload:
    """Return the mask that ``reference`` names, if it is this person's. Raises ReferenceGone."""
    kind, _, text = reference.partition(":")
    masks = Upload.objects.visible_to(user).filter(mask_box__isnull=False)
    found = masks.filter(pk=UUID(text)).first() if kind == "upload" else None
    if found is None:
        raise ReferenceGone
    return found


def named_by(request: GenerationRequest) -> tuple[str, ...]:
    """Return everything of the person's that a request needs, each once: pictures, mask and control picture."""
    mask = request.edit.mask if request.edit else None
    control = request.control.picture if request.control else None
    return tuple(dict.fromkeys((*request.references, *filter(None, (mask, control)))))


def only_leads(request: GenerationRequest, name: str) -> bool:
    """Whether it names the control picture, and nothing starts from it: no pixel of it goes into the result."""
    control = request.control
    return control is not None and name == control.picture and name not in request.references


def mark_used(*, user: User, request: GenerationRequest) -> None:
    """Record that the uploads of a request were used just now, and that results it starts from are kept."""
    names = [name.partition(":") for name in named_by(request)]
    uploads = [UUID(text) for kind, _, text in names if kind == "upload"]
    pictures = [UUID(text) for kind, _, text in names if kind == "picture"]
    if uploads:
        Upload.objects.visible_to(user).filter(pk__in=uploads).update(used_at=timezone.now())
    if pictures:
        waiting = Picture.objects.available_to(user).filter(pk__in=pictures, kept=False)
        # A mask is no picture of the history, whatever starts from it.
        waiting.exclude(job__kind=Job.Kind.SEGMENT).update(kept=True)


def uploads_of_live_jobs(jobs: QuerySet[Job] | None = None) -> set[UUID]:
    """Return which uploads (of these jobs, or all) waiting and running jobs start from."""
    return _of_live_jobs("upload", jobs)


def pictures_of_live_jobs() -> set[UUID]:
    """Return the pictures that waiting and running jobs start from."""
    return _of_live_jobs("picture", None)


def _find_named(user: User, request: GenerationRequest, name: str) -> Picture | Upload:
    try:
        return find_for_job(user=user, reference=name)
    except ReferenceGone as error:
        if only_leads(request, name):
            raise ControlGone from error
        raise


def _of_live_jobs(kind: str, jobs: QuerySet[Job] | None) -> set[UUID]:
    jobs = Job.objects.all() if jobs is None else jobs
    starts = ~Q(request__reference=None) | Q(request__has_key="control")
    live = jobs.filter(starts, state__in=Job.LIVE)
    found = set()
    asked = live.values_list("request__reference", "request__edit", "request__control__picture")
    for reference, more, control in asked:
        edit = more or {}
        names = [reference, control, edit.get("mask"), *edit.get("references", ())]
        found |= {UUID(name.partition(":")[2]) for name in names if name and name.startswith(f"{kind}:")}
    return found


def fields_of(found: Picture | Upload, *, model: str) -> File | None:
    """Return the row of what this model stored with its own picture about what stands where, if it did."""
    if isinstance(found, Upload) or found.model != model:
        return None
    return _FIELDS.first(picture=found.pk)


def master_of(found: Picture | Upload) -> File:
    """Return the row of its lossless file. Raises ReferenceGone."""
    master = found.files.filter(role=File.Role.MASTER).first()
    if master is None:
        raise ReferenceGone
    return master
