"""Compare open holds with live jobs, both ways. Mismatches are logged for the operator; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db.models.functions import Now

from billing.models import Hold
from generation.models import Job
from image2.lib.observing import last_checks

log = structlog.get_logger(__name__)

_PREFIX = "job:"
# Younger ones may belong to a transaction of which we see one half.
SETTLED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """References of open holds without a live job, and of live jobs without an open hold. Any entry is a defect."""

    holds: tuple[str, ...]
    jobs: tuple[str, ...]


def reconcile(*, settled: timedelta = SETTLED) -> Mismatch:
    """Find and report mismatches among holds older than ``settled``.

    A job and its hold begin and end in one transaction, so each mismatch is a defect. What is free has no hold.
    """
    live = _refs_of_live_jobs()
    old = Hold.objects.filter(ref__startswith=_PREFIX, created_at__lt=Now() - settled)
    orphaned = set(old.filter(state=Hold.State.OPEN).values_list("ref", flat=True)) - live
    unpaid = live - set(
        Hold.objects.filter(ref__in=live, state=Hold.State.OPEN).values_list("ref", flat=True)
    )
    # Query again: a job that ended in the meantime rightly has no open hold.
    unpaid &= _refs_of_live_jobs()
    mismatch = Mismatch(tuple(sorted(orphaned)), tuple(sorted(unpaid)))
    last_checks.record("jobs", len(mismatch.holds) + len(mismatch.jobs))
    if mismatch.holds or mismatch.jobs:
        log.error("reconciliation.mismatch", holds=mismatch.holds, jobs=mismatch.jobs)
    return mismatch


def _refs_of_live_jobs() -> set[str]:
    return {f"{_PREFIX}{pk}" for pk in Job.objects.live().filter(price__gt=0).values_list("pk", flat=True)}
