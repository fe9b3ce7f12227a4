"""The words of each language, as one table from what a person types to what the bundled model knows.

A file of `languages/` holds, by English word or phrase, what people write: `things` by the kinds of the vocabulary with
their names for one and for several, `adjectives` in their first form, `nouns`, `phrases`, whose first is the one that
offers are written with, and `grammar`. A form that stands in several of them belongs to the first of: phrases, things,
nouns, adjectives, grammar. Forms are found as they are spelled, else without accents: «Vögel» are several, «Vogel» is
one, and so is «vogel».
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

from generation.bundled import vocabulary
from generation.prompts import inflecting, known

# Where two languages explain a prompt equally well, the first one counts.
CODES: Final = ("de", "fr", "es", "it", "pt")
# Languages whose adjectives stand behind what they describe.
ADJECTIVES_FOLLOW: Final = frozenset({"fr", "es", "it", "pt"})
_LETTERS: Final = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ı": "i"})
_SPELLED: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})

Sort = Literal["phrase", "thing", "adjective", "noun", "grammar"]
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one form says: English words that the model knows, "" for what it has no use for."""

    text: str
    sort: Sort


@dataclass(frozen=True, slots=True)
class Table:
    """One language. `meanings`: words of a form, as spelled and folded → what it says; `phrases`: English → theirs."""

    code: str
    name: str
    meanings: Mapping[Key, Meaning]
    phrases: Mapping[str, str]
    longest: int


def fold(word: str) -> str:
    """Small letters without accents: «château» and «chateau» are one word."""
    plain = word.lower().translate(_LETTERS)
    split = unicodedata.normalize("NFKD", plain)
    return "".join(char for char in split if not unicodedata.combining(char))


def key(form: str) -> Key:
    return tuple(known.words(form))


@cache
def table(code: str) -> Table:
    raw = tomllib.loads((known.LANGUAGES / f"{code}.toml").read_text("utf-8"))
    exact: dict[Key, Meaning] = {}
    for form, meaning in _forms(code, raw):
        exact.setdefault(key(form), meaning)
    meanings = dict(exact)
    for words, meaning in exact.items():
        for spelled in _spellings(code, words):
            meanings.setdefault(spelled, meaning)
    said = {english: forms[0] for english, forms in raw["phrases"].items()}
    longest = max(len(words) for words in meanings)
    return Table(code, raw["name"], MappingProxyType(meanings), MappingProxyType(said), longest)


def tables() -> tuple[Table, ...]:
    return tuple(table(code) for code in CODES)


def _spellings(code: str, words: Key) -> Iterator[Key]:
    yield tuple(fold(word) for word in words)
    if code == "de":
        yield tuple(fold(word.translate(_SPELLED)) for word in words)


def _forms(code: str, raw: Mapping[str, Any]) -> Iterator[tuple[str, Meaning]]:
    for english, forms in raw["phrases"].items():
        yield from ((form, Meaning(english, "phrase")) for form in forms)
    for kind, names in raw["things"].items():
        singular, plural = (names_of[0] for names_of in vocabulary.OBJECTS[kind])
        yield from _nouns(code, names, singular, plural, "thing")
    for english, names in raw["nouns"].items():
        yield from _nouns(code, names, english, english, "noun")
    for english, forms in raw["adjectives"].items():
        for form in forms:
            yield from ((each, Meaning(english, "adjective")) for each in inflecting.of_adjective(code, form))
    for english, forms in raw["grammar"].items():
        yield from ((form, Meaning(english, "grammar")) for form in forms)


def _nouns(
    code: str, names: Sequence[Sequence[str]], one: str, several: str, sort: Sort
) -> Iterator[tuple[str, Meaning]]:
    singular, plural = names
    yield from ((form, Meaning(one, sort)) for form in singular)
    yield from ((form, Meaning(several, sort)) for form in plural)
    for form in plural:
        yield from ((each, Meaning(several, sort)) for each in inflecting.of_plural(code, form))
    for form in singular:
        yield from ((each, Meaning(one, sort)) for each in inflecting.of_noun(code, form))
