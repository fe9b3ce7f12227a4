"""What may be a person's name: nearly anything, but nothing that tricks the eye of who reads it."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Joiners that Persian, Indic scripts and emoji need inside words; other format characters hide or reorder text.
_JOINERS = "\u200c\u200d"
_LINK = re.compile(r"://|\bwww\.|[<>]", re.IGNORECASE)


def clean_name(name: str) -> str:
    """Return the name in one spelling (NFC, single spaces); raise ValidationError with what to change."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if any(
        unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs") and letter not in _JOINERS for letter in name
    ):
        raise ValidationError(
            _("This name contains invisible characters. Type it again by hand."), code="invisible"
        )
    if _LINK.search(name):
        raise ValidationError(_("A name can't contain a link. Remove it."), code="link")
    if not any(unicodedata.category(letter)[0] in "LNS" for letter in name):
        raise ValidationError(_("Enter a name with at least one letter."), code="empty")
    return name
