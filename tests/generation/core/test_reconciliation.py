"""Holds and jobs agree; differences are reported to the operator, and nothing is changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing import ledger
from billing.models import Hold
from generation.jobs import reconciliation
from generation.models import Job

from .conftest import Submit

pytestmark = pytest.mark.both_databases

# The database's clock counts milliseconds on SQLite.
AT_ONCE = timedelta(seconds=-1)


def test_a_healthy_site_has_no_mismatch(alice: User, submit: Submit) -> None:
    submit(alice)
    assert reconciliation.reconcile(settled=AT_ONCE) == reconciliation.Mismatch((), ())


def test_an_open_hold_without_a_live_job_is_reported_and_left_alone(
    alice: User, submit: Submit, caplog: pytest.LogCaptureFixture
) -> None:
    job = submit(alice)
    Job.objects.update(state="cancelled", finished_at=timezone.now())
    assert reconciliation.reconcile(settled=AT_ONCE).holds == (job.hold_ref,)
    assert "reconciliation.mismatch" in caplog.text
    assert Hold.objects.get().state == Hold.State.OPEN


def test_a_live_job_whose_hold_has_ended_is_reported(alice: User, submit: Submit) -> None:
    job = submit(alice)
    ledger.release(ref=job.hold_ref)
    assert reconciliation.reconcile(settled=AT_ONCE).jobs == (job.hold_ref,)
