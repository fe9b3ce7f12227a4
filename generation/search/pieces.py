r"""What “found” means: prompts and queries as pieces of words, the same on every database. Pure functions.

Both are normalised alike: NFKC, case folded (İ becomes a plain i), invisible characters dropped. Then text is cut
at spaces into words, and words into pieces where letters, digits and marks meet: ``v1.5`` is v · 1 · . · 5. Every
character of a script without spaces between words, every emoji and every mark is a piece by itself.

A word that is searched is found where its pieces stand together, in order, and the first of them begins a piece; its
last one may be the beginning of a longer piece. So ``sail`` finds *sailboat*, ``boat`` doesn't, and 房子 is found
anywhere.

That becomes one comparison by writing a text with a space before every piece and a new line before every word:
``v1.5 red`` is "\n v 1 . 5\n red". Then a word is found exactly where its own writing (its *needle*, " v 1") is a part
of it.

An index only gives candidates, by *tokens*: single pieces, their first one and two letters, and pairs (a piece with the
first character of the next). ``terms`` says which tokens a needle can't be without.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from image2.lib.invisible import without_invisible

# Pieces are indexed by their beginning: nobody types more, and the text decides anyway.
LONGEST: Final = 32
SHORT: Final = 2
# Prefixes of tokens: single pieces, the beginnings of pieces, pairs.
_SINGLE, _SHORT, _PAIR = b"1", b"p", b"2"
_LETTER, _DIGIT, _ALONE = 1, 2, 3

# Scripts that are written without spaces between words: each of their letters is found anywhere.
_WITHOUT_SPACES: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x1B00, 0x1B7F),  # Balinese
    (0x2E80, 0x2FDF),  # radicals of Han
    (0x3005, 0x303B),  # marks of repetition, numerals of Han
    (0x3041, 0x3096),  # Hiragana
    (0x3099, 0x309F),
    (0x30A1, 0x30FA),  # Katakana
    (0x30FC, 0x30FF),
    (0x3100, 0x312F),  # Bopomofo
    (0x31A0, 0x31BF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA000, 0xA4CF),  # Yi
    (0xA980, 0xA9FF),  # Javanese, Myanmar
    (0xAA60, 0xAADF),  # Myanmar, Tai Viet
    (0xF900, 0xFAFF),  # Han
    (0x16FE0, 0x18D8F),  # Tangut, Khitan
    (0x1AFF0, 0x1B2FF),  # Kana, Nushu
    (0x20000, 0x323AF),  # Han
)


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens from ``low`` on, before ``high``; without ``high`` the one token ``low``."""

    low: bytes
    high: bytes | None = None


def normalise(text: str) -> str:
    """Return text normalised for comparison; normalising it again changes nothing."""
    for _round in range(4):
        clean = without_invisible(unicodedata.normalize("NFKC", without_invisible(text)))
        folded = unicodedata.normalize("NFKC", clean.casefold().replace("i\u0307", "i"))
        if folded == text:
            break
        text = folded
    return text


def search_text(text: str) -> str:
    """Return the writing of a text in which needles are looked for."""
    return "".join(f"\n{_written(word)}" for word in normalise(text).split())


def needles(query: str) -> list[str]:
    """Return the needles of what is searched, each once: all of them have to be in the text. Empty: all is found."""
    return list(dict.fromkeys(_written(word) for word in normalise(query).split()))


def tokens(text: str) -> set[bytes]:
    """Return the tokens of a writing (of ``search_text``)."""
    return {token for word in text.split("\n") for token in tokens_of_word(word)}


def tokens_of_word(word: str) -> set[bytes]:
    """Return the tokens of one word of a writing: no token reaches from one word into the next."""
    found: set[bytes] = set()
    before = ""
    for piece in word.split(" ")[1:]:
        found.add(_SINGLE + piece[:LONGEST].encode())
        if _kind(piece[0]) != _ALONE:
            found.update(_SHORT + piece[:length].encode() for length in range(1, SHORT + 1))
        if before:
            found.add(_pair(before, piece))
        before = piece
    return found


def terms(needle: str) -> list[Term]:
    """Return what a text must have a token of, for each: else the needle isn't in it."""
    pieces = needle.split(" ")[1:]
    found = [Term(_pair(one, next_)) for one, next_ in pairwise(pieces)]
    last = pieces[-1]
    if _kind(last[0]) == _ALONE:
        return found or [Term(_SINGLE + last.encode())]
    if len(last) <= SHORT:
        # A pair has the first character already.
        return found if found and len(last) == 1 else [*found, Term(_SHORT + last.encode())]
    beginning = _SINGLE + last[:LONGEST].encode()
    return [*found, Term(beginning, beginning + b"\xff")]  # no byte of UTF-8 is as high as that


def _pair(left: str, right: str) -> bytes:
    return _PAIR + f"{left[:LONGEST]} {right[0]}".encode()


def _written(word: str) -> str:
    return "".join(f" {piece}" for piece in _pieces(word))


def _pieces(word: str) -> Iterator[str]:
    start, before = 0, _ALONE
    for at, char in enumerate(word):
        kind = _kind(char)
        if at and (kind != before or kind == _ALONE):
            yield word[start:at]
            start = at
        before = kind
    yield word[start:]


@cache
def _kind(char: str) -> int:
    category = unicodedata.category(char)
    if any(first <= ord(char) <= last for first, last in _WITHOUT_SPACES):
        # Digits of these scripts are digits as everywhere, except the numerals among the signs of Han.
        return _DIGIT if category == "Nd" else _ALONE
    if category[0] == "L" or category in ("Mn", "Mc"):
        return _LETTER
    return _DIGIT if category[0] == "N" else _ALONE
