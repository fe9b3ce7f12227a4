"""E-mail addresses as people paste them: with characters in them that nobody sees and that mean nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import forms

from image2.lib.invisible import without_meaningless


class AddressInput(forms.EmailInput):
    """Takes an address without the invisible characters that mean nothing, before anything looks at it."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        # No paste leaves control characters: what has some is no address, and its field says so.
        if not isinstance(typed, str) or any(unicodedata.category(char) == "Cc" for char in typed.strip()):
            return typed
        return without_meaningless(typed)


def take_cleanly(field: forms.Field) -> None:
    """Make an address field of a library's form use an ``AddressInput``."""
    field.widget = AddressInput(attrs=field.widget.attrs)
    field.widget.is_required = field.required
