"""The picture a request starts from: an upload or a picture of the same person, named ``upload:…`` or ``picture:…``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from generation.models import File, Picture, Upload

if TYPE_CHECKING:
    from accounts.models import User


class ReferenceGone(Exception):
    """The reference does not exist, was thrown away, or belongs to somebody else: the person is told the same."""


def find(*, user: User, reference: str) -> Picture | Upload:
    """Return what ``reference`` names, if this person may use it. Raises ReferenceGone."""
    kind, _, text = reference.partition(":")
    try:
        identity = UUID(text)
    except ValueError:
        raise ReferenceGone from None
    found: Picture | Upload | None = None
    if kind == "upload":
        found = Upload.objects.visible_to(user).filter(pk=identity).first()
    elif kind == "picture":
        found = Picture.objects.visible_to(user).filter(pk=identity).first()
    if found is None:
        raise ReferenceGone
    return found


def master_of(found: Picture | Upload) -> File:
    """Return the row of its lossless file. Raises ReferenceGone."""
    master = found.files.filter(role=File.Role.MASTER).first()
    if master is None:
        raise ReferenceGone
    return master
