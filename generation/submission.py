"""Submits a request: one transaction that checks, prices, holds the credits, inserts the job and rings the bell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import IntegrityError, transaction

from accounts.velocity import TooOften
from billing import ledger, standing
from generation import allowance, catalogue, doorbell, pricing, references
from generation.allowance import SizeNeedsPurchase
from generation.models import Job, JobProgress
from generation.references import ReferenceGone
from generation.requests import GenerationRequest
from image2.lib import tracing

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

LANE = "gpu"


class OutOfCredits(Exception):
    """The price is more than the person has; nothing was made or charged."""

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed = needed
        self.available = available

    @property
    def missing(self) -> int:
        return self.needed - self.available


class TooManyQueued(Exception):
    """The person already has as many waiting jobs as the site allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} jobs are waiting already")
        self.limit = limit


class ModelUnavailable(Exception):
    """The model is not in the catalogue or switched off."""


class KeyReused(Exception):
    """The idempotency key was used for another request: the form is stale."""


def submit(*, user: User, request: GenerationRequest, idempotency_key: str, network: str = "") -> Job:
    """Make one job of ``request``, or return the one this key already made, however often it is called.

    ``network`` is where it was asked from (velocity.network_of); empty when nobody asked over the network. Raises
    OutOfCredits, TooManyQueued, ModelUnavailable, ReferenceGone, KeyReused, SizeNeedsPurchase, velocity.TooOften and
    requests.InvalidRequest; then nothing is held and no job exists.
    """
    if job := _already(user, request, idempotency_key):
        return job
    _check(user, request)
    try:
        with transaction.atomic():
            allowance.count_job(user=user, network=network)
            return _insert(user, request, idempotency_key)
    except IntegrityError:
        # Two clicks at the same moment: the other one made it. Anything else that broke a constraint is our fault.
        if job := _already(user, request, idempotency_key):
            return job
        raise


def _already(user: User, request: GenerationRequest, key: str) -> Job | None:
    job = Job.objects.visible_to(user).filter(idempotency_key=key).first()
    if job is not None and job.request != request.to_json():
        raise KeyReused
    return job


def _check(user: User, request: GenerationRequest) -> None:
    try:
        entry = catalogue.get(request.model)
    except catalogue.UnknownModel:
        raise ModelUnavailable from None
    if not entry.enabled:
        raise ModelUnavailable
    request.validated()
    allowance.check_size(user=user, size=request.size)
    if request.reference is not None:
        references.find(user=user, reference=request.reference)
    waiting = Job.objects.visible_to(user).filter(state=Job.State.QUEUED).count()
    limit = standing.queued_jobs_of(standing.plan_of(user))
    if waiting >= limit:
        raise TooManyQueued(limit)


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
        count=request.count,
        price=pricing.price(request),
        weight=standing.plan_of(user).weight,
    )
    try:
        # Before the job: the conditional update of the account is the gate, and the row lock that puts the
        # submissions of one person in order.
        ledger.hold(user=user, amount=job.price, ref=job.hold_ref)
    except ledger.InsufficientCredits as error:
        raise OutOfCredits(needed=error.needed, available=error.available) from error
    job.save(force_insert=True)
    JobProgress.objects.create(job=job)
    doorbell.ring(job.lane)
    tracing.note(job_id=str(job.id))
    log.info(
        "job.submitted", job_id=str(job.id), model=job.model, size=job.size, count=job.count, price=job.price
    )
    return job


__all__ = [
    "KeyReused",
    "ModelUnavailable",
    "OutOfCredits",
    "ReferenceGone",
    "SizeNeedsPurchase",
    "TooManyQueued",
    "TooOften",
    "submit",
]
