"""What a prompt says already: which things, and where, when, in which weather and under which sky."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from generation.bundled import captions, vocabulary
from generation.prompts import known

# What is said of a scene, and the phrases that say it.
PARTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "setting": vocabulary.SETTINGS,
        "time": vocabulary.TIMES,
        "weather": vocabulary.WEATHERS,
        "sky": vocabulary.SKY,
        "place": vocabulary.PLACES,
    }
)
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """The first value that is named of each part, "" for none; `things` are kinds in their order, each once.

    `ends_with_thing`: the last word names one, so that what is said next is about it. `is_one`: one thing of one kind.
    """

    setting: str = ""
    time: str = ""
    weather: str = ""
    sky: str = ""
    place: str = ""
    things: tuple[str, ...] = ()
    ends_with_thing: bool = False
    is_one: bool = False


def said(prompt: str) -> Said:
    """Read an English prompt: the longest phrases of the vocabulary first, then the words that tell the same alone."""
    words = known.words(prompt)
    found: dict[str, str] = {}
    things: dict[str, bool] = {}
    ends, place = False, 0
    while place < len(words):
        length, part, value = _longest(words, place)
        ends = part == "thing"
        if part == "thing":
            kind, _space, several = value.partition(" ")
            things[kind] = things.get(kind, False) or bool(several)
        elif part:
            found.setdefault(part, value)
        place += length
    is_one = len(things) == 1 and not any(things.values()) and not set(words) & _COUNTS
    return Said(**found, things=tuple(things), ends_with_thing=ends, is_one=is_one)


_COUNTS: Final = frozenset(("two", "three", "four", "2", "3", "4", "pair", "many"))


def _longest(words: list[str], place: int) -> tuple[int, str, str]:
    for length in range(min(_MOST_WORDS, len(words) - place), 0, -1):
        if telling := _telling().get(tuple(words[place : place + length])):
            return length, *telling
    return 1, "", ""


@cache
def _telling() -> Mapping[Key, tuple[str, str]]:
    """Words → the part and value that they name."""
    found: dict[Key, tuple[str, str]] = {}
    for phrase, part, value in (*_phrases(), *_single_words()):
        found.setdefault(tuple(known.words(phrase)), (part, value))
    return MappingProxyType(found)


def _phrases() -> Iterator[tuple[str, str, str]]:
    for kind, (singular, plural) in vocabulary.OBJECTS.items():
        yield from ((name, "thing", kind) for name in singular)
        yield from ((name, "thing", f"{kind} several") for name in plural)
    for part, table in PARTS.items():
        for value, phrases in table.items():
            yield from ((phrase, part, value) for phrase in phrases if "{}" not in phrase)
    for value, phrases in vocabulary.LANDSCAPES.items():
        yield from ((phrase, "setting", value) for phrase in phrases if "{}" not in phrase)
    yield "background", "setting", "plain"


def _single_words() -> Iterator[tuple[str, str, str]]:
    """«snow», «night»: the tags of the captions, then what is left of a phrase without the words that mean nothing."""
    for part, table in PARTS.items():
        for value in table:
            yield from ((tag, part, value) for tag in captions.TAGS.get(value, ()) if "{}" not in tag)
    for phrase, part, value in list(_phrases()):
        telling = [word for word in known.words(phrase) if word in vocabulary.MEANINGFUL]
        if len(telling) == 1 and part != "thing":
            yield telling[0], part, value


_MOST_WORDS: Final = 6
