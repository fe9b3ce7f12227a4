"""The texts of a request: how they are cleaned, and what is wrong with one."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from image2.lib.invisible import without_meaningless

# Characters.
LONGEST: Final = 2000
# Marks that change the direction of text can make a prompt read differently. Of version 1; 2 drops more.
_DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")


def cleaned(text: str, version: int = 2) -> str:
    """Return text as a request of this version (from 2 on the same) holds it: composed (NFC), one space between words.

    Version 1 drops control characters and some that turn the direction of text; later ones every invisible character
    that means nothing where it stands.
    """
    text = unicodedata.normalize("NFC", text)
    if version == 1:
        text = _DIRECTION.sub("", text)
        text = "".join(char for char in text if unicodedata.category(char) != "Cc" or char.isspace())
    else:
        # Marks that stood apart may change places when what stood between them goes, and a joiner loses its letter.
        while (shorter := unicodedata.normalize("NFC", without_meaningless(text))) != text:
            text = shorter
    return " ".join(text.split())


def checked(raw: object, version: int) -> tuple[str, str | Promise | None]:
    """Return the text, cleaned, and what is wrong with it."""
    if not isinstance(raw, str):
        return "", _("Enter text.")
    if len(raw) > 10 * LONGEST:  # before any work on it
        return "", _too_long(len(raw))
    if any("\ud800" <= char <= "\udfff" for char in raw):
        return "", _("This text contains an invalid character. Type it again.")
    text = cleaned(raw, version)
    if len(text) > LONGEST:
        return text, _too_long(len(text))
    if text and not any(unicodedata.category(char)[0] in "LNPS" for char in text):
        return "", None  # nothing that can be seen: joiners, lone accents
    return text, None


def _too_long(length: int) -> str | Promise:
    return _("Use at most %(most)s characters; this has %(length)s.") % {"most": LONGEST, "length": length}
