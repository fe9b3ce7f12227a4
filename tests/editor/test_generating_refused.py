"""What can't be ordered, and what goes wrong on the way: one sentence each, nothing held, nothing charged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing import ledger
from editor import opening
from editor.models import Document, Generation
from generation.models import Job, Picture, Upload
from generation.requests import catalogue
from image2.lib.ids import new_id
from tests.editor.making import uploaded, work
from tests.editor.ordering import carry_out, credits_for, ordered, place, quote, select

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_model")]

MARKED = (40, 30, 90, 80)


@pytest.fixture
def alice(alice: User) -> User:
    credits_for(alice, 20)
    return alice


@pytest.fixture
def photo(alice: User, hers: Client) -> Document:
    document = opening.from_file(user=alice, file=uploaded(160))
    select(hers, document, MARKED)
    return document


def nothing_was_charged(user: User) -> bool:
    balance = ledger.balance(user)
    return (balance.available, balance.held) == (20, 0)


REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "another price": ({"tool": "fill", "price": 7}, 409, "price", "The price is 1 credit now."),
    "no price": ({"tool": "fill", "price": None}, 409, "price", "The price is 1 credit now."),
    "an unknown step": (
        {"tool": "fill", "operation": str(new_id())},
        409,
        "unsaved",
        "Your last steps are not saved on the server yet.",
    ),
    "no words": ({"tool": "fill", "words": " "}, 422, "words", "Describe the picture in a few words."),
    "too many words": ({"tool": "fill", "words": "a" * 2001}, 422, "words", "Use at most 2000 characters"),
    "too many": ({"tool": "fill", "variants": 5}, 422, "variants", "Choose one to four pictures."),
    "a strength": ({"tool": "replace", "strength": 7}, 422, "strength", "Strength is a number from"),
    "a feather": ({"tool": "fill", "feather": 600}, 422, "box", "Feather is a number of pixels"),
    "an empty box": (
        {"tool": "fill", "box": [5, 5, 5, 9]},
        422,
        "box",
        "The box that the model sees is empty.",
    ),
    "an unknown model": (
        {"tool": "fill", "model": "dall-e"},
        422,
        "model",
        "This model is no longer available.",
    ),
    "a model that can't": ({"tool": "instruct"}, 422, "model", "This model is no longer available."),
    "an unknown tool": ({"tool": "magic"}, 422, "form", "The server didn't understand this order."),
    "words as numbers": (
        {"tool": "fill", "words": 7},
        422,
        "form",
        "The server didn't understand this order.",
    ),
    "no canvas": ({"tool": "extend"}, 422, "canvas", "Choose how large the picture becomes."),
    "the old canvas": (
        {"tool": "extend", "canvas": {"width": 160, "height": 160, "dx": 0, "dy": 0}},
        422,
        "canvas",
        "The new size is the old one.",
    ),
    "a smaller canvas": (
        {"tool": "extend", "canvas": {"width": 100, "height": 300, "dx": 0, "dy": 0}},
        422,
        "canvas",
        "The new size has to hold the whole picture.",
    ),
    "too large a canvas": (
        {"tool": "extend", "canvas": {"width": 8193, "height": 300, "dx": 0, "dy": 0}},
        422,
        "canvas",
        "A canvas has 1 to 8192 pixels a side.",
    ),
    "an unknown scale": ({"tool": "upscale", "scale": "x3"}, 422, "scale", "Choose ×2, ×4, 4K or 8K."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_order_that_can_not_be_is_refused_with_one_sentence(
    case: str, photo: Document, hers: Client, alice: User
) -> None:
    body, status, code, sentence = REFUSED[case]
    sent = {"price": 1, **body}

    answer = place(hers, photo, sent.pop("tool"), **sent)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert sentence in answer.json()["sentence"]
    if code == "price":
        assert answer.json()["price"] == 1
    assert not Generation.objects.exists()
    assert nothing_was_charged(alice)


def test_something_has_to_be_selected(alice: User, hers: Client) -> None:
    document = opening.blank(user=alice, width=50, height=50, rgba=0xFFFFFFFF)
    answer = place(hers, document, "fill", price=1)
    assert answer.json() == {"code": "selection", "sentence": "Select the part that is to change first."}


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        ((200, 200, 260, 260), "Nothing is selected there."),
        ((0, 0, 160, 160), "The whole picture is marked."),
    ],
)
def test_a_mask_of_nothing_or_of_everything_costs_nothing(
    photo: Document, hers: Client, alice: User, box: tuple[int, int, int, int], sentence: str
) -> None:
    select(hers, photo, box)
    order = ordered(hers, photo, "fill")

    assert (order["state"], order["job"]) == ("failed", None)
    assert order["sentence"].startswith(sentence)
    assert order["sentence"].endswith("You were not charged.")
    assert nothing_was_charged(alice)
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()


@pytest.mark.both_databases
def test_a_press_that_is_sent_twice_is_one_order(photo: Document, hers: Client, alice: User) -> None:
    sent = {"id": str(new_id()), "price": 1}
    first = place(hers, photo, "fill", **sent)
    second = place(hers, photo, "fill", **sent)
    assert first.json() == second.json()
    carry_out()
    third = place(hers, photo, "fill", **sent)

    assert (third.status_code, third.json()["state"]) == (202, "done")
    assert Generation.objects.count() == Job.objects.count() == Picture.objects.count() == 1
    assert ledger.balance(alice).available == 19
    other = place(hers, photo, "fill", **sent, words="a blue boat")
    assert (other.status_code, other.json()["code"]) == (409, "taken")


def test_without_credits_nothing_is_ordered(photo: Document, hers: Client, alice: User) -> None:
    ledger.hold(user=alice, amount=19, ref="test:other")
    assert "You need 1 more credit" in quote(hers, photo, "fill", variants=2)["sentence"]

    answer = place(hers, photo, "fill", variants=2)

    assert answer.status_code == 422
    assert answer.json()["code"] == "credits"
    assert answer.json()["missing"] == 1
    assert not Generation.objects.exists()


def test_credits_that_are_gone_when_the_job_comes_fail_the_order(
    photo: Document, hers: Client, alice: User
) -> None:
    answer = place(hers, photo, "fill", variants=2)
    ledger.hold(user=alice, amount=19, ref="test:other")
    carry_out()

    order = hers.get(answer.json()["url"]).json()
    assert order["state"] == "failed"
    assert "You need 1 more credit" in order["sentence"]
    assert not Job.objects.exists()
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()


def test_a_model_that_was_switched_off_meanwhile_fails_the_order(
    photo: Document, hers: Client, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = place(hers, photo, "fill")
    file = tmp_path / "off.toml"
    file.write_text("[models.bundled]\nenabled = false\n")
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
    work()

    order = hers.get(answer.json()["url"]).json()
    assert (order["state"], order["job"]) == ("failed", None)
    assert order["sentence"].startswith("This model is no longer available. Choose another one.")
    assert nothing_was_charged(alice)
    assert hers.get(f"/editor/{photo.pk}/generate").json()["tools"] == []


def test_a_price_that_changed_meanwhile_fails_the_order(
    photo: Document, hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = place(hers, photo, "fill")
    Generation.objects.update(price=9)
    work()

    order = hers.get(answer.json()["url"]).json()
    assert order["sentence"].startswith("The price has changed meanwhile.")
    assert nothing_was_charged(alice)


def test_no_more_wait_than_a_plan_allows(photo: Document, hers: Client, alice: User, settings: Any) -> None:
    limit = settings.QUEUED_JOBS_PER_PERSON = 3
    for _number in range(limit):
        assert place(hers, photo, "fill").status_code == 202

    answer = place(hers, photo, "fill", price=1)

    assert answer.status_code == 422
    assert answer.json()["code"] == "many"
    assert f"You already have {limit} jobs waiting" in answer.json()["sentence"]
    assert Generation.objects.count() == limit
