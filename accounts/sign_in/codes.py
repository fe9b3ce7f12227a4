"""Codes as people type and paste them: from a mail, an app or a sheet of paper, in any script's digits."""

from __future__ import annotations

import unicodedata
from typing import Final

# What stands between the letters of a code in a mail, in an app or in a table: spaces, dashes, dots and the marks
# that are copied along without being seen.
_BETWEEN: Final = ("Z", "C", "P", "S")


def plain(typed: str) -> str:
    """Return letters and digits alone, as they would be typed on a plain keyboard: "１２３ ４５６" is "123456"."""
    found = unicodedata.normalize("NFKC", typed)
    return "".join(_digit(char) for char in found if not unicodedata.category(char).startswith(_BETWEEN))


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)
