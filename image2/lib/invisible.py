"""Characters that nobody sees: which of them mean nothing, and text without those.

Pure, and without Django: prompts, e-mail addresses and the search share it, and so does the engine.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

# "Default_Ignorable_Code_Point" of Unicode's DerivedCoreProperties.txt, which Python's unicodedata doesn't have.
_IGNORABLE: Final = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
# Format characters that are drawn: signs of Arabic, Syriac and Kaithi that stand under or around numbers.
_DRAWN: Final = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
NON_JOINER: Final = "\u200c"
JOINER: Final = "\u200d"
_SELECTORS: Final = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_MONGOLIAN_SELECTORS: Final = "\u180b\u180c\u180d\u180f\u180e"
_TAGS: Final = (0xE0020, 0xE007F)
_FLAG: Final = "\U0001f3f4"
# Scripts whose letters change their shape, or come apart, by a joiner: as the names of their characters begin.
_JOINED_SCRIPTS: Final = frozenset(
    {
        *(
            "ARABIC",
            "SYRIAC",
            "NKO",
            "MANDAIC",
            "MONGOLIAN",
            "PHAGS-PA",
            "ADLAM",
            "HANIFI",
            "MANICHAEAN",
            "PSALTER",
        ),
        *("SOGDIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA"),
        *(
            "MALAYALAM",
            "SINHALA",
            "KHMER",
            "MYANMAR",
            "TIBETAN",
            "BALINESE",
            "JAVANESE",
            "SUNDANESE",
            "CHAKMA",
        ),
        *("NEWA", "TIRHUTA", "GRANTHA", "KAITHI", "SHARADA"),
    }
)


@cache
def is_invisible(char: str) -> bool:
    """Return whether a character draws nothing and is no space: format and control characters, fillers, selectors."""
    if char.isspace():
        return False
    category = unicodedata.category(char)
    if category in ("Cc", "Cf"):
        return char not in _DRAWN
    return _within(char, _IGNORABLE)


def without_invisible(text: str) -> str:
    """Return text without any character that draws nothing, joiners too: for comparing, not for keeping."""
    return "".join(char for char in text if not is_invisible(char))


def without_meaningless(text: str) -> str:
    """Return text without the invisible characters that mean nothing where they stand.

    Soft hyphens, zero-width spaces, byte order marks, marks that turn the direction of text, and every other control
    character go. What stays: U+200C and U+200D between letters of scripts that need them, U+200D between emoji, a
    variation selector after what it varies, the tags that make the flag of a region.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for at, char in enumerate(text):
        if not is_invisible(char) or _means_something(char, kept, _next_seen(text, at)):
            kept.append(char)
    return "".join(kept)


def _next_seen(text: str, at: int) -> str:
    return next((char for char in text[at + 1 :] if not is_invisible(char)), "")


def _means_something(char: str, kept: list[str], following: str) -> bool:
    before = kept[-1] if kept else ""
    if char == NON_JOINER:
        return _joins(before) and _joins(following)
    if char == JOINER:
        if _is_emoji(_emoji_base(kept)):
            return _is_emoji(following)
        # It also shapes a letter at the beginning or the end of a word, as in the Persian sign for the lunar year.
        return _joins(before) or (
            not _word(before) and before not in (JOINER, NON_JOINER) and _joins(following)
        )
    if char in _MONGOLIAN_SELECTORS:
        return _script(before) == "MONGOLIAN" and before not in _MONGOLIAN_SELECTORS
    if _within(char, _SELECTORS):
        return _varies(before)
    if _within(char, (_TAGS,)):
        return before == _FLAG or (_within(before, (_TAGS,)) and before != chr(_TAGS[1]))
    return False


def _emoji_base(kept: list[str]) -> str:
    """The last character that is kept, behind its selector and its colour of skin."""
    for char in reversed(kept):
        if not _within(char, _SELECTORS) and not _within(char, ((0x1F3FB, 0x1F3FF),)):
            return char
    return ""


def _word(char: str) -> bool:
    return bool(char) and unicodedata.category(char)[0] in "LMN"


def _varies(char: str) -> bool:
    """Symbols, digits of keycaps, Han and a few letters have variants; nothing has a variant of a variant."""
    if not char or is_invisible(char):
        return False
    return unicodedata.category(char)[0] in "LNPSM"


def _joins(char: str) -> bool:
    return _word(char) and _script(char) in _JOINED_SCRIPTS


def _is_emoji(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) in ("So", "Cn") or char in "↔⬛⬜➡⬅⬆⬇♾")


@cache
def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0] if char else ""


def _within(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return bool(char) and any(first <= ord(char) <= last for first, last in ranges)
