"""Endings by the plain rules of each language: forms of an adjective, and of a noun beside those in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

# Forms that no rule below makes.
_IRREGULAR: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "fr:blanc": ("blanche", "blanches"),
        "fr:violet": ("violette", "violettes"),
        "fr:gentil": ("gentille", "gentilles"),
        "fr:gros": ("grosse", "grosses"),
        "fr:vieux": ("vieil", "vieille", "vieilles"),
        "fr:beau": ("bel", "belle", "beaux", "belles"),
        "fr:ancien": ("ancienne", "anciennes"),
        "fr:mignon": ("mignonne", "mignonnes"),
        "it:bel": ("bei", "begli", "bell"),
        "es:marrón": ("marrones",),
    }
)
_FRENCH_FEMININE: Final = (("eux", "euse"), ("é", "ée"))


def of_adjective(language: str, word: str) -> set[str]:
    """Every form of an adjective that the table holds in its first one."""
    forms = {word, *_IRREGULAR.get(f"{language}:{word}", ())}
    return forms | _ADJECTIVES[language](word)


def of_noun(language: str, singular: str) -> set[str]:
    """The regular case endings of a noun: only German has any. Plurals stand in the table."""
    return {singular + ending for ending in ("s", "es")} if language == "de" else set()


def of_plural(language: str, plural: str) -> set[str]:
    """The dative of several things: «in den Bergen», «zwischen Häusern»."""
    return {f"{plural}n"} if language == "de" and not plural.endswith(("n", "s")) else set()


def _german(word: str) -> set[str]:
    stem = word.removesuffix("e") if word.endswith("ge") else word
    return {stem + ending for ending in ("e", "er", "es", "en", "em")} | {f"{word}s"}


def _french(word: str) -> set[str]:
    feminine = word if word.endswith("e") else f"{word}e"
    for ending, other in _FRENCH_FEMININE:
        if word.endswith(ending):
            feminine = word.removesuffix(ending) + other
    return {feminine, f"{feminine}s", word if word.endswith(("s", "x")) else f"{word}s"}


def _spanish(word: str) -> set[str]:
    if word.endswith("o"):
        stem = word[:-1]
        return {f"{stem}a", f"{stem}os", f"{stem}as"}
    if word.endswith("or"):
        return {f"{word}a", f"{word}es", f"{word}as"}
    if word.endswith(("a", "e")):
        return {f"{word}s"}
    return {f"{word}es", f"{word[:-1]}ces" if word.endswith("z") else f"{word}s"}


def _italian(word: str) -> set[str]:
    if word.endswith(("co", "go", "cio", "gio")):
        stem = word[:-1]
        hard = stem if word.endswith("io") else f"{stem}h"
        return {f"{stem}a", f"{hard}i", f"{stem}i", f"{hard}e", f"{stem}e", stem}
    if word.endswith("io"):
        stem = word[:-1]
        return {f"{stem}a", stem, f"{stem}e"}
    if word.endswith("o"):
        stem = word[:-1]
        return {f"{stem}a", f"{stem}i", f"{stem}e"}
    return {f"{word[:-1]}i"} if word.endswith("e") else set()


def _portuguese(word: str) -> set[str]:
    if word.endswith("o"):
        stem = word[:-1]
        return {f"{stem}a", f"{stem}os", f"{stem}as"}
    if word.endswith("ul"):
        return {f"{word[:-1]}is"}
    if word.endswith("m"):
        return {f"{word[:-1]}ns"}
    if word.endswith("or"):
        return {f"{word}a", f"{word}es", f"{word}as"}
    return {f"{word}es"} if word.endswith(("z", "s")) else {f"{word}s"}


_ADJECTIVES: Final[Mapping[str, Callable[[str], set[str]]]] = MappingProxyType(
    {"de": _german, "fr": _french, "es": _spanish, "it": _italian, "pt": _portuguese}
)
