"""Bytes into storage under names nobody can guess, and the rows that publish them.

First the objects are stored (outside any transaction), then ``publish_picture`` or ``publish_upload`` inside the
settling transaction makes their rows. An object whose transaction never came is found by the sweeper.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Literal

import structlog
from django.core.files.base import File as StorageContent
from django.core.files.storage import default_storage
from django.db.models import QuerySet

from generation.models import File, Picture, StorageDeletion, Upload
from image2.lib.ids import random_key
from image2.lib.storage_errors import (
    ObjectMissing,
    StorageError,
    StorageFull,
    StorageRefused,
    StorageUnavailable,
)

log = structlog.get_logger(__name__)

Kind = Literal["master", "thumb", "original", "download"]
KINDS: Final[tuple[Kind, ...]] = ("master", "thumb", "original", "download")
Content = Path | bytes | BinaryIO
_KIND_OF_ROLE: Final[dict[str, Kind]] = {
    File.Role.MASTER: "master",
    File.Role.ORIGINAL: "original",
    File.Role.DOWNLOAD: "download",
    File.Role.THUMB_256: "thumb",
    File.Role.THUMB_512: "thumb",
    File.Role.THUMB_1024: "thumb",
}
_CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Where bytes were put, and what they were."""

    key: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A stored object and what it is of its picture: everything its row will say."""

    role: str
    format: str
    width: int
    height: int
    stored: StoredObject
    variant: str = ""


def store(content: Content, *, kind: Kind, attempt: str, suffix: str = "") -> StoredObject:
    """Put bytes into storage and return where. Streams: the memory needed does not grow with the file.

    ``attempt`` names the run that stored it ("job-3f…-2"): two attempts at one job never share a name. ``suffix`` is
    the format ("png"). Raises StorageUnavailable, StorageFull or StorageRefused.
    """
    with _opened(content) as file:
        digest = hashlib.sha256()
        size = 0
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
        file.seek(0)
        key = new_key(kind=kind, attempt=attempt, suffix=suffix)
        saved = default_storage.save(key, StorageContent(file, name=key))
    return StoredObject(saved, digest.hexdigest(), size)


def store_rendition(
    content: Content, *, role: str, format: str, width: int, height: int, attempt: str, variant: str = ""
) -> Rendition:
    """Store one file of a picture and return it with what its row needs. Raises as ``store`` does."""
    stored = store(content, kind=_KIND_OF_ROLE[role], attempt=attempt, suffix=format)
    return Rendition(role=role, format=format, width=width, height=height, stored=stored, variant=variant)


def publish_picture(picture: Picture, renditions: Iterable[Rendition]) -> list[File]:
    """Make the rows of a picture's files; call it in the transaction that makes the picture."""
    return File.objects.bulk_create([_row(rendition, picture=picture) for rendition in renditions])


def publish_upload(upload: Upload, renditions: Iterable[Rendition]) -> list[File]:
    """Make the rows of an upload's files; call it in the transaction that makes the upload."""
    return File.objects.bulk_create([_row(rendition, upload=upload) for rendition in renditions])


def discard(keys: Iterable[str]) -> None:
    """Have objects deleted soon, by the outbox: after a lost fence, say. A key with a row is never deleted."""
    outbox = [StorageDeletion(key=key) for key in keys]
    StorageDeletion.objects.bulk_create(outbox, batch_size=200, ignore_conflicts=True)


def discard_files(files: QuerySet[File]) -> None:
    """Take rows away and have their objects deleted; in the caller's transaction, so that both or none happens."""
    discard(files.values_list("key", flat=True))
    files.delete()


@contextlib.contextmanager
def discarding_on_error() -> Iterator[list[Rendition]]:
    """A list to collect renditions in; when the block fails, what was already stored is deleted by the outbox."""
    stored: list[Rendition] = []
    try:
        yield stored
    except BaseException:
        # Best effort: without the database the sweeper finds the objects a day later.
        with contextlib.suppress(Exception):
            discard([rendition.stored.key for rendition in stored])
        raise


@contextlib.contextmanager
def opened(key: str) -> Iterator[IO[bytes]]:
    """Open an object for reading, from its start. Raises ObjectMissing, StorageUnavailable or StorageRefused."""
    with default_storage.open(key, "rb") as file:
        yield file


def fetch(key: str, path: Path) -> Path:
    """Copy an object into a file of the caller's (a worker's work folder) and return its path. Raises as ``opened``."""
    with opened(key) as source, path.open("wb") as target:
        while piece := source.read(_CHUNK):
            target.write(piece)
    return path


def new_key(*, kind: Kind, attempt: str, suffix: str) -> str:
    """Return a name for a new object. The hour in it lets the sweeper look at old objects only."""
    hour = datetime.now(UTC).strftime("%Y%m%d/%H")
    safe_attempt = re.sub(r"[^a-z0-9-]+", "-", attempt.lower())[:80] or "none"
    return f"{kind}/{hour}/{safe_attempt}-{random_key()}{'.' if suffix else ''}{suffix}"


@contextlib.contextmanager
def _opened(content: Content) -> Iterator[BinaryIO]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
    elif isinstance(content, Path):
        with content.open("rb") as file:
            yield file
    else:
        content.seek(0)
        yield content


def _row(rendition: Rendition, **owner: Any) -> File:
    return File(
        **owner,
        role=rendition.role,
        variant=rendition.variant,
        format=rendition.format,
        key=rendition.stored.key,
        sha256=rendition.stored.sha256,
        bytes=rendition.stored.bytes,
        width=rendition.width,
        height=rendition.height,
    )


__all__ = [
    "ObjectMissing",
    "Rendition",
    "StorageError",
    "StorageFull",
    "StorageRefused",
    "StorageUnavailable",
    "StoredObject",
    "discard",
    "discard_files",
    "discarding_on_error",
    "fetch",
    "opened",
    "publish_picture",
    "publish_upload",
    "store",
    "store_rendition",
]
