"""How a person's own picture goes into a copy of their data."""

from __future__ import annotations

from typing import IO, Final

from django.db.models import Q

from generation.files import storing
from generation.models import Avatar
from image2.lib.personal_data import CopiedFiles


def _path(avatar: Avatar) -> str:
    return f"account/profile-picture.{avatar.format}"


def _bytes(avatar: Avatar) -> int:
    return avatar.bytes


def _write(avatar: Avatar, target: IO[bytes]) -> None:
    storing.copy(avatar.key, target)


# The smaller one is computed from the same picture.
COPIED: Final = CopiedFiles(wanted=Q(side=Avatar.LARGEST), path=_path, largest=_bytes, write=_write)
