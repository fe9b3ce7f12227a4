"""What changed between two texts of the policy, paragraph by paragraph and word by word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Piece:
    mark: Mark
    text: str


@dataclass(frozen=True)
class Passage:
    """One paragraph with its pieces; ``changed`` when any of them is not the same."""

    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        return any(piece.mark is not Mark.SAME for piece in self.pieces)


def between(old: str, new: str) -> list[Passage]:
    """Return the paragraphs of both texts in reading order, with what was added and removed marked."""
    before, after = _paragraphs(old), _paragraphs(new)
    passages: list[Passage] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            passages += _whole(Mark.SAME, before[i:j])
        elif tag == "replace":
            # Paragraphs in the same place are one paragraph rewritten, as far as there are as many on both sides.
            both = min(j - i, m - k)
            passages += [
                Passage(tuple(_words(a, b)))
                for a, b in zip(before[i : i + both], after[k : k + both], strict=True)
            ]
            passages += _whole(Mark.REMOVED, before[i + both : j]) + _whole(Mark.ADDED, after[k + both : m])
        else:
            passages += _whole(Mark.REMOVED, before[i:j]) + _whole(Mark.ADDED, after[k:m])
    return passages


def _whole(mark: Mark, texts: list[str]) -> list[Passage]:
    return [Passage((Piece(mark, text),)) for text in texts]


def _paragraphs(text: str) -> list[str]:
    return [_words_only(part) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _words_only(markdown: str) -> str:
    """Return the words of a paragraph: marks of headings, bold and links would only be in the way of reading."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"^#+ |\*\*|`", "", text, flags=re.MULTILINE).split())


def _words(old: str, new: str) -> Iterator[Piece]:
    before, after = re.findall(r"\S+\s*", old), re.findall(r"\S+\s*", new)
    for tag, i, j, k, m in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(Mark.SAME, "".join(before[i:j]))
            continue
        if removed := "".join(before[i:j]):
            yield Piece(Mark.REMOVED, removed)
        if added := "".join(after[k:m]):
            yield Piece(Mark.ADDED, added)
