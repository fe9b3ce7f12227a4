"""Submit a request: one transaction checks and prices it, holds the credits, inserts the job and notifies its lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.sign_in.velocity import TooOften
from billing import ledger
from billing.plans import current
from generation import availability
from generation.jobs import limits, notify
from generation.jobs.limits import SizeNeedsPurchase
from generation.models import Job, JobProgress
from generation.moderation import checking
from generation.moderation.checking import NotChecked, WordsRefused
from generation.pictures import changes, references
from generation.pictures.references import ControlGone, ReferenceGone
from generation.prompts import reading as prompts
from generation.requests import catalogue, kinds, pricing
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest, InvalidRequest
from image2.lib.observing import tracing

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

LANE = "gpu"


class OutOfCredits(Exception):
    """The price is higher than the balance; nothing was held or charged."""

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed = needed
        self.available = available

    @property
    def missing(self) -> int:
        return self.needed - self.available


class TooManyQueued(Exception):
    """The person already has as many waiting jobs as their plan allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} jobs are waiting already")
        self.limit = limit


class ModelNotOffered(Exception):
    """The model isn't in the catalogue, or it is switched off."""


class KeyReused(Exception):
    """The idempotency key was used for another request: the form is stale."""


def submit(
    *,
    user: User,
    request: GenerationRequest,
    idempotency_key: str,
    network: str = "",
    is_admitted: bool = False,
) -> Job:
    """Create one job for ``request``, or return the one that this key already created.

    ``is_admitted`` says that `admit` had its words already, outside of a transaction that would lose its count.
    ``network`` is the client's network (velocity.network_of); empty when the request didn't come over one. Raises
    OutOfCredits, TooManyQueued, ModelNotOffered, ReferenceGone, KeyReused, SizeNeedsPurchase, velocity.TooOften,
    WordsRefused, NotChecked and requests.InvalidRequest; then nothing is held and no job exists.
    """
    if job := _existing(user, request, idempotency_key):
        return job
    _check(user, request)
    if not is_admitted:
        admit(request)
    try:
        with transaction.atomic():
            limits.count_job(user=user, network=network)
            return _insert(user, request, idempotency_key)
    except IntegrityError:
        # Two clicks at the same moment: the other one created it. Any other broken constraint is our defect.
        if job := _existing(user, request, idempotency_key):
            return job
        raise


def _existing(user: User, request: GenerationRequest, key: str) -> Job | None:
    job = Job.objects.visible_to(user).filter(idempotency_key=key).first()
    # Once a job's request was deleted, only the key identifies it.
    if job is not None and job.request_deleted_at is None and job.request != request.to_json():
        raise KeyReused
    return job


def admit(request: GenerationRequest) -> None:
    """Check the words of a request that is really sent; a refusal is counted. Raises WordsRefused and NotChecked."""
    checking.admit(_words_to_check(request))


def _words_to_check(request: GenerationRequest) -> str:
    """Both what was typed, with the words of a style, and what the model reads of it."""
    if not _is_drawn_by_words(request):
        return ""
    read = request.around(prompts.read_by(request.model, request.prompt).prompt)
    return request.words if read == request.words else f"{request.words}\n{read}"


def _is_drawn_by_words(request: GenerationRequest) -> bool:
    """Whether a model is given the words; one that projects takes layers from what is stored with a picture."""
    if request.kind not in kinds.WITH_THE_PICTURES_WORDS or request.enhance:
        return True
    return request.kind == "layers" and not catalogue.get(request.model).projection


def check(user: User, request: GenerationRequest, *, waiting: int = 0, is_sent: bool = False) -> None:
    """Raise what `submit` would raise for this request now, whatever pictures it starts from; hold nothing.

    ``waiting`` counts orders of this person that are not submitted yet, beside their queued jobs.
    With ``is_sent`` a refusal of its words is counted.
    """
    _check_allowed(user, request, waiting)
    words = _words_to_check(request)
    checking.admit(words) if is_sent else checking.check(words)
    balance, needed = ledger.balance(user), pricing.price(request)
    if needed and balance.available < needed:
        raise OutOfCredits(needed=needed, available=max(0, balance.available))


def _check(user: User, request: GenerationRequest) -> None:
    _check_allowed(user, request, 0)
    _check_references(user, request)


def _check_allowed(user: User, request: GenerationRequest, waiting: int) -> None:
    try:
        entry = catalogue.get(request.model)
    except catalogue.UnknownModel:
        raise ModelNotOffered from None
    if not availability.is_offered(entry):
        raise ModelNotOffered
    request.validated()
    limits.check_size(user=user, size=request.size)
    queued = Job.objects.visible_to(user).filter(state=Job.State.QUEUED).count()
    limit = current.queued_jobs_of(current.plan_of(user))
    if queued + waiting >= limit:
        raise TooManyQueued(limit)


def _check_references(user: User, request: GenerationRequest) -> None:
    """Everything it starts from is there and this person's, and of the size the request was made for."""
    _check_control(user, request)
    found = [references.find(user=user, reference=name) for name in request.references]
    if found and not changes.is_able(
        catalogue.get(request.model), request.kind, found[0], enhance=request.enhance
    ):
        sentence = _(
            "This model does that only with pictures that it drew itself. Choose another model or picture."
        )
        raise InvalidRequest({"model": sentence})
    edit = request.edit
    if edit is None or edit.source is None:
        return
    if (found[0].width, found[0].height) != edit.source:
        raise InvalidRequest({"reference": _("This picture has another size now. Start again from it.")})
    if edit.mask is None:
        return
    mask = references.find_mask(user=user, reference=edit.mask)
    if (mask.width, mask.height) != edit.source:
        values = {"mask": f"{mask.width}×{mask.height}", "picture": edit.size}
        sentence = _("The mask has %(mask)s pixels and the picture %(picture)s. Mark the part again.")
        raise InvalidRequest({"mask": sentence % values})
    left, top, right, bottom = mask.mask_box or (0, 0, 1, 1)
    if not edit.seen.holds(Box(left, top, right, bottom)):
        raise InvalidRequest({"mask": _("The mask was changed meanwhile. Mark the part again.")})


def _check_control(user: User, request: GenerationRequest) -> None:
    if request.control is None:
        return
    try:
        references.find(user=user, reference=request.control.picture)
    except ReferenceGone as error:
        raise ControlGone from error


def _insert(user: User, request: GenerationRequest, key: str) -> Job:
    job = Job(
        owner=user,
        idempotency_key=key,
        kind=request.kind,
        model=request.model,
        lane=LANE,
        size=request.size,
        request=request.to_json(),
        batch_key=request.batch_key(),
        needs=request.needs,
        count=request.count,
        price=pricing.price(request),
        weight=current.plan_of(user).weight,
    )
    try:
        # Before the job: the conditional update of the account decides, and its row lock puts the submissions of one
        # person in order.
        if job.price:
            ledger.hold(user=user, amount=job.price, ref=job.hold_ref)
    except ledger.InsufficientCredits as error:
        raise OutOfCredits(needed=error.needed, available=error.available) from error
    job.save(force_insert=True)
    JobProgress.objects.create(job=job)
    references.mark_used(user=user, request=request)
    notify.send(job.lane)
    tracing.note(job_id=str(job.id))
    log.info(
        "job.submitted", job_id=str(job.id), model=job.model, size=job.size, count=job.count, price=job.price
    )
    return job


__all__ = [
    "ControlGone",
    "KeyReused",
    "ModelNotOffered",
    "NotChecked",
    "OutOfCredits",
    "ReferenceGone",
    "SizeNeedsPurchase",
    "TooManyQueued",
    "TooOften",
    "WordsRefused",
    "admit",
    "check",
    "submit",
]
