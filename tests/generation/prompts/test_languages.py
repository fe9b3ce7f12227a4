"""Five languages for the bundled vocabulary: every thing, colour, place, time and weather can be said in each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from generation.bundled import assemble, vocabulary
from generation.prompts import known, reading, tables
from generation.prompts.facts import PARTS
from generation.requests.request import MAX_PROMPT
from tests.generation.prompts.sentences import SENTENCES

DECISION = Path(__file__).resolve().parents[3] / "docs/decisions/0080-prompts-in-five-languages.md"
HANDWRITTEN = Path(vocabulary.__file__).with_name("handwritten.json")
TOKENIZER = PreTrainedTokenizerFast.from_pretrained(assemble.WEIGHTS / "text-to-image" / "tokenizer")
ENGLISH = st.sampled_from(sorted(known.known()))
ANY_WORD = ENGLISH | st.sampled_from(
    sorted(" ".join(words) for table in tables.tables() for words in table.meanings)
)


def tokens(text: str) -> list[str]:
    return [TOKENIZER.decode([number]) for number in TOKENIZER(text).input_ids][1:-1]


@pytest.mark.parametrize(("language", "prompt", "read", "_facts"), SENTENCES)
def test_a_prompt_is_read_word_by_word_in_the_order_of_english(
    language: str, prompt: str, read: str, _facts: object
) -> None:
    assert reading.read(prompt) == reading.Reading(read, language, ())


@pytest.mark.parametrize(
    ("prompt", "read"),
    [
        ("zwei Vögel und ein Vogel", "two birds and a bird"),
        ("zwei voegel", "two birds"),
        ("Häuser hinter Bäumen", "houses behind trees"),
        ("die Farbe des Hauses: dunkelblau", "of the house, blue"),
        ("ein RIESIGER roter ballon", "a red balloon"),
        ("ein rotes house", "a red house"),
        ("une petite maison jaune et un vieux moulin à vent noir", "a little yellow house and an old black windmill"),
        ("une étoile", "a stars"),
        ("un ciel étoilé", "a starry sky"),
        ("l'océan", "the ocean"),
        ("una manzana sobre fondo amarillo, una mariposa azul", "on yellow background, a blue butterfly"),
        ("un'auto arancione nell'acqua", "an orange car in the water"),
        ("um cãozinho marrom ao lado da barraca", "a brown dog next to tent"),
        ("ein Haus mit einem Drachen und einem Troll bei Nacht", "a house at night"),
        ("casa", "house"),
        ("rosa", "pink"),
    ],
)  # fmt: skip
def test_endings_articles_and_places_of_adjectives(prompt: str, read: str) -> None:
    assert reading.read(prompt).prompt == read


@pytest.mark.parametrize(
    "prompt",
    [row["prompt"] for row in json.loads(HANDWRITTEN.read_text())]
    + list(vocabulary.SUGGESTIONS)
    + ["rose", "a house", "", "🐱🎉", "房子", "Schrödinger equation", "no", "der die das"]
    + ["a cat in a die casting der machine"],
)  # fmt: skip
def test_english_and_what_nobody_knows_stay_as_they_were_typed(prompt: str) -> None:
    found = reading.read(prompt)
    assert (found.prompt, found.language) == (prompt, "")


@pytest.mark.parametrize("code", tables.CODES)
def test_everything_the_model_knows_can_be_said(code: str) -> None:
    meant = {meaning.text for meaning in tables.table(code).meanings.values()}
    missing = []
    for kind, (singular, plural) in vocabulary.OBJECTS.items():
        said_many = plural[0] in meant or singular[0] == plural[0] or kind == "cactus"
        missing += [] if singular[0] in meant and said_many else [kind]
    missing += [colour for colour in vocabulary.COLOURS if colour not in meant]
    missing += [names[0] for count, names in vocabulary.COUNTS.items() if names[0] not in meant and count > 1]
    for part, table in PARTS.items():
        for value, phrases in table.items():
            may = {phrase for phrase in phrases if "{}" not in phrase}
            if value != "plain" and not may & tables.table(code).phrases.keys():
                missing.append(f"{part}: {value}")
    assert missing == []


@pytest.mark.parametrize("code", tables.CODES)
def test_every_phrase_and_thing_is_read_as_what_the_table_says(code: str) -> None:
    table = tables.table(code)
    wrong = []
    for english, phrase in table.phrases.items():
        found = reading.read(phrase)
        if (found.prompt, found.unknown) != (english, ()):
            wrong.append((english, phrase, found))
    assert wrong == []


def test_the_tables_hold_no_word_that_the_tokenizer_does_not_know() -> None:
    said = {meaning.text for table in tables.tables() for meaning in table.meanings.values()}
    said |= set(known.instead().values())
    assert {word for text in said for word in known.words(text)} <= known.known()
    assert not known.instead().keys() & known.known()


def test_words_that_mean_different_things_in_two_languages_are_named_in_the_decision() -> None:
    meant: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for table in tables.tables():
        for words, meaning in table.meanings.items():
            if meaning.sort != "grammar":
                meant[words].add(meaning.text)
    text = DECISION.read_text()
    ambiguous = {" ".join(words) for words, texts in meant.items() if len(texts) > 1}
    assert ambiguous
    assert {word for word in ambiguous if f"`{word}`" not in text} == set()


def test_the_known_words_are_the_tokenizers() -> None:
    assert known.known() == {word for word in TOKENIZER.get_vocab() if not word.startswith("[")}
    assert TOKENIZER.model_max_length - 2 == known.MOST_READ


@given(st.lists(ENGLISH | st.text(max_size=8), max_size=12).map(" ".join))
def test_what_is_said_to_be_unknown_is_what_the_tokenizer_drops(text: str) -> None:
    found = reading.read(text)
    if found.language == "":
        assert tokens(text) == [word for word in known.words(text) if word in known.known()]
        assert not set(found.unknown) & set(tokens(text))


class Counted(list[reading._Piece]):
    """Pieces that count how often one is looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        self.looks += len(range(len(self))[place]) if isinstance(place, slice) else 1
        return super().__getitem__(place)

    def __iter__(self) -> Iterator[reading._Piece]:
        for place in range(len(self)):
            yield self[place]


def is_alone(pieces: list[reading._Piece], place: int) -> bool:
    """By its definition: the next word that isn't grammar is unknown, and nothing known behind it could be meant."""
    behind = pieces[place + 1 :]
    while behind and behind[0].sort == "grammar":
        behind.pop(0)
    if pieces[place].sort != "grammar" or not behind or behind[0].sort != "unknown":
        return False
    known_ones = [each.sort for each in behind if each.sort != "unknown"]
    return not known_ones or known_ones[0] not in ("thing", "noun", "english", "adjective")


PIECES = st.lists(
    st.builds(reading._Piece, st.just("a"), st.just("a"), st.sampled_from(get_args(reading.Sort))),
    max_size=12,
)


@given(PIECES)
def test_grammar_is_left_alone_where_all_that_it_was_for_is_unknown(pieces: list[reading._Piece]) -> None:
    assert reading._left_alone(pieces) == [is_alone(pieces, place) for place in range(len(pieces))]


@pytest.mark.parametrize("words", ["der ", "der drache ", "der drache haus "])
def test_each_piece_is_looked_at_once_however_many_there_are(words: str) -> None:
    pieces = Counted(reading._pieces(reading._parts(words * 100), tables.table("de")))
    reading._left_alone(pieces)
    assert pieces.looks <= 2 * len(pieces)


def test_a_character_that_stands_for_many_is_read_no_further_than_a_prompt_is_long() -> None:
    assert sum(map(len, reading._parts("\ufdfa " * 1000))) <= MAX_PROMPT
    assert len(reading._parts("㏂" * MAX_PROMPT)) <= MAX_PROMPT


@given(st.text(max_size=300) | st.lists(ANY_WORD, max_size=20).map(" ".join))
def test_reading_never_fails_and_what_is_translated_is_all_known(text: str) -> None:
    found = reading.read(text)
    if found.language:
        assert set(known.words(found.prompt)) <= known.known()
        assert len(tokens(found.prompt)) == len(known.words(found.prompt))
    else:
        assert found.prompt == text
    assert not any(word in known.known() for word in found.unknown)


def test_words_to_leave_out_are_of_the_prompts_language() -> None:
    prompt, negative = reading.read_request("un phare sur la plage", "rose, nuages")
    assert (prompt.language, negative.language, negative.prompt) == ("fr", "fr", "pink, clouds")
    assert reading.read_request("a lighthouse on the beach", "rose")[1].prompt == "rose"


def test_a_model_that_reads_any_text_gets_what_was_typed() -> None:
    assert reading.read_by("z-image-turbo", "ein rotes Haus").prompt == "ein rotes Haus"
    assert reading.read_by("no-such-model", "ein rotes Haus").prompt == "ein rotes Haus"
    assert reading.read_by("bundled", "ein rotes Haus").prompt == "a red house"
