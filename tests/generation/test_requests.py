"""The request: normalised, refused in clear sentences, unchanged by JSON."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generation.requests import catalogue
from generation.requests.request import MAX_PROMPT, GenerationRequest, InvalidRequest
from generation.requests.sizes import SHAPES, SIZES
from generation.requests.texts import cleaned

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
        # Invisible characters that mean nothing where they stand.
        ("a sail\u00adboat", "a sailboat"),
        ("red\u200bhouse \ufeff\u2060", "redhouse"),
        ("red \u200b house", "red house"),
        ("a\u200e b\u200f c\u061c", "a b c"),
        ("\u2066boat\u2069", "boat"),
        ("e\u200b\u0301", "é"),
        ("bo\u200cat bo\u200dat", "boat boat"),
        ("a\u3164b\u115fc", "abc"),
        ("boat\ufe0f", "boat\ufe0f"),
        ("boat\ufe0f\ufe0f \ufe0f", "boat\ufe0f"),
        ("a\U000e0041b", "ab"),
        # What scripts and emoji need.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("می\u200c\u200cخواهم", "می\u200cخواهم"),
        ("ه\u200d ق", "ه\u200d ق"),
        ("क्\u200dष", "क्\u200dष"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("🏳\ufe0f\u200d🌈\u200d", "🏳\ufe0f\u200d🌈"),
        ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("葛\U000e0100", "葛\U000e0100"),
        ("ᠮᠣ\u180bᠩ", "ᠮᠣ\u180bᠩ"),
        ("٣\u0600", "٣\u0600"),
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


def test_a_lone_surrogate_is_refused() -> None:
    assert "invalid character" in errors_of(prompt="boat \ud83d")["prompt"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 0),
        ("version", 5),
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


def test_every_error_is_reported_at_once() -> None:
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
def test_image_to_image_needs_reference_strength_and_enough_steps(
    changes: dict[str, Any], field: str
) -> None:
    assert a_request(**_FROM_PICTURE).strength == 0.6
    assert list(errors_of(**(_FROM_PICTURE | changes))) == [field]


def test_text_to_image_takes_no_reference() -> None:
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
def test_fingerprints_distinguish_requests(one: GenerationRequest, other: GenerationRequest) -> None:
    assert (one == other) == (one.fingerprint() == other.fingerprint())


def test_the_fingerprint_is_the_same_on_every_machine() -> None:
    assert a_request().fingerprint() == "eb6d7063ea7e3b3a19c7d61f678bd30aa8abf6b916d55868fb6d789f6fd716ff"


def test_a_request_of_version_3_is_what_it_was() -> None:
    old = GenerationRequest.from_json(_VALID | {"version": 3})
    assert old.fingerprint() == "191a9c8379ce6b59a94510fad0fe2ec3ad6f4f95c9361820095b721c29124c03"
    assert old.batch_key() == a_request().batch_key()


def test_a_request_of_version_2_is_what_it_was() -> None:
    old = GenerationRequest.from_json(_VALID | {"version": 2})
    assert old.fingerprint() == "45f98afb70b3cf9977311733f65add8a14e98554bc8b557738af85ad428ffc71"
    assert old.to_json().keys() == a_request().to_json().keys()


def test_an_unknown_version_is_reported() -> None:
    with pytest.raises(InvalidRequest, match="version"):
        GenerationRequest.from_json(a_request().to_json() | {"version": 5, "future": 1})


def test_a_request_of_version_1_keeps_its_text_and_its_fingerprint() -> None:
    plain = GenerationRequest.from_json(_VALID | {"version": 1})
    assert plain.fingerprint() == "e77c9030bd86120debddc634227b0c89f42bc11049127db49e8ce3568810bb5e"
    stored = _VALID | {
        "version": 1,
        "prompt": "a sail\u00adboat \u200b by\ufeff night",
        "negative_prompt": "x\u200ey",
    }
    old = GenerationRequest.from_json(stored)
    assert (old.version, old.prompt, old.negative_prompt) == (1, stored["prompt"], stored["negative_prompt"])
    assert GenerationRequest.from_json(old.to_json()) == old
    assert replace(old, seed=8, count=1).prompt == stored["prompt"]


@given(st.text(max_size=60))
def test_cleaning_again_changes_nothing(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once


@example("\u0301\u180b\u094d\u200d")
@given(
    st.text(
        st.sampled_from("aا\u200c\u200d\u00ad\u180bᠮक् 👩🏽🏴\ufe0f\U000e0067\U000e007f\u0301\n"), max_size=10
    )
)
def test_cleaning_again_changes_nothing_where_joiners_meet(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once


def test_requests_of_both_versions_can_be_drawn_together() -> None:
    assert GenerationRequest.from_json(_VALID | {"version": 1}).batch_key() == a_request().batch_key()


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
    assert GenerationRequest.from_json(_VALID | {"version": 4}) == a_request()


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


def test_detail_is_added_to_4k_pictures_and_upscales_by_models_that_can() -> None:
    sentence = "Detail is added to 4K pictures and to upscales. Choose one of them, or turn it off."
    assert errors_of(size="2k", enhance=True) == {"enhance": sentence}
    assert errors_of(enhance=1) == {"enhance": "This has another form than expected."}
    asked = a_request(model="sdxl", enhance=True)
    assert GenerationRequest.from_json(json.loads(json.dumps(asked.to_json()))) == asked
    assert "enhance" not in a_request().to_json()
    assert asked.batch_key() == replace(asked, enhance=False).batch_key()
    assert catalogue.get("sdxl").can("upscale", enhance=True)
    assert not catalogue.get("sdxl").can("upscale")
    with pytest.raises(InvalidRequest) as caught:
        a_request(enhance=True).validated()
    assert {name: str(said) for name, said in caught.value.errors.items()} == {
        "enhance": "This model can't add detail. Choose another one, or turn it off."
    }
