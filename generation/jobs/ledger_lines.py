"""Explain the ledger's references to jobs to their owner: the prompt, with a link to the job."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator

from billing.ledger.meanings import Meaning
from generation.models import Job

_PREFIX = "job:"


def explain(refs: Iterable[str]) -> dict[str, Meaning]:
    """Explain the references of jobs that still exist."""
    ids = [found for ref in refs if (found := _id(ref))]
    jobs = Job.objects.filter(pk__in=ids).only("id", "kind", "request")
    return {job.hold_ref: Meaning(_label(job), reverse("generation:job", args=[job.pk])) for job in jobs}


def _id(ref: str) -> UUID | None:
    try:
        return UUID(ref.removeprefix(_PREFIX))
    except ValueError:
        return None


def _label(job: Job) -> str:
    return Truncator(str(job.request.get("prompt", ""))).chars(60) or job.get_kind_display()
