"""Submission: one job a key, its price held exactly, or refused as a whole."""

from __future__ import annotations

import pytest
from django.test import override_settings

from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.models import Job, Upload
from generation.requests import pricing
from generation.requests.request import InvalidRequest
from image2.lib.ids import new_id
from tests.generation.requesting import a_request

from .conftest import NewPerson, Submit

pytestmark = pytest.mark.both_databases


def test_the_price_that_was_shown_is_held(alice: User, submit: Submit) -> None:
    request = a_request(count=2, size="4k")
    job = submit(alice, count=2, size="4k")
    assert job.price == pricing.price(request) > 0
    balance = ledger.balance(alice)
    assert (balance.available, balance.held) == (1000 - job.price, job.price)
    assert job.state == Job.State.QUEUED
    assert job.parsed_request == request


def test_the_same_key_is_the_same_job_however_often_it_is_sent(alice: User, submit: Submit) -> None:
    jobs = {submit(alice, key="k").pk for _click in range(5)}
    assert len(jobs) == 1
    assert ledger.balance(alice).held == Job.objects.get().price


def test_a_key_belongs_to_one_person(alice: User, bob: User, submit: Submit) -> None:
    assert submit(alice, key="k").pk != submit(bob, key="k").pk


def test_a_stale_form_with_another_request_is_refused(alice: User, submit: Submit) -> None:
    submit(alice, key="k")
    with pytest.raises(submission.KeyReused):
        submit(alice, key="k", prompt="a blue house")


def test_out_of_credits_says_what_is_missing_and_creates_nothing(person: NewPerson, submit: Submit) -> None:
    poor = person("poor", having=3)
    with pytest.raises(submission.OutOfCredits) as refused:
        submit(poor, size="4k", count=4)
    assert refused.value.available == 3
    assert refused.value.missing == refused.value.needed - 3
    assert not Job.objects.exists()
    assert ledger.balance(poor).available == 3


def test_a_person_without_any_account_row_is_out_of_credits(person: NewPerson, submit: Submit) -> None:
    with pytest.raises(submission.OutOfCredits):
        submit(person("new", having=0))


@override_settings(QUEUED_JOBS_PER_PERSON=2)
def test_too_many_waiting_jobs_are_refused_for_that_person_only(
    alice: User, bob: User, submit: Submit
) -> None:
    submit(alice), submit(alice)
    with pytest.raises(submission.TooManyQueued):
        submit(alice)
    submit(bob)
    assert Job.objects.filter(owner=alice).count() == 2


def test_a_model_that_is_switched_off_is_refused(alice: User, submit: Submit) -> None:
    with pytest.raises(submission.ModelNotOffered):
        submit(alice, model="nobody-has-it")
    assert ledger.balance(alice).held == 0


def test_steps_the_model_does_not_take_are_refused(alice: User, submit: Submit) -> None:
    with pytest.raises(InvalidRequest):
        submit(alice, steps=200)


@pytest.mark.parametrize("kind", ["upload", "picture"])
def test_a_reference_that_does_not_exist_is_refused(alice: User, submit: Submit, kind: str) -> None:
    with pytest.raises(submission.ReferenceGone):
        submit(alice, kind="image_to_image", reference=f"{kind}:{new_id()}", strength=0.5)


def test_a_strangers_upload_counts_as_missing(alice: User, bob: User, submit: Submit) -> None:
    upload = Upload.objects.create(owner=bob, name="mine.png", width=10, height=10)
    with pytest.raises(submission.ReferenceGone):
        submit(alice, kind="image_to_image", reference=f"upload:{upload.pk}", strength=0.5)
    assert (
        submit(bob, kind="image_to_image", reference=f"upload:{upload.pk}", strength=0.5).kind
        == "image_to_image"
    )
