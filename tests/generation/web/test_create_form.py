"""The form of /create/: whatever is typed becomes a request, or a sentence beside its field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.requests import catalogue
from generation.requests.request import SEEDS
from generation.views.creating.forms import CreateForm, seed_of

KEY = "0123456789abcdef0123456789abcdef"
TYPED = {
    "prompt": "a red sailboat",
    "model": "bundled",
    "shape": "16:9",
    "size": "4k",
    "count": "2",
    "key": KEY,
}


def sent(**changes: Any) -> CreateForm:
    return CreateForm(TYPED | changes)


def test_what_was_typed_becomes_a_typed_request() -> None:
    form = sent(seed="7", steps="12", guidance="4.5", negative_prompt="clouds")
    assert form.is_valid(), form.errors
    request = form.generation_request
    assert (request.kind, request.shape, request.size, request.count) == ("text_to_image", "16:9", "4k", 2)
    assert (request.seed, request.steps, request.guidance) == (7, 12, 4.5)
    assert request.negative_prompt == "clouds"


def test_empty_steps_and_guidance_are_the_models_own() -> None:
    form = sent(steps="", guidance="")
    assert form.is_valid()
    entry = catalogue.get("bundled")
    assert form.generation_request.steps == entry.default_steps
    assert form.generation_request.guidance == entry.default_guidance


def test_detail_is_off_unless_it_is_asked_for_and_a_model_without_it_says_so() -> None:
    plain, asked = sent(), sent(enhance="on")
    assert plain.is_valid()
    assert not plain.generation_request.enhance
    assert not asked.is_valid()
    assert asked.errors == {"enhance": ["This model can't add detail. Choose another one, or turn it off."]}


def test_an_empty_seed_is_chosen_by_the_rendering_so_that_two_clicks_ask_for_the_same() -> None:
    first, second, other = sent(), sent(), sent(key="f" * 32)
    assert first.is_valid()
    assert second.is_valid()
    assert other.is_valid()
    assert first.generation_request == second.generation_request
    assert first.generation_request.seed == seed_of(KEY) != other.generation_request.seed
    assert 0 <= other.generation_request.seed < SEEDS


def test_two_clicks_have_one_key_and_a_changed_word_has_another() -> None:
    first, second, changed = sent(), sent(), sent(prompt="a blue sailboat")
    assert first.is_valid()
    assert second.is_valid()
    assert changed.is_valid()
    assert first.idempotency_key == second.idempotency_key != changed.idempotency_key
    assert len(first.idempotency_key) <= 80


@pytest.mark.parametrize("key", ["", "short", "Z" * 32, "0" * 33, "'; drop table"])
def test_a_key_that_is_not_ours_is_replaced(key: str) -> None:
    form = sent(key=key)
    assert form.is_valid()
    assert form.cleaned_data["key"] != key
    assert len(form.cleaned_data["key"]) == 32


def test_a_reference_makes_it_image_to_image() -> None:
    form = sent(reference="picture:01890a5d-ac96-774b-bcce-b302099a8057", strength="")
    assert form.is_valid(), form.errors
    assert form.generation_request.kind == "image_to_image"
    assert form.generation_request.strength == 0.6


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "   \n\t "}, "prompt"),
        ({"prompt": "\u200d\u200d"}, "prompt"),
        ({"prompt": "x" * 2001}, "prompt"),
        ({"prompt": "x" * 100_000}, "prompt"),
        ({"prompt": "half \ud83d a character"}, "prompt"),
        ({"prompt": "nul \x00 here"}, "prompt"),
        ({"negative_prompt": "y" * 2001}, "negative_prompt"),
        ({"model": "no-such-model"}, "model"),
        ({"model": "sana-4k"}, "model"),  # known, and switched off
        ({"shape": "5:4"}, "shape"),
        ({"size": "8k"}, "size"),
        ({"count": "0"}, "count"),
        ({"count": "5"}, "count"),
        ({"count": "two"}, "count"),
        ({"seed": "-1"}, "seed"),
        ({"seed": str(2**32)}, "seed"),
        ({"seed": "1.5"}, "seed"),
        ({"seed": "9" * 400}, "seed"),
        ({"steps": "0"}, "steps"),
        ({"steps": "1000"}, "steps"),
        ({"guidance": "nan"}, "guidance"),
        ({"guidance": "1e400"}, "guidance"),
        ({"guidance": "-1"}, "guidance"),
        ({"reference": "picture:../../etc/passwd", "strength": "0.5"}, "reference"),
        ({"reference": "picture:01890a5d-ac96-774b-bcce-b302099a8057", "strength": "0"}, "strength"),
        ({"reference": "picture:01890a5d-ac96-774b-bcce-b302099a8057", "strength": "2"}, "strength"),
    ],
)
def test_an_invalid_value_is_a_sentence_beside_its_field(changes: dict[str, str], field: str) -> None:
    form = sent(**changes)
    assert not form.is_valid()
    assert field in form.errors
    assert all(str(sentence).strip() for sentence in form.errors[field])


@pytest.mark.parametrize(
    "prompt",
    [
        "🦊 in the snow 👩🏽‍🚀",
        "قارب أحمر عند الغروب",
        "אוניה אדומה",
        "红色的帆船",
        "ﷺ",
        "e\u0301t\u00e9",
        "<script>alert(1)</script>",
        "{{ 7*7 }}",
    ],
)
def test_any_language_emoji_and_markup_is_a_prompt(prompt: str) -> None:
    form = sent(prompt=prompt)
    assert form.is_valid(), form.errors
    assert form.generation_request.prompt


@pytest.mark.django_db
@given(data=st.dictionaries(st.sampled_from([*CreateForm.base_fields]), st.text(max_size=60)))
def test_no_text_in_any_field_is_an_error_of_ours(data: dict[str, str]) -> None:
    form = CreateForm(data)
    if form.is_valid():
        form.generation_request.validated()
    else:
        assert form.errors
