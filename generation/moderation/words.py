"""Finds words that ask for what isn't made here: by the list beside this file, and by one of the operator's own."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

_RULES: Final = Path(__file__).with_name("rules.toml")
# Letters that are written as digits or signs to pass by a list.
_WRITTEN_AS: Final = str.maketrans("0134578@$!|€øØ", "oieastbasileoo")
_WORD: Final = re.compile(r"[^\W_]+")
_ENDING: Final = "*"


class Category(StrEnum):
    """Codes are stored in the totals; the sentences are written by the site."""

    MINORS = "minors"
    SEXUAL = "sexual"
    SEXUAL_VIOLENCE = "sexual_violence"
    VIOLENCE = "violence"
    HATRED = "hatred"
    SELF_HARM = "self_harm"
    OWN_LIST = "own_list"


@dataclass(frozen=True, slots=True)
class Rule:
    """A text breaks it when something of every group is in it."""

    category: Category
    groups: tuple[re.Pattern[str], ...]

    def is_broken(self, text: str) -> bool:
        return all(group.search(text) for group in self.groups)


@dataclass(frozen=True, slots=True)
class WordList:
    rules: tuple[Rule, ...]
    unless: re.Pattern[str] | None

    def find(self, text: str) -> Category | None:
        """The category of the first rule that the text breaks, in any of its readings; None for what is fine."""
        for reading in _readings(text):
            plain = self.unless.sub(" ", reading) if self.unless else reading
            for rule in self.rules:
                if rule.is_broken(plain):
                    return rule.category
        return None


@cache
def shipped() -> WordList:
    """The list that comes with Image 2."""
    found = tomllib.loads(_RULES.read_text("utf-8"))
    words = found["words"]
    return WordList(tuple(_rule(each, words) for each in found["rules"]), _any_of(found["unless"]["phrases"]))


@cache
def own(path: str) -> WordList:
    """A file of the operator's: a phrase a line, a trailing * for any ending, # for comments. Raises OSError."""
    lines = (line.partition("#")[0].strip() for line in Path(path).read_text("utf-8").splitlines())
    phrases = [line for line in lines if _plain(line.replace(_ENDING, ""))]
    return WordList((Rule(Category.OWN_LIST, (_any_of(phrases),)),) if phrases else (), None)


def _rule(data: dict[str, Any], words: dict[str, list[str]]) -> Rule:
    groups = [words[name] for name in data.get("groups", [])] or [data["phrases"]]
    return Rule(Category(data["category"]), tuple(_any_of(group) for group in groups))


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    """Whole words only: “Scunthorpe” and “peacock” hold words that aren't meant."""
    return re.compile("|".join(rf"(?<!\S){_pattern(phrase)}(?!\S)" for phrase in phrases))


def _pattern(phrase: str) -> str:
    """What stands behind a + only follows, and is left where the rest is taken out."""
    phrase, _plus, behind = phrase.partition(" + ")
    if behind:
        return rf"{_pattern(phrase)}(?= {_pattern(behind)}(?!\S))"
    parts = [_plain(part) for part in phrase.split(_ENDING)]
    return r"\S*".join(re.escape(part) for part in parts).replace(r"\ ", " ")


def _readings(text: str) -> set[str]:
    """As it stands, unseen signs as spaces, signs read as letters, and spelled-out letters (s.e.x) put together."""
    plain = _plain(text)
    apart = "".join(" " if unicodedata.category(c) == "Cf" else c for c in text)
    return {
        plain,
        _plain(apart),
        _plain(unicodedata.normalize("NFKD", text).translate(_WRITTEN_AS)),
        _joined(plain),
    }


def _plain(text: str) -> str:
    """Small letters without accents and without signs that can't be seen, a space between words."""
    split = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    letters = "".join(c for c in split if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return " ".join(_WORD.findall(letters))


def _joined(plain: str) -> str:
    """Runs of three or more single letters as one word."""
    return re.sub(r"(?<!\S)\w(?: \w){2,}(?!\S)", _without_spaces, plain)


def _without_spaces(run: re.Match[str]) -> str:
    return run[0].replace(" ", "")
