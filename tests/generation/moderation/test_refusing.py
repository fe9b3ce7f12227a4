"""What is refused costs nothing and leaves no words behind; what couldn't be checked isn't made."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core import checks
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from billing import ledger
from generation.jobs import refusals, submission
from generation.models import Job, ModerationTotal
from generation.moderation import pictures, totals
from generation.requests import catalogue, ordering
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size
from tests.factories import log_in_staff, make_person
from tests.generation.web.makers import a_request
from tests.generation.web.test_creating import TYPED

pytestmark = pytest.mark.django_db

PROMPT = "hardcore porn on a red sofa"
SENTENCE = "Pornographic pictures aren&#x27;t made here. Nothing was charged."


def rich(user: User) -> User:
    ledger.grant(user=user, amount=50, source="admin", source_ref="test:a")
    return user


def submitted(user: User, prompt: str, **changes: Any) -> Job:
    return submission.submit(
        user=user, request=a_request(prompt=prompt, **changes), idempotency_key=prompt[:20]
    )


def test_a_refused_prompt_holds_nothing_and_is_counted_without_its_words(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    rich(alice)
    before = ledger.balance(alice)
    for _n in range(2):
        with pytest.raises(submission.WordsRefused) as refused:
            submitted(alice, PROMPT)
    assert refused.value.category == "sexual"
    assert ledger.balance(alice) == before
    assert not Job.objects.exists()
    total = ModerationTotal.objects.get()
    assert (total.stage, total.category, total.count) == ("words", "sexual", 2)
    assert "sofa" not in caplog.text
    assert {field.name for field in ModerationTotal._meta.fields} == {
        "id",
        "day",
        "stage",
        "category",
        "count",
    }


def test_what_is_unwanted_in_a_picture_may_be_named(alice: User) -> None:
    assert submitted(rich(alice), "a portrait", negative_prompt="nsfw, porn").state == "queued"


REFERENCE = "picture:01890a5d-ac96-774b-bcce-b302099a8057"


def a_change(kind: str, entry: catalogue.Entry, **more: Any) -> GenerationRequest:
    make = {
        "upscale": partial(ordering.upscale, scale="x2"),
        "layers": partial(ordering.layers, count=2, seed=1),
    }
    return make[kind](entry, reference=REFERENCE, source=Size(1024, 576), prompt=PROMPT, **more)


@pytest.mark.parametrize(
    ("kind", "model", "more", "is_drawn"),
    [
        ("upscale", "bundled", {}, False),
        ("upscale", "sdxl", {"enhance": True, "seed": 3}, True),
        ("layers", "bundled", {}, False),
        ("layers", "qwen-image-layered", {}, True),
    ],
)
def test_words_of_a_picture_or_a_title_are_checked_where_something_is_drawn_by_them(
    kind: str, model: str, more: dict[str, Any], is_drawn: bool
) -> None:
    request = a_change(kind, catalogue.get(model), **more)
    if is_drawn:
        with pytest.raises(submission.WordsRefused):
            submission.admit(request)
    else:
        submission.admit(request)


def test_the_form_says_why_and_keeps_the_words(client: Client, alice: User) -> None:
    client.force_login(rich(alice))
    answer = client.post("/create/", TYPED | {"prompt": PROMPT})
    page = answer.content.decode()
    assert (answer.status_code, SENTENCE in page, PROMPT in page) == (422, True, True)
    assert not Job.objects.exists()


def test_asking_for_a_price_counts_nothing(alice: User) -> None:
    with pytest.raises(submission.WordsRefused):
        submission.check(rich(alice), a_request(prompt=PROMPT))
    assert not ModerationTotal.objects.exists()


@pytest.mark.parametrize("broken", ["no.such.module", "tests.generation.moderation.own.broken"])
def test_it_fails_closed(
    alice: User, settings: Settings, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    settings.MODERATION_CHECKER = broken
    rich(alice)
    with pytest.raises(submission.NotChecked) as refused:
        submitted(alice, "a red house with a secret")
    assert "couldn't be checked just now. Nothing was charged" in refusals.refusal(refused.value).sentence
    assert (ledger.balance(alice).held, Job.objects.count()) == (0, 0)
    assert "secret" not in caplog.text


def test_the_operators_function_and_list_decide(alice: User, settings: Settings, tmp_path: Path) -> None:
    settings.MODERATION_CHECKER = "tests.generation.moderation.own.no_boats"
    assert submitted(rich(alice), PROMPT).state == "queued"
    with pytest.raises(submission.WordsRefused) as refused:
        submitted(alice, "a red boat")
    assert refused.value.category == "boats"
    assert refusals.refusal(refused.value).sentence.startswith("Pictures of this aren't made here.")
    settings.MODERATION_CHECKER = ""
    settings.MODERATION_WORDS = str(tmp_path / "own.txt")
    (tmp_path / "own.txt").write_text("acme*\n")
    with pytest.raises(submission.WordsRefused):
        submitted(alice, "a can of acme's paint")


def test_it_can_be_switched_off(alice: User, settings: Settings) -> None:
    settings.MODERATION = False
    assert submitted(rich(alice), PROMPT).state == "queued"


def test_a_job_that_was_submitted_before_is_still_found_by_its_key(alice: User, settings: Settings) -> None:
    settings.MODERATION = False
    job = submitted(rich(alice), PROMPT)
    settings.MODERATION = True
    assert submitted(alice, PROMPT) == job


@pytest.mark.parametrize(
    ("labels", "config", "is_fine"),
    [
        ("nsfw=0.8", {"id2label": {"0": "normal", "1": "nsfw"}}, True),
        ("gore=0.8", {"id2label": {"0": "normal", "1": "nsfw"}}, False),
        ("", {"id2label": {"0": "nsfw"}}, False),
        ("nsfw=2", {"id2label": {"0": "nsfw"}}, False),
        ("nsfw", {"id2label": {"0": "nsfw"}}, False),
        ("nsfw=0.8", {}, False),
    ],
)
def test_a_classifier_that_is_not_there_is_said_at_the_start(
    settings: Settings, tmp_path: Path, labels: str, config: dict[str, Any], is_fine: bool
) -> None:
    settings.MODERATION_MODEL, settings.MODERATION_LABELS = str(tmp_path), labels
    (tmp_path / "config.json").write_text(json.dumps(config))
    found = [message.id for message in checks.run_checks() if message.id == "generation.E003"]
    assert found == ([] if is_fine else ["generation.E003"])


@pytest.mark.parametrize(("labels", "is_fine"), [("nsfw=0.8", True), ("nsfw=2", False), ("", False)])
def test_a_classifier_may_be_on_the_machine_of_the_worker_alone(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, labels: str, is_fine: bool
) -> None:
    settings.MODERATION_MODEL, settings.MODERATION_LABELS = str(tmp_path / "elsewhere"), labels
    found = [message.id for message in checks.run_checks() if message.id == "generation.E003"]
    assert found == ([] if is_fine else ["generation.E003"])
    pictures.report()
    assert "moderation.no_classifier" in caplog.text


def test_the_operator_sees_totals(client: Client, alice: User) -> None:
    totals.count(ModerationTotal.Stage.PICTURE, "gore")
    staff = log_in_staff(client, make_person("Dora", is_staff=True, is_superuser=True))
    for page in ("/admin/", "/admin/generation/moderationtotal/"):
        assert "gore" in staff.get(page).content.decode()


def test_old_totals_go(alice: User) -> None:
    totals.count(ModerationTotal.Stage.WORDS, "sexual")
    assert totals.forget_old() == 0
    ModerationTotal.objects.update(day="2020-01-01")
    assert totals.forget_old() == 1
