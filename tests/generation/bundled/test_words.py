"""Captions, tokens and the words that the interface shows are one vocabulary."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.bundled import tokenizer, vocabulary
from generation.bundled.captions import Facts, caption
from generation.bundled.scenes import Group, Scene, sample

TOKENIZER = tokenizer.build()


def meant(text: str) -> frozenset[str]:
    """The words that stand for something a picture shows."""
    return vocabulary.MEANINGFUL.intersection(vocabulary.words(text))


@given(st.integers(0, 10_000_000))
def test_every_caption_is_made_of_known_tokens_and_fits(seed: int) -> None:
    rng = Random(seed)
    text, _ = caption(sample(rng), rng)
    assert meant(text)
    ids = TOKENIZER(text).input_ids
    assert len(ids) - 2 == len(vocabulary.words(text))
    assert len(ids) <= tokenizer.LENGTH


@given(st.integers(0, 10_000_000))
def test_a_caption_names_only_facts_of_its_scene(seed: int) -> None:
    rng = Random(seed)
    scene = sample(rng)
    _, facts = caption(scene, rng)
    for name in ("setting", "background", "time", "weather", "sky"):
        assert getattr(facts, name) in ("", getattr(scene, name))
    assert [(g.kind, g.count, g.place) for g in facts.groups] == [
        (g.kind, g.count, g.place) for g in scene.groups
    ]


def test_all_facts_of_a_full_caption_are_in_its_words() -> None:
    scene = Scene("sea", "sunset", "clear", "", (Group("sailboat", "purple", 3),))
    for seed in range(50):
        text, facts = caption(scene, Random(seed))
        assert facts.groups == scene.groups  # purple is no usual colour of sails: never left out
        assert set(vocabulary.COLOURS["purple"]) & set(text.split())
        assert isinstance(facts, Facts)


@pytest.mark.parametrize(
    "prompt", ["", "🐱🎉", "ein Haus im Schnee", "xyzzy " * 2000, "\x00\ud7ff", "a_b-c'd", "房子"]
)
def test_any_prompt_becomes_tokens(prompt: str) -> None:
    ids = TOKENIZER(prompt, padding="max_length", truncation=True, max_length=tokenizer.LENGTH).input_ids
    assert len(ids) == tokenizer.LENGTH
    assert max(ids) < len(TOKENIZER)
    assert 1 not in ids  # unknown words vanish; the token for them is never used


def test_words_that_stand_for_something_are_words_the_tokenizer_knows() -> None:
    assert set(tokenizer.all_words()) >= vocabulary.MEANINGFUL


def test_every_suggestion_is_fully_understood() -> None:
    assert len(vocabulary.SUGGESTIONS) >= 12
    known = set(tokenizer.all_words())
    for suggestion in vocabulary.SUGGESTIONS:
        assert meant(suggestion)
        assert set(vocabulary.words(suggestion)) <= known, suggestion
