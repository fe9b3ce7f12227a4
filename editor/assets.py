"""What is stored for a document: its own copies of pictures, tiles and a thumbnail, never shared with another one."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast

import numpy as np
from django.core.files.base import File as IncomingFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from PIL import Image

from editor.log.schema import MOST_SIDE
from editor.models import Asset, Document
from editor.replay.layers import Impossible
from editor.replay.planes import Bytes
from generation.files import storing
from generation.uploads import intake, storage_used
from image2.lib.personal_data import CopiedFiles

if TYPE_CHECKING:
    from accounts.models import User

TooLarge = intake.Refused
Role = Asset.Role
_ROWS: Final = 256
# A PNG of the largest document, of noise: four bytes a pixel, and what deflate and the notes add.
_OWN_BYTES: Final = MOST_SIDE * MOST_SIDE * 4 + 4 * 1024 * 1024
_SUFFIX: Final = {Role.PICTURE: "png", Role.MASK: "png", Role.TILES: "tiles", Role.THUMBNAIL: "webp"}


def published(keys: set[str]) -> set[str]:
    """Return those of these keys that a document still needs: storage is never cleared of them."""
    return set(Asset.objects.filter(key__in=keys).values_list("key", flat=True))


def bytes_of(user: User) -> int:
    """Return how many bytes of storage the documents of this person take, the trash included.

    Files to download don't count: they go after a day, one of each kind of a document.
    """
    sizes = Asset.objects.filter(document__owner=user).exclude(role=Role.FILE).values_list("bytes", flat=True)
    return sum(sizes.iterator())


def bring(document: Document, file: IncomingFile[Any]) -> Asset:
    """Keep a picture that a person brings into a document, by the one ingest. Raises uploads.Refused."""
    with intake.converted(user=document.owner, file=file, bounds=bounds()) as picture:
        check_size(picture.outcome.width, picture.outcome.height)
        master = cast(BinaryIO, picture.master)
        return keep(document, master, Role.PICTURE, picture.outcome.width, picture.outcome.height)


def bounds() -> intake.Bounds:
    """Return what a picture may be that is opened here: whatever the site itself saves from a document is."""
    uploads = intake.Bounds.of_uploads()
    return intake.Bounds(
        bytes=uploads.bytes,
        png_bytes=max(_OWN_BYTES, uploads.png_bytes),
        pixels=max(MOST_SIDE * MOST_SIDE, uploads.pixels),
        master_bytes=max(_OWN_BYTES, uploads.master_bytes),
    )


def keep(
    document: Document,
    content: Path | bytes | BinaryIO,
    role: Role,
    width: int = 0,
    height: int = 0,
    *,
    suffix: str = "",
) -> Asset:
    """Store bytes for a document and return their row; bytes that it has already are not kept twice.

    Call it outside of a transaction. Raises as `storing.store` does, and StorageUsedUp for a picture without room.
    """
    stored = storing.store(content, kind="document", attempt=str(role), suffix=suffix or _SUFFIX[role])
    try:
        with transaction.atomic():
            if role == Role.PICTURE:
                storage_used.claim(user=document.owner, needed=stored.bytes)
            return Asset.objects.create(
                document=document,
                sha256=stored.sha256,
                role=role,
                width=width,
                height=height,
                bytes=stored.bytes,
                key=stored.key,
            )
    except storage_used.StorageUsedUp:
        storing.discard_keys([stored.key])
        raise
    except IntegrityError:
        # It is there already, or the document was deleted meanwhile.
        storing.discard_keys([stored.key])
        return Asset.objects.get(document=document, role=role, sha256=stored.sha256)


def discard(rows: Any) -> None:
    """Take rows of assets away and have their objects deleted: both or none, by the caller's transaction."""
    storing.discard_keys(list(rows.values_list("key", flat=True)))
    rows.delete()


def check_size(width: int, height: int) -> None:
    """Raise uploads.Refused for a picture that is larger than a document may be."""
    if max(width, height) > MOST_SIDE:
        sentence = _("The editor takes pictures of at most %(most)s pixels a side. Make it smaller first.")
        raise intake.Refused(sentence % {"most": MOST_SIDE}, cause="too large to edit")


class OfDocument:
    """The pictures that a document's operations name, for a replay."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def pixels(self, sha256: str) -> Bytes:
        """Return a picture as [h, w, 4]. Raises Impossible when the document has no such picture."""
        pictures = Asset.objects.filter(document=self._document, role=Role.PICTURE, sha256=sha256)
        key = pictures.values_list("key", flat=True).first()
        if key is None:
            raise Impossible("The picture that this step adds is not part of the document.")
        with storing.opened(key) as file:
            return decoded(file)


def decoded(file: IO[bytes]) -> Bytes:
    """Return the pixels of a PNG that the site wrote; what is wholly transparent becomes 0, 0, 0, 0."""
    with Image.open(file, formats=["PNG"]) as image:
        out = np.array(image.convert("RGBA"))
    for top in range(0, len(out), _ROWS):
        rows = out[top : top + _ROWS]
        rows[rows[..., 3] == 0] = 0
    return out


# What a person's copy of their data takes: the pictures that steps name. The rest is computed from the log.
COPIED: Final = CopiedFiles(
    wanted=Q(role=Role.PICTURE),
    path=lambda row: f"documents/{row.document_id}/{row.sha256}.png",
    largest=lambda row: row.bytes,
    write=lambda row, target: storing.copy(row.key, target),
)
