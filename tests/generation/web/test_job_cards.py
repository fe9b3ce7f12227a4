"""The card of a job: every state, cancelling, retrying, and its pictures at the end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.models import Job, JobPreview, JobProgress, Picture
from generation.views.jobs.words import WORDS, stage, time_left
from tests.generation.web.conftest import FRAGMENT
from tests.generation.web.makers import a_request, make_job, make_picture


def card_of(client: Client, job: Job) -> str:
    return client.get(f"/jobs/{job.pk}/", headers=FRAGMENT).content.decode()


def event(**changes: Any) -> dict[str, Any]:
    base = {
        "state": "running",
        "stage": "drawing",
        "step": 3,
        "of": 20,
        "picture": 0,
        "count": 1,
        "place": None,
        "eta": None,
    }
    return base | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"state": "queued", "place": 1}, "Next in the queue"),
        ({"state": "queued", "place": 3}, "Place 3 in the queue"),
        ({"state": "queued"}, "Waiting"),
        ({"stage": "", "of": 0}, "Starting"),
        ({"stage": "loading", "of": 0}, "Loading the model"),
        ({}, "Drawing, step 3 of 20"),
        ({"stage": "upscaling", "count": 1}, "Enlarging"),
        ({"stage": "upscaling", "count": 4, "picture": 2}, "Enlarging, picture 3 of 4"),
        ({"stage": "something new", "of": 0}, "Starting"),
        ({"state": "done"}, "Done"),
    ],
)
def test_the_stage_is_shown_in_words(changes: dict[str, Any], said: str) -> None:
    assert stage(event(**changes)) == said


@pytest.mark.parametrize(
    ("eta", "said"),
    [
        (None, "time left unknown"),
        ([0, 1], "almost done"),
        ([8, 15], "8–15 s left"),
        ([100, 200], "1–4 min left"),
    ],
)
def test_the_time_left_is_a_range_or_unknown(eta: list[int] | None, said: str) -> None:
    assert time_left(event(eta=eta)) == said


def test_a_waiting_card_shows_its_place_and_can_be_cancelled(hers: Client, alice: User) -> None:
    job = make_job(alice)
    card = card_of(hers, job)
    assert "Next in the queue" in card
    assert f"/jobs/{job.pk}/cancel/" in card
    assert "time left unknown" in card
    assert 'class="job-card ratio-1500"' in card  # the final shape, from the first moment


def test_a_running_card_shows_preview_bar_and_steps(hers: Client, alice: User) -> None:
    job = make_job(alice, Job.State.RUNNING)
    JobProgress.objects.filter(pk=job.pk).update(stage="drawing", step=5, of=20)
    JobPreview.objects.create(job=job, index=0, image=b"RIFF", number=2)
    card = card_of(hers, job)
    assert f"/jobs/{job.pk}/preview/0/2/" in card
    assert re.search(r'value="5"\s+max="20"', card)
    assert "Drawing, step 5 of 20" in card


def test_a_card_has_one_frame_a_picture(hers: Client, alice: User) -> None:
    card = card_of(hers, make_job(alice, request=a_request(count=4)))
    assert card.count("data-frame") == 4
    assert card.count("/cancel/") == 2


def test_a_failed_card_says_what_happened_what_to_do_and_that_it_cost_nothing(
    hers: Client, alice: User
) -> None:
    card = card_of(hers, make_job(alice, Job.State.FAILED, error_code="memory"))
    assert "ran out of memory" in card
    assert "You were not charged" in card
    assert "Try again · 1 credit" in card


def test_a_finished_card_is_its_pictures(hers: Client, alice: User) -> None:
    job = make_job(alice, Job.State.DONE, request=a_request(count=2))
    pictures = [make_picture(alice, job=job, index=index) for index in range(2)]
    card = card_of(hers, job)
    assert all(f'id="picture-{picture.pk}"' in card for picture in pictures)
    assert "<job-card" not in card
    Picture.objects.update(deleted_at=pictures[0].created_at)
    assert "in the trash" in card_of(hers, job)


def test_cancelling_a_queued_job_releases_the_credits(hers: Client, alice: User) -> None:
    job = submission.submit(user=alice, request=a_request(), idempotency_key="k")
    assert ledger.balance(alice).available == 99
    card = hers.post(f"/jobs/{job.pk}/cancel/", headers=FRAGMENT).content.decode()
    assert "Cancelled. You were not charged." in card
    assert ledger.balance(alice).available == 100
    assert hers.post(f"/jobs/{job.pk}/cancel/").status_code == 302  # twice is no error


def test_a_retry_submits_the_same_request_once(hers: Client, alice: User) -> None:
    failed = make_job(alice, Job.State.FAILED, request=a_request(seed=5))
    first = hers.post(f"/jobs/{failed.pk}/again/", headers=FRAGMENT).content.decode()
    hers.post(f"/jobs/{failed.pk}/again/")
    new = Job.objects.get(state=Job.State.QUEUED)
    assert new.request == failed.request
    assert f'id="job-{new.pk}"' in first
    # The failure is answered: its card leaves the top of the history.
    page = hers.get("/history/").content.decode()
    assert f'id="job-{failed.pk}"' not in page
    assert f'id="job-{new.pk}"' in page


def test_a_retry_without_credits_says_so_on_the_card(hers: Client, alice: User) -> None:
    ledger.hold(user=alice, amount=100, ref="test:spent")
    failed = make_job(alice, Job.State.FAILED)
    answer = hers.post(f"/jobs/{failed.pk}/again/", headers=FRAGMENT)
    assert answer.status_code == 422
    assert "You need 1 more credit. Nothing was charged." in answer.content.decode()
    assert '/pricing/#plans">monthly' in answer.content.decode()
    assert '/pricing/#packs">once, as credits that never expire' in answer.content.decode()


def test_a_live_job_is_not_retried(hers: Client, alice: User) -> None:
    assert hers.post(f"/jobs/{make_job(alice).pk}/again/").status_code == 404


def test_a_request_nobody_can_read_any_more_still_has_a_card(hers: Client, alice: User) -> None:
    job = make_job(alice, Job.State.FAILED)
    Job.objects.update(request={"version": 0})
    assert "You were not charged" in card_of(hers, job)
    assert hers.get("/history/").status_code == 200
    assert hers.post(f"/jobs/{job.pk}/again/").status_code == 302


def test_the_script_has_every_word_that_the_server_says() -> None:
    states = {value for value, _label in Job.State.choices}
    assert states | {f"said_{state}" for state in states} <= WORDS.keys()
