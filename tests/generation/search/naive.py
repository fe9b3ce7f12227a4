"""What “found” means, written as simply as possible: no index, no needles, no speed."""

from __future__ import annotations

import unicodedata

from generation.search.pieces import normalise

Piece = tuple[str, str]


def finds(query: str, prompt: str) -> bool:
    words = [pieces_of(word) for word in normalise(prompt).split()]
    return all(
        any(stands_in(pieces_of(sought), word) for word in words) for sought in normalise(query).split()
    )


def stands_in(sought: list[Piece], word: list[Piece]) -> bool:
    return any(
        all(
            one == other
            # Only the last piece that was typed may go on; those before it end where the next begins.
            or (at == len(sought) - 1 and kind == other[0] != "alone" and other[1].startswith(text))
            for at, (one, other) in enumerate(zip(sought, word[start:], strict=False))
            for kind, text in [one]
        )
        for start in range(len(word) - len(sought) + 1)
    )


def pieces_of(word: str) -> list[Piece]:
    found: list[Piece] = []
    for char in word:
        kind = kind_of(char)
        if found and kind != "alone" and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1] + char)
        else:
            found.append((kind, char))
    return found


def kind_of(char: str) -> str:
    name, category = unicodedata.name(char, ""), unicodedata.category(char)
    if name.startswith(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "HANGZHOU", "THAI")):
        return "digit" if category == "Nd" else "alone"
    if category[0] == "L" or category in ("Mn", "Mc"):
        return "letter"
    return "digit" if category[0] == "N" else "alone"
