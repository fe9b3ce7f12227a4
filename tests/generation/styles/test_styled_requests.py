"""A request keeps the style as it was; the model is given the words, the person's own stay as typed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.engine import drawing
from generation.engine.contract import PictureOrder
from generation.engine.edits.given import Given
from generation.requests import recipe as recipes
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size
from generation.styles.style import Style
from tests.generation.requesting import a_request

NIGHT = Style(key="night", name="Night", version=2, prompt="{prompt} at night", negative="the sun")


def test_the_words_go_around_the_prompt_and_the_prompt_stays_as_typed() -> None:
    request = a_request(prompt="a red {prompt}", negative_prompt="clouds", style=NIGHT)
    assert (request.prompt, request.negative_prompt) == ("a red {prompt}", "clouds")
    assert (request.words, request.negative_words) == ("a red {prompt} at night", "clouds, the sun")


def test_without_a_style_the_words_are_the_prompt_and_the_json_is_what_it_was() -> None:
    request = a_request()
    assert (request.words, request.negative_words) == (request.prompt, request.negative_prompt)
    assert "style" not in request.to_json()


@given(prompt=st.text(min_size=1, max_size=60).filter(lambda text: text.strip().isalnum()))
def test_a_styled_request_comes_back_from_its_json(prompt: str) -> None:
    request = a_request(prompt=prompt, style=NIGHT)
    assert GenerationRequest.from_json(request.to_json()) == request
    assert request.fingerprint() != a_request(prompt=prompt).fingerprint()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "night",
        {},
        NIGHT.to_json() | {"version": "2"},
        NIGHT.to_json() | {"prompt": "at night"},
        NIGHT.to_json() | {"prompt": "{prompt}" * 2},
        NIGHT.to_json() | {"prompt": "{prompt} " + "x" * 400},
        NIGHT.to_json() | {"key": "../night"},
        NIGHT.to_json() | {"more": 1},
    ],
)
def test_a_style_of_another_form_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        GenerationRequest.from_json(a_request().to_json() | {"style": wrong})
    assert refused.value.errors.keys() == {"style"}


def test_a_kind_without_words_of_its_own_takes_no_style() -> None:
    with pytest.raises(InvalidRequest) as refused:
        a_request(
            kind="upscale", prompt="", reference="picture:01890a5d-ac96-774b-bcce-b302099a8057", style=NIGHT
        )
    assert "style" in refused.value.errors


def test_requests_of_different_styles_are_drawn_together_each_with_its_own_words() -> None:
    plain, styled = a_request(), a_request(style=NIGHT)
    assert plain.batch_key() == styled.batch_key()
    orders = [PictureOrder(request, 0, 7, str(number)) for number, request in enumerate((plain, styled))]
    batch = drawing._batch(orders, Given(base=Size(64, 64), drawn=Size(64, 64)))
    assert batch.prompts == (plain.prompt, f"{plain.prompt} at night")
    assert batch.negative_prompts == ("", "the sun")


def test_the_recipe_names_the_style_its_version_and_the_resulting_words() -> None:
    request = a_request(prompt="a cat", style=NIGHT)
    recipe = recipes.make(request, index=0, seed=7, model_revision="sha256:0", batch=1, stages=[])
    assert recipe["style"] == {"key": "night", "name": "Night", "version": 2}
    assert recipe["words"] == {"prompt": "a cat at night", "negative_prompt": "the sun"}
    assert recipe["request"]["prompt"] == "a cat"
    without = recipes.make(a_request(), index=0, seed=7, model_revision="sha256:0", batch=1, stages=[])
    assert not {"style", "words"} & without.keys()
