"""The request: normalised, refused in clear sentences, the same after a journey through JSON."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import catalogue
from generation.requests import MAX_PROMPT, GenerationRequest, InvalidRequest
from generation.sizes import SHAPES, SIZES

_VALID: dict[str, Any] = {
    "kind": "text_to_image",
    "model": "bundled",
    "prompt": "a red sailboat",
    "shape": "16:9",
    "size": "4k",
    "count": 2,
    "seed": 7,
    "steps": 25,
    "guidance": 4.0,
}
_FROM_PICTURE = {
    "kind": "image_to_image",
    "reference": "picture:0190b5a0-0000-7000-8000-000000000001",
    "strength": 0.6,
}


def a_request(**changes: Any) -> GenerationRequest:
    return GenerationRequest(**(_VALID | changes))


def errors_of(**changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        a_request(**changes)
    return {field: str(sentence) for field, sentence in caught.value.errors.items()}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  a\t red\n\nboat ", "a red boat"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1bc", "abc"),
        ("\u202eboat\u202c", "boat"),
        ("👩\u200d🚀 on the moon", "👩\u200d🚀 on the moon"),
        ("帆船", "帆船"),
    ],
)
def test_the_prompt_is_normalised(raw: str, clean: str) -> None:
    assert a_request(prompt=raw).prompt == clean


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t", "\x00", "\u200d\u200d", "\u0301"])
def test_a_prompt_that_shows_nothing_is_refused(prompt: str) -> None:
    assert "Describe the picture" in errors_of(prompt=prompt)["prompt"]


@pytest.mark.parametrize("prompt", ["x" * (MAX_PROMPT + 1), "x" * 1_000_000])
def test_a_prompt_that_is_too_long_is_refused_with_its_length(prompt: str) -> None:
    assert str(len(prompt)) in errors_of(prompt=prompt)["prompt"]


def test_half_a_character_is_refused() -> None:
    assert "half a character" in errors_of(prompt="boat \ud83d")["prompt"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("kind", "video"),
        ("model", ""),
        ("model", 5),
        ("prompt", 5),
        ("negative_prompt", None),
        ("shape", "5:4"),
        ("size", "8k"),
        ("count", 0),
        ("count", 5),
        ("count", True),
        ("seed", -1),
        ("seed", 2**32),
        ("seed", 1.5),
        ("steps", 0),
        ("steps", "25"),
        ("guidance", float("nan")),
        ("guidance", float("inf")),
        ("guidance", -1),
    ],
)
def test_each_wrong_value_is_refused_at_its_field(field: str, value: object) -> None:
    assert list(errors_of(**{field: value})) == [field]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert set(errors_of(prompt="", count=9, seed=-1)) == {"prompt", "count", "seed"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reference": None}, "reference"),
        ({"reference": "http://example.com/a.png"}, "reference"),
        ({"reference": "upload:../../etc/passwd"}, "reference"),
        ({"strength": None}, "strength"),
        ({"strength": 0.0}, "strength"),
        ({"strength": 1.01}, "strength"),
        ({"strength": 0.05, "steps": 4}, "strength"),
    ],
)
def test_a_picture_from_a_picture_needs_both_and_enough_steps(changes: dict[str, Any], field: str) -> None:
    assert a_request(**_FROM_PICTURE).strength == 0.6
    assert list(errors_of(**(_FROM_PICTURE | changes))) == [field]


def test_a_picture_from_words_has_no_reference() -> None:
    assert list(errors_of(reference=_FROM_PICTURE["reference"])) == ["reference"]


requests = st.builds(
    a_request,
    prompt=st.text(min_size=1, max_size=80).map(lambda text: "a " + text).filter(lambda t: t.isprintable()),
    shape=st.sampled_from(SHAPES),
    size=st.sampled_from(SIZES),
    count=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1),
    steps=st.integers(1, 200),
    guidance=st.floats(0, 50),
)


@given(requests)
def test_a_request_survives_json(request_: GenerationRequest) -> None:
    again = GenerationRequest.from_json(json.loads(json.dumps(request_.to_json())))
    assert again == request_
    assert again.fingerprint() == request_.fingerprint()
    assert again.batch_key() == request_.batch_key()


@given(requests, requests)
def test_fingerprints_tell_requests_apart(one: GenerationRequest, other: GenerationRequest) -> None:
    assert (one == other) == (one.fingerprint() == other.fingerprint())


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    assert a_request().fingerprint() == "e77c9030bd86120debddc634227b0c89f42bc11049127db49e8ce3568810bb5e"


def test_an_unknown_version_is_said_to_be_unknown() -> None:
    with pytest.raises(InvalidRequest, match="version"):
        GenerationRequest.from_json(a_request().to_json() | {"version": 2, "future": 1})


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_json_that_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(InvalidRequest):
        GenerationRequest.from_json(data)


def test_unknown_and_missing_fields_are_named() -> None:
    data = a_request().to_json() | {"colour": "red"}
    del data["prompt"]
    with pytest.raises(InvalidRequest) as caught:
        GenerationRequest.from_json(data)
    assert set(caught.value.errors) == {"colour", "prompt"}


def test_optional_fields_may_be_left_out_of_json() -> None:
    assert GenerationRequest.from_json(_VALID | {"version": 1}) == a_request()


def test_pictures_that_differ_in_words_and_seed_only_can_be_drawn_together() -> None:
    key = a_request().batch_key()
    assert a_request(prompt="a tree", seed=1, count=1, size="1k", negative_prompt="x").batch_key() == key
    for change in ({"shape": "1:1"}, {"steps": 26}, {"guidance": 5}, _FROM_PICTURE):
        assert a_request(**change).batch_key() != key


def test_seeds_count_up_and_wrap() -> None:
    request = a_request(seed=2**32 - 1)
    assert [request.seed_of(index) for index in range(3)] == [2**32 - 1, 0, 1]


def test_todays_catalogue_decides_what_may_be_asked_for() -> None:
    assert a_request().validated() == a_request()
    entry = catalogue.get("bundled")
    for changes, field in (
        ({"model": "nothing"}, "model"),
        ({"model": "sana-4k"}, "model"),
        ({"steps": entry.max_steps + 1}, "steps"),
        ({"guidance": entry.max_guidance + 1}, "guidance"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            a_request(**changes).validated()
        assert list(caught.value.errors) == [field]


def test_a_request_is_frozen_and_replacing_a_value_checks_it_again() -> None:
    with pytest.raises(InvalidRequest):
        replace(a_request(), count=99)
