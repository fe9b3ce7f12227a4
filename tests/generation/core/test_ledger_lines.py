"""A line of the ledger says which job it was for."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import User
from billing.ledger import meanings
from generation.models import Job

pytestmark = pytest.mark.django_db


def test_a_line_leads_to_its_job_by_its_prompt(alice: User) -> None:
    job = Job.objects.create(
        owner=alice,
        idempotency_key="k",
        kind="text_to_image",
        request={"prompt": "a red boat " * 20},
        count=1,
        price=1,
    )
    meaning = meanings.explain([job.hold_ref])[job.hold_ref]
    assert str(meaning.label).startswith("a red boat")
    assert len(str(meaning.label)) <= 60
    assert meaning.url == f"/jobs/{job.pk}/"


def test_a_deleted_job_has_no_link(alice: User) -> None:
    for ref in (f"job:{uuid4()}", "job:of another time"):
        assert meanings.explain([ref])[ref].url == ""
