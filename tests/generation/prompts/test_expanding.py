"""Fuller prompts and suggested words: seeded, within the vocabulary, and never at the cost of a word that was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.bundled import vocabulary
from generation.bundled.scenes import SKYLESS
from generation.prompts import expanding, known, reading, suggesting, tables
from generation.prompts.facts import PARTS, said
from generation.requests.request import MAX_PROMPT
from tests.generation.prompts.sentences import SENTENCES

TYPED = st.text(max_size=120) | st.lists(
    st.sampled_from(sorted(known.known())) | st.text(max_size=6), min_size=1, max_size=45
).map(" ".join)


@given(TYPED, st.integers(0, 5))
def test_offers_keep_every_word_add_known_ones_and_stay_within_the_limits(prompt: str, number: int) -> None:
    offers = expanding.within_vocabulary(prompt, number)
    assert len(offers) <= 3
    assert len({offer.text for offer in offers}) == len(offers)
    for offer in offers:
        assert offer.text.startswith(prompt.strip())
        assert len(offer.text) <= MAX_PROMPT
        read = known.words(reading.read(offer.text).prompt)
        assert sum(word in known.known() for word in read) <= known.MOST_READ
        assert reading.read(offer.text).unknown == reading.read(prompt).unknown
    assert offers == expanding.within_vocabulary(prompt, number)


@given(TYPED)
def test_offers_leave_what_was_said_as_it_was(prompt: str) -> None:
    before = said(reading.read(prompt).prompt)
    for offer in expanding.within_vocabulary(prompt):
        after = said(reading.read(offer.text).prompt)
        for part in PARTS:
            if getattr(before, part):
                assert getattr(after, part) == getattr(before, part)
                added = said(reading.read(offer.added).prompt)
                assert not getattr(added, part)
        assert after.things == before.things


@pytest.mark.parametrize(
    "prompt", ["a red sailboat", "three hot air balloons", "a cat", "sunset", *vocabulary.SUGGESTIONS[:4]]
)
def test_offers_fit_together(prompt: str) -> None:
    for number in range(20):
        for offer in expanding.within_vocabulary(prompt, number):
            scene = said(offer.text)
            assert not (scene.setting in SKYLESS and (scene.time or scene.weather))
            assert not (scene.sky in ("moon", "crescent", "stars") and scene.time in ("day", "sunrise"))
            assert not (scene.sky == "sun" and scene.time == "night")
            assert not (scene.weather == "snowfall" and scene.setting in ("desert", "beach", "sea"))


def test_a_thing_is_put_where_such_things_are() -> None:
    settings = {
        said(offer.text).setting
        for number in range(30)
        for offer in expanding.within_vocabulary("a fish", number)
    }
    assert settings <= {"underwater", "sea"}


def test_each_round_gives_others_and_the_same_round_the_same() -> None:
    first, second = (expanding.within_vocabulary("a red sailboat", number) for number in (0, 1))
    assert len(first) == len(second) == 3
    assert first != second
    assert first == expanding.within_vocabulary("a red sailboat", 0)


@pytest.mark.parametrize(("language", "prompt", "_read", "_facts"), SENTENCES)
def test_offers_are_in_the_language_that_was_typed(
    language: str, prompt: str, _read: str, _facts: object
) -> None:
    short = " ".join(prompt.split()[:3])
    found = reading.read(short).language
    assert language == found or short == "una barca a"  # which is Spanish as well
    offers = expanding.within_vocabulary(short)
    phrases = set(tables.table(found).phrases.values())
    assert offers
    for offer in offers:
        assert reading.read(offer.text).language == found
        assert any(phrase in offer.added for phrase in phrases)


def test_there_is_nothing_to_add_to_words_nobody_knows_or_to_a_whole_scene() -> None:
    assert expanding.within_vocabulary("Schrödinger equation") == []
    assert expanding.within_vocabulary("") == []
    assert expanding.within_vocabulary("two white rabbits in space") == []
    assert expanding.within_vocabulary("x" * MAX_PROMPT) == []


@given(
    st.text(max_size=200) | st.sampled_from(["a dragon over a village", "a portrait at night"]),
    st.integers(0, 9),
)
def test_any_model_gets_offers_that_keep_every_word_too(prompt: str, number: int) -> None:
    for offer in expanding.for_any_model(prompt, number):
        assert offer.text.startswith(prompt.strip())
        assert len(offer.text) <= MAX_PROMPT
    assert len(expanding.for_any_model(prompt, number)) <= 3


def test_light_is_not_added_to_words_that_say_it() -> None:
    for number in range(20):
        for offer in expanding.for_any_model("a village at night, watercolor", number):
            assert not {"light", "sun", "texture", "detail"} & set(known.words(offer.added))
    assert expanding.for_any_model("ein Dorf mit einem roten Haus") == []


@pytest.mark.parametrize(
    ("word", "language", "meant"),
    [
        ("sailbot", "", "sailboat"),
        ("huose", "", "house"),
        ("lighthuose", "", "lighthouse"),
        ("penguni", "", "penguin"),
        ("rde", "", "red"),
        ("lake", "", "calm water"),
        ("dragon", "", ""),
        ("sofa", "", ""),
        ("teh", "", ""),
        ("xyz" * 20, "", ""),
        ("leuchtrum", "de", "leuchtturm"),
        ("maisson", "fr", "maison"),
        ("mongolfeira", "it", "mongolfiera"),
    ],
)
def test_nearest_words(word: str, language: str, meant: str) -> None:
    assert suggesting.instead_of(word, language) == meant


@given(st.text(max_size=30), st.sampled_from(["", *tables.CODES]))
def test_a_suggestion_never_fails_and_is_known(word: str, language: str) -> None:
    instead = suggesting.instead_of(word, language)
    assert reading.read(instead, expected=language).unknown == ()


@pytest.mark.parametrize(
    ("one", "other", "errors"),
    [
        ("", "", 0),
        ("cat", "act", 1),
        ("house", "huse", 1),
        ("house", "hoouse", 1),
        ("", "abc", 3),
        ("ca", "abc", 3),
    ],
)
def test_typing_errors_are_counted(one: str, other: str, errors: int) -> None:
    assert suggesting.distance(one, other) == suggesting.distance(other, one) == errors


def test_a_word_is_replaced_wherever_it_stands_and_nothing_else_is() -> None:
    assert suggesting.replaced("Sailbot, sailbots and a sailbot!", "sailbot", "sailboat") == (
        "sailboat, sailbots and a sailboat!"
    )
    assert suggesting.replaced("a (b", "(b", r"\1") == r"a \1"
