"""Uploads that no page lists, since they belong to one request: masks, and what a document of the editor showed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from generation.files import storing
from generation.files.storing import store_rendition
from generation.models import File, Upload
from generation.pictures import trash
from generation.uploads import storage_used
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User

_KIND: Final = "upload:"


def keep(upload: Upload, content: Path | BinaryIO) -> Upload:
    """Keep a PNG as the master of this upload. Raises storage_used.StorageUsedUp, and what `storing` raises."""
    with storing.discarding_on_error() as stored:
        stored.append(
            store_rendition(
                content, role=File.Role.MASTER, form="png", width=upload.width, height=upload.height,
                attempt="unlisted",
            )
        )  # fmt: skip
        with transaction.atomic():
            storage_used.claim(user=upload.owner, needed=stored[0].stored.bytes)
            upload.save(force_insert=True)
            storing.publish_upload(upload, stored)
    return upload


def keep_part(*, user: User, png: Path, width: int, height: int) -> Upload:
    """Keep what a document showed, for one job to start from. `discard` it when that has ended. Raises as `keep`."""
    upload = Upload(
        id=new_id(), owner=user, name=_("part of a document"), width=width, height=height, is_listed=False
    )
    return keep(upload, png)


def discard(*, user: User, references: Collection[str]) -> None:
    """Delete those of these that are uploads of this person which no page lists; the others stay."""
    ids = [UUID(name.removeprefix(_KIND)) for name in references if name.startswith(_KIND)]
    mine = Upload.objects.visible_to(user).filter(pk__in=ids)
    unlisted = mine.exclude(pk__in=mine.listed()).values_list("pk", flat=True)
    trash.delete_uploads(user=user, uploads=list(unlisted))
