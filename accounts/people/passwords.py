"""Passwords that say where they are used: the names of this site are the first thing somebody tries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# As it is written and as it is said. The operator's name and the site's host come from the settings.
_NAMES: Final = ("image2", "imagetwo", "images", "image")
# What has to be left of a password without these words.
_LEAST: Final = 6
_NOT_WORDS: Final = re.compile(r"[\W_]+")


class SiteNamesValidator:
    """Refuses a password of which little is left without the site's own names."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for such a password."""
        left = _NOT_WORDS.sub("", password.casefold())
        for word in sorted(site_words(), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < _LEAST:
            raise ValidationError(self.get_help_text(), code="password_names_site")

    def get_help_text(self) -> str:
        """Say what is refused and what to do instead."""
        return _("This password is little more than the name of this site. Choose other words.")


def site_words() -> set[str]:
    """Return the words that say where a password is used, in small letters and without spaces."""
    return {word for word in (*_NAMES, *_of_the_operator()) if len(word) > len("www")}


def _of_the_operator() -> Iterator[str]:
    name = settings.OPERATOR_NAME.casefold()
    yield _NOT_WORDS.sub("", name)
    yield from _NOT_WORDS.split(name)
    host = (urlsplit(settings.SITE_URL).hostname or "").casefold()
    yield _NOT_WORDS.sub("", host)
    yield from host.split(".")
