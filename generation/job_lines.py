"""What the ledger's references to jobs mean to their owner: the prompt, with a link to the job."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.text import Truncator

from billing.references import Meaning
from generation.models import Job

_PREFIX = "job:"


def explain(refs: Iterable[str]) -> dict[str, Meaning]:
    """Explain the references of jobs that are still there."""
    ids = [UUID(ref.removeprefix(_PREFIX)) for ref in refs]
    jobs = Job.objects.filter(pk__in=ids).only("id", "kind", "request")
    return {job.hold_ref: Meaning(_label(job), reverse("generation:job", args=[job.pk])) for job in jobs}


def _label(job: Job) -> str:
    return Truncator(str(job.request.get("prompt", ""))).chars(60) or job.get_kind_display()
