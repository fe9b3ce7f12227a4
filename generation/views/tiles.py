"""A picture or an upload as it is shown small: which of its thumbnails is used where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from generation.models import File, Picture, Upload

_TINY = (File.Role.THUMB_256, File.Role.THUMB_512, File.Role.THUMB_1024)
_SMALL = (File.Role.THUMB_512, File.Role.THUMB_1024, File.Role.THUMB_256)
_LARGE = (File.Role.THUMB_1024, File.Role.THUMB_512, File.Role.THUMB_256)


@dataclass(frozen=True)
class Tile:
    """For more than one at a time, the pictures come with their ``thumbnails`` (see ``history.with_thumbnails``)."""

    picture: Picture | Upload

    @property
    def tiny(self) -> str:
        return self._first_of(_TINY)

    @property
    def small(self) -> str:
        return self._first_of(_SMALL)

    @property
    def large(self) -> str:
        return self._first_of(_LARGE)

    @property
    def is_favourite(self) -> bool:
        return getattr(self.picture, "favourite_at", None) is not None

    def _first_of(self, roles: tuple[str, ...]) -> str:
        """The address of the first of these sizes that was made; empty when none was."""
        files = getattr(self.picture, "thumbnails", None)
        found = {file.role: file for file in (self.picture.files.all() if files is None else files)}
        file = next((found[role] for role in roles if role in found), None)
        return reverse("generation:file", args=[file.pk]) if file else ""


def tiles(pictures: Iterable[Picture]) -> list[Tile]:
    return [Tile(picture) for picture in pictures]
