"""A picture or an upload as a tile: which of its thumbnails is used where, and its name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.urls import get_script_prefix, reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator

from generation.models import File, Picture, Upload
from image2.design import ratios

_TINY = (File.Role.THUMB_256, File.Role.THUMB_512, File.Role.THUMB_1024)
_SMALL = (File.Role.THUMB_512, File.Role.THUMB_1024, File.Role.THUMB_256)
_LARGE = (File.Role.THUMB_1024, File.Role.THUMB_512, File.Role.THUMB_256)
_SOME_FILE: Final = 2**62


@dataclass(frozen=True)
class Tile:
    """For more than one at a time, the pictures come with their ``thumbnails`` (see ``history.with_thumbnails``)."""

    picture: Picture | Upload

    @property
    def key(self) -> UUID:
        return self.picture.pk

    @property
    def width(self) -> int:
        return self.picture.width

    @property
    def height(self) -> int:
        return self.picture.height

    @property
    def ratio(self) -> str:
        """The class of its shape."""
        return ratios.ratio_class(self.picture.width, self.picture.height)

    @property
    def alt(self) -> str:
        return _shortened(self._prompt, 200)

    @property
    def caption(self) -> str:
        return _shortened(self._prompt, 160)

    @property
    def label(self) -> str:
        return _shortened(self._prompt, 100)

    @property
    def name(self) -> str:
        return _shortened(self._prompt, 60)

    @cached_property
    def tiny(self) -> str:
        return self._first_of(_TINY)

    @cached_property
    def small(self) -> str:
        return self._first_of(_SMALL)

    @cached_property
    def large(self) -> str:
        return self._first_of(_LARGE)

    @property
    def is_favourite(self) -> bool:
        return getattr(self.picture, "favourite_at", None) is not None

    @property
    def _prompt(self) -> str:
        return getattr(self.picture, "prompt", "")

    @cached_property
    def _files(self) -> dict[str, int]:
        files = getattr(self.picture, "thumbnails", None)
        return {file.role: file.pk for file in (self.picture.files.all() if files is None else files)}

    def _first_of(self, roles: tuple[str, ...]) -> str:
        """Return the URL of the first of these sizes that exists; empty when none does."""
        file = next((self._files[role] for role in roles if role in self._files), None)
        return _addresses(get_script_prefix()).replace(str(_SOME_FILE), str(file)) if file else ""


def tiles(pictures: Iterable[Picture]) -> list[Tile]:
    return [Tile(picture) for picture in pictures]


@lru_cache(maxsize=16)
def _addresses(prefix: str) -> str:
    """Return the URL of some file: those of others differ in the number alone. ``prefix`` is the site's path."""
    return reverse("generation:file", args=[_SOME_FILE])


def _shortened(text: str, most: int) -> str:
    """The same as |truncatechars, which takes its time also for what is short."""
    if len(text) <= most and unicodedata.is_normalized("NFC", text):
        return text
    return Truncator(text).chars(most)
