"""Pictures that were made from others by hand: published in the history with their files and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from generation.files import storing
from generation.models import File, Lineage, Picture
from generation.pictures import references
from generation.pictures.references import ReferenceGone
from generation.requests import recipe as recipes
from generation.requests.sizes import Size
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Edited:
    """A finished edit on this machine: its lossless PNG, thumbnails by their long side, and its recipe."""

    master: Path
    thumbnails: Mapping[int, Path]
    width: int
    height: int
    recipe: Mapping[str, Any]


def store(edited: Edited, *, attempt: object) -> storing.StoredPicture:
    """Store the files of an edit; after an error nothing of it stays. Raises as `storing.store` does."""
    run = f"edit-{attempt}"
    with storing.discarding_on_error() as stored:
        size = Size(edited.width, edited.height)
        stored.append(_stored(edited.master, File.Role.MASTER, "png", size, run))
        for side, path in sorted(edited.thumbnails.items()):
            stored.append(_stored(path, File.Role(f"thumb{side}"), "webp", size.fit(side), run))
    return storing.StoredPicture(tuple(stored))


def publish(*, owner: User, edited: Edited, stored: storing.StoredPicture, source: str) -> UUID:
    """Make the picture of a stored edit and return its id; call it in the transaction that ends the work.

    `source` is the reference of what it was made from; where that is gone, the picture has no lineage. Training is
    never allowed on it: it may hold what others made.
    """
    with transaction.atomic():
        picture = Picture.objects.create(
            id=new_id(),
            owner=owner,
            recipe=dict(edited.recipe),
            prompt=edited.recipe["request"]["prompt"],
            model=recipes.EDITOR,
            width=edited.width,
            height=edited.height,
        )
        storing.publish(picture, stored)
        _trace(picture, owner, source)
    return picture.pk


def _stored(path: Path, role: File.Role, form: str, size: Size, run: str) -> storing.Rendition:
    return storing.store_rendition(
        path, role=role, form=form, width=size.width, height=size.height, attempt=run
    )


def _trace(picture: Picture, owner: User, source: str) -> None:
    try:
        found = references.find(user=owner, reference=source)
    except ReferenceGone:
        return
    parent, upload = (found, None) if isinstance(found, Picture) else (None, found)
    Lineage.objects.create(child=picture, parent=parent, upload=upload, role=Lineage.Role.EDIT)
