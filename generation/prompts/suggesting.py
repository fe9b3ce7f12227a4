"""«Did you mean»: known words that come close to one that the bundled model doesn't know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final

from generation.prompts import known
from generation.prompts.tables import fold, table

# Letters of a word from which one, and from which two typing errors are forgiven: shorter words are too much alike. Of
# the shortest only letters that changed places are: «rde», «act» and «cat».
_SHORTEST: Final = 3
_TWO_ERRORS_FROM: Final = 7
_LONGEST: Final = 24


def instead_of(word: str, language: str = "") -> str:
    """What the writer may have meant, in their language; "" where nothing comes close.

    A word of the table of synonyms comes first, then a typing error; of several words as close, the first by alphabet.
    """
    if not language and (phrase := known.instead().get(word)):
        return phrase
    return _nearest(word, _candidates(language))


def replaced(prompt: str, word: str, by: str) -> str:
    """The prompt with every occurrence of a word replaced, and the rest as it was typed."""
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", lambda _match: by, prompt, flags=re.IGNORECASE)


@cache
def _candidates(language: str) -> tuple[str, ...]:
    """Words that stand for something: those of a language are what its table holds, beside the English ones."""
    found = {word for word in known.meaningful() if not word.isdecimal()}
    if language:
        meanings = table(language).meanings.items()
        found |= {key[0] for key, meaning in meanings if len(key) == 1 and meaning.sort != "grammar"}
    return tuple(sorted(found))


def _nearest(word: str, candidates: Iterable[str]) -> str:
    typed = fold(word)
    most = _forgiven(typed)
    if not most:
        return ""
    letters = Counter(typed)
    near = (other for other in candidates if _may_be_near(typed, letters, fold(other), most))
    found = min(((distance(typed, fold(other)), other) for other in near), default=(most + 1, ""))
    return found[1] if found[0] <= most else ""


def _forgiven(word: str) -> int:
    if not _SHORTEST <= len(word) <= _LONGEST:
        return 0
    return 2 if len(word) >= _TWO_ERRORS_FROM else 1


def _may_be_near(word: str, letters: Counter[str], other: str, most: int) -> bool:
    """Cheap, before the distance: so many errors can't change more letters than this."""
    if abs(len(word) - len(other)) > most:
        return False
    theirs = Counter(other)
    if len(word) == _SHORTEST:
        return letters == theirs
    return (letters - theirs).total() <= most and (theirs - letters).total() <= most


def distance(one: str, other: str) -> int:
    """Typing errors between two words: letters left out, added, replaced, or two beside each other swapped.

    The restricted Damerau-Levenshtein distance: Boytsov 2011, "Indexing methods for approximate dictionary searching".
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, theirs in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != theirs))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
