"""What the bundled model reads of a prompt: English as it stands, five other languages word by word.

The language is found by the words themselves: the one whose table explains more of the prompt than English does. No
Django here: the worker reads prompts by the same functions as the pages.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from generation.prompts import known
from generation.prompts.tables import ADJECTIVES_FOLLOW, Meaning, Table, fold, tables
from generation.requests import catalogue
from generation.requests.request import MAX_PROMPT

# A word that stands for something counts as much as three that only join others.
_CONTENT: Final = 3
_PARTS: Final = re.compile(r"(?P<word>(?:[^\W_]|[\u0300-\u036f])+)|(?P<stop>[,.;:!?\n])")
_TELLING: Final = frozenset(("phrase", "thing", "adjective", "noun"))
_THINGS: Final = frozenset(("thing", "noun", "english"))
_VOWELS: Final = ("a", "e", "i", "o")

Sort = Literal["phrase", "thing", "adjective", "noun", "english", "grammar", "stop", "unknown"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`prompt` is what the model gets; `language` is "" for English, which it gets as it was typed.

    `unknown` are the typed words, in small letters and each once, that it has no use for and that aren't mere grammar.
    """

    prompt: str
    language: str = ""
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some words of a prompt, as typed and in English."""

    typed: str
    text: str
    sort: Sort


def read(prompt: str, *, expected: str = "") -> Reading:
    """Read a prompt. `expected` is the language that counts where nothing speaks for another one, English included."""
    parts = _parts(prompt)
    best, most = _english(parts), _score_of_english(parts)
    language = ""
    for each in tables():
        pieces = list(_pieces(parts, each))
        score = _score(pieces)
        if not any(piece.sort in _TELLING for piece in pieces):
            continue
        if score > most or (score == most and each.code == expected):
            best, most, language = pieces, score, each.code
    unknown = tuple(dict.fromkeys(piece.typed for piece in best if piece.sort == "unknown"))
    text = _joined(best, language) if language else prompt
    return Reading(text, language, unknown)


def read_by(model: str, prompt: str) -> Reading:
    """What this model of the catalogue reads; a model whose vocabulary nobody knows reads everything."""
    try:
        has_vocabulary = bool(catalogue.get(model).vocabulary)
    except catalogue.UnknownModel:
        has_vocabulary = False
    return read(prompt) if has_vocabulary else Reading(prompt)


def read_request(prompt: str, negative_prompt: str) -> tuple[Reading, Reading]:
    """Read both texts of a request; words to leave out are few, so they may be of the prompt's language."""
    first = read(prompt)
    return first, read(negative_prompt, expected=first.language)


def _parts(prompt: str) -> list[str]:
    text = unicodedata.normalize("NFKC", prompt).lower()[:MAX_PROMPT]  # one character may become eighteen
    return [match[0] for match in _PARTS.finditer(text)]


# --- English --------------------------------------------------------------------------------------------------------


def _english(parts: Sequence[str]) -> list[_Piece]:
    return [_Piece(part, part, _sort_in_english(part)) for part in parts]


def _sort_in_english(part: str) -> Sort:
    if _is_stop(part):
        return "stop"
    if part in known.meaningful():
        return "english"
    return "grammar" if part in known.known() or part in known.silent() else "unknown"


def _score_of_english(parts: Sequence[str]) -> int:
    return _score(_english(parts))


# --- other languages ------------------------------------------------------------------------------------------------


def _pieces(parts: Sequence[str], table: Table) -> Iterator[_Piece]:
    """Cut into the longest forms that the table has; English words may stand among them."""
    folded = [fold(part) for part in parts]
    place = 0
    while place < len(parts):
        length, meaning = _longest(parts, folded, place, table)
        typed = " ".join(parts[place : place + length])
        yield _piece(typed, meaning)
        place += length


def _longest(
    parts: Sequence[str], folded: Sequence[str], place: int, table: Table
) -> tuple[int, Meaning | None]:
    for length in range(min(table.longest, len(parts) - place), 0, -1):
        for spelled in (parts, folded):
            if found := table.meanings.get(tuple(spelled[place : place + length])):
                return length, found
    return 1, None


def _piece(typed: str, meaning: Meaning | None) -> _Piece:
    if meaning is not None:
        return _Piece(typed, meaning.text, meaning.sort)
    if _is_stop(typed):
        return _Piece(typed, ",", "stop")
    if typed in known.known():
        return _Piece(typed, typed, "english" if typed in known.meaningful() else "grammar")
    return _Piece(typed, "", "unknown")


def _is_stop(part: str) -> bool:
    return _PARTS.fullmatch(part)["stop"] is not None  # type: ignore[index]  # it was cut by this pattern


def _score(pieces: Sequence[_Piece]) -> int:
    """How much of a prompt is explained, by its typed words: a phrase counts as all of them."""
    total = 0
    for piece in pieces:
        words = piece.typed.count(" ") + 1
        if piece.sort == "grammar":
            total += words
        elif piece.sort == "english" or piece.sort in _TELLING:
            total += _CONTENT * words
    return total


def _joined(pieces: Sequence[_Piece], language: str) -> str:
    """As one English text in the order of English, with “a” and “an”."""
    alone = _left_alone(pieces)
    said = [piece for piece, is_alone in zip(pieces, alone, strict=True) if piece.text and not is_alone]
    if language in ADJECTIVES_FOLLOW:
        said = _adjectives_first(said)
    words = " ".join(piece.text for piece in said).split()
    kept = [word for word, before in zip(words, ["", *words], strict=False) if not word == before == ","]
    articled = [_article(word, after) for word, after in pairwise([*kept, ""])]
    return " ".join(articled).replace(" ,", ",").strip(" ,")


def _left_alone(pieces: Sequence[_Piece]) -> list[bool]:
    """Whether all that a word of grammar was for is unknown: «una manzana sobre la playa», «mit einem Drachen».

    Once over them from the end: a prompt may be 2000 characters of grammar.
    """
    alone = [False] * len(pieces)
    # Of the next piece that isn't grammar: whether it is unknown, and nothing behind the unknown ones could be meant.
    is_for_nothing = False
    after: _Piece | None = None  # the next one that is known, grammar too
    for place in range(len(pieces) - 1, -1, -1):
        piece = pieces[place]
        if piece.sort == "unknown":
            is_for_nothing = after is None or not (after.sort in _THINGS or after.sort == "adjective")
            continue
        after = piece
        if piece.sort == "grammar":
            alone[place] = is_for_nothing
        else:
            is_for_nothing = False
    return alone


def _adjectives_first(pieces: Sequence[_Piece]) -> list[_Piece]:
    """«une petite maison rouge» → a little red house: adjectives behind a thing come before it."""
    ordered: list[_Piece] = []
    noun = None
    for piece in pieces:
        if piece.sort == "adjective" and noun is not None:
            ordered.insert(noun, piece)
            noun += 1
            continue
        noun = len(ordered) if piece.sort in _THINGS else None
        ordered.append(piece)
    return ordered


def _article(word: str, after: str) -> str:
    if word not in ("a", "an") or not after:
        return word
    return "an" if after.startswith(_VOWELS) else "a"
