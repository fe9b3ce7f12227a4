"""Staff switch a model off and on again; jobs that wait for it are given back with words, uncharged."""

from __future__ import annotations

import structlog
from django.db import transaction

from accounts.models import User
from accounts.staff import audit
from billing import ledger
from generation.availability import reported, switched_off
from generation.jobs import outcomes, progress
from generation.jobs.failures import Failure
from generation.models import Job, ModelSwitch
from generation.models.jobs import JobQuerySet
from generation.requests import catalogue

log = structlog.get_logger(__name__)


class OffInTheFile(Exception):
    """The catalogue file switches it off, and only the file can switch it on."""


def switch_off(*, actor: User, model: str, reason: str) -> int:
    """Take no new jobs for the model, and give back those that wait; running ones end as usual. Returns how many.

    Raises UnknownModel, OffInTheFile and audit.ReasonMissing.
    """
    _refuse_off_in_the_file(model)
    with transaction.atomic():
        audit.record(actor=actor, action="model.switched_off", on=ModelSwitch(model=model), reason=reason)
        ModelSwitch.objects.get_or_create(model=model)
    return give_back(model)


@transaction.atomic
def switch_on(*, actor: User, model: str, reason: str) -> None:
    """Undo `switch_off`. Raises UnknownModel, OffInTheFile and audit.ReasonMissing."""
    _refuse_off_in_the_file(model)
    audit.record(actor=actor, action="model.switched_on", on=ModelSwitch(model=model), reason=reason)
    ModelSwitch.objects.filter(model=model).delete()


def waiting(model: str) -> JobQuerySet:
    return Job.objects.filter(state=Job.State.QUEUED, model=model)


def give_back(model: str) -> int:
    """End every job that waits for the model: its credits come back, and its page says why. Returns how many."""
    return sum(_give_back(job) for job in waiting(model).defer("request").iterator())


def sweep() -> None:
    """Give back what waits for a model that is off, in the admin or in the file since a restart. Called by the beat.

    A model that a live worker reports is on in the file: this process may have read an older one, while the workers
    are restarted one after the other.
    """
    awaited = Job.objects.filter(state=Job.State.QUEUED).order_by().values_list("model", flat=True).distinct()
    on = ({entry.id for entry in catalogue.enabled()} | reported()) - switched_off()
    for model in set(awaited) - on:
        give_back(model)


def _give_back(job: Job) -> bool:
    with transaction.atomic():
        if not job.fail_queued(Failure.SWITCHED_OFF):
            return False  # a worker has it already
        if job.price:
            ledger.release(ref=job.hold_ref)
        outcomes.announce(job.pk, Job.State.FAILED)
    progress.change(job.pk)
    log.info("job.given_back", job_id=str(job.pk), model=job.model)
    return True


def _refuse_off_in_the_file(model: str) -> None:
    if not catalogue.get(model).enabled:
        raise OffInTheFile
