"""Store bytes under unguessable names, and create the rows that publish them.

Objects are stored first, outside any transaction; then `publish` (or `publish_upload`) creates their rows inside the
settling transaction. The sweep deletes objects whose transaction never committed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Literal

import structlog
from django.core.files.base import File as StorageContent
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import QuerySet

from generation.engine.contract import ProducedPicture
from generation.models import File, Picture, StorageDeletion, Upload
from generation.requests.sizes import Size
from image2.lib.ids import random_key
from image2.lib.storage.errors import (
    ObjectMissing,
    StorageError,
    StorageFull,
    StorageRefused,
    StorageUnavailable,
)

log = structlog.get_logger(__name__)

Kind = Literal["master", "thumb", "download", "fields", "avatar", "document", "export", "support"]
KINDS: Final[tuple[Kind, ...]] = (
    *("master", "thumb", "download", "fields", "avatar"),
    *("document", "export", "support"),
)
Content = Path | bytes | BinaryIO
_KIND_OF_ROLE: Final[dict[str, Kind]] = {
    File.Role.MASTER: "master",
    File.Role.DOWNLOAD: "download",
    File.Role.FIELDS: "fields",
    File.Role.THUMB_256: "thumb",
    File.Role.THUMB_512: "thumb",
    File.Role.THUMB_1024: "thumb",
}
_CHUNK: Final = 256 * 1024
# Other apps keep objects too, published by rows of theirs: each tells which of some keys those are.
_published_elsewhere: list[Callable[[set[str]], set[str]]] = []


def keep_published(lookup: Callable[[set[str]], set[str]]) -> None:
    """Register how to find out which of some keys another app's rows publish: those are never deleted."""
    if lookup not in _published_elsewhere:
        _published_elsewhere.append(lookup)


def published(keys: set[str]) -> set[str]:
    """Return those of the keys that a row publishes."""
    found = set(File.objects.filter(key__in=keys).values_list("key", flat=True))
    for lookup in _published_elsewhere:
        found |= lookup(keys)
    return found


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Where an object was stored, its size and its hash."""

    key: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A stored object and its role: everything its row needs."""

    role: str
    format: str
    width: int
    height: int
    stored: StoredObject
    variant: str = ""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """Every stored file of a picture; nobody can see them before they are published."""

    renditions: tuple[Rendition, ...]

    @property
    def keys(self) -> list[str]:
        return [rendition.stored.key for rendition in self.renditions]


def store_picture(produced: ProducedPicture, *, attempt: object) -> StoredPicture:
    """Store the master, the thumbnails and the fields of a finished picture; after an error none of them stays.

    `attempt` distinguishes two runs of one job in the names. Raises as `store` does.
    """
    run = f"job-{attempt}"
    with discarding_on_error() as stored:
        stored.append(
            store_rendition(
                produced.master,
                role=File.Role.MASTER,
                form="png",
                width=produced.width,
                height=produced.height,
                attempt=run,
                variant=File.PLAIN,
            )
        )
        for side, path in sorted(produced.thumbnails.items()):
            small = Size(produced.width, produced.height).fit(side)
            role = File.Role(f"thumb{side}")
            stored.append(
                store_rendition(
                    path, role=role, form="webp", width=small.width, height=small.height, attempt=run
                )
            )
        if produced.fields:
            stored.append(
                store_rendition(
                    produced.fields,
                    role=File.Role.FIELDS,
                    form="safetensors",
                    width=produced.width,
                    height=produced.height,
                    attempt=run,
                )
            )
    return StoredPicture(tuple(stored))


def publish(picture: Picture, stored: StoredPicture) -> list[File]:
    """Create the rows of a picture's files; call it in the transaction that creates the picture."""
    return File.objects.bulk_create([_row(rendition, picture=picture) for rendition in stored.renditions])


def publish_upload(upload: Upload, renditions: Iterable[Rendition]) -> list[File]:
    """Create the rows of an upload's files; call it in the transaction that creates the upload."""
    return File.objects.bulk_create([_row(rendition, upload=upload) for rendition in renditions])


def discard(stored: StoredPicture) -> None:
    """Queue the objects of a picture that won't be published for deletion, for example after a lost lease."""
    discard_keys(stored.keys)


def discard_keys(keys: Iterable[str]) -> None:
    """Queue objects for deletion, through the outbox. An object that a row publishes is never deleted."""
    outbox = [StorageDeletion(key=key) for key in keys]
    StorageDeletion.objects.bulk_create(outbox, batch_size=200, ignore_conflicts=True)


def discard_files(files: QuerySet[File]) -> None:
    """Delete rows and queue their objects for deletion: both or neither, by the caller's transaction."""
    discard_keys(files.values_list("key", flat=True))
    files.delete()


@contextlib.contextmanager
def discarding_on_error() -> Iterator[list[Rendition]]:
    """Yield a list to collect renditions in; when the block fails, what was stored goes to the outbox."""
    stored: list[Rendition] = []
    try:
        yield stored
    except BaseException:
        # Best effort: without the database, the sweep finds the objects a day later.
        with contextlib.suppress(DatabaseError):
            discard_keys([rendition.stored.key for rendition in stored])
        raise


def store_rendition(
    content: Content, *, role: str, form: str, width: int, height: int, attempt: str, variant: str = ""
) -> Rendition:
    """Store one file of a picture and return it with what its row needs. Raises as `store` does."""
    stored = store(content, kind=_KIND_OF_ROLE[role], attempt=attempt, suffix=form)
    return Rendition(role=role, format=form, width=width, height=height, stored=stored, variant=variant)


def store(content: Content, *, kind: Kind, attempt: str, suffix: str = "") -> StoredObject:
    """Store bytes and return where. Streams: memory doesn't grow with the file.

    `attempt` names the run that stored it; `suffix` is the format ("png").
    Raises StorageUnavailable, StorageFull or StorageRefused.
    """
    with _reading(content) as file:
        digest = hashlib.sha256()
        size = 0
        while piece := file.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
        file.seek(0)
        key = new_key(kind=kind, attempt=attempt, suffix=suffix)
        saved = default_storage.save(key, StorageContent(file, name=key))
    return StoredObject(saved, digest.hexdigest(), size)


@contextlib.contextmanager
def opened(key: str) -> Iterator[IO[bytes]]:
    """Open an object for reading. Raises ObjectMissing, StorageUnavailable or StorageRefused."""
    with default_storage.open(key, "rb") as file:
        yield file


def copy(key: str, target: IO[bytes]) -> None:
    """Write an object's bytes to `target`. Raises as `opened` does."""
    with opened(key) as source:
        _pour(source, target)


def fetch(key: str, path: Path) -> Path:
    """Copy an object to `path` and return it. Raises as `opened` does."""
    with opened(key) as source, path.open("wb") as target:
        _pour(source, target)
    return path


def new_key(*, kind: Kind, attempt: str, suffix: str) -> str:
    """Return a name for a new object. The hour in it lets the sweep look at old objects only."""
    hour = datetime.now(UTC).strftime("%Y%m%d/%H")
    safe_attempt = re.sub(r"[^a-z0-9-]+", "-", attempt.lower())[:80] or "none"
    return f"{kind}/{hour}/{safe_attempt}-{random_key()}{'.' if suffix else ''}{suffix}"


def _pour(source: IO[bytes], target: IO[bytes]) -> None:
    while piece := source.read(_CHUNK):
        target.write(piece)


@contextlib.contextmanager
def _reading(content: Content) -> Iterator[BinaryIO]:
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
    "KINDS",
    "ObjectMissing",
    "Rendition",
    "StorageError",
    "StorageFull",
    "StorageRefused",
    "StorageUnavailable",
    "StoredObject",
    "StoredPicture",
    "copy",
    "discard",
    "discard_files",
    "discard_keys",
    "discarding_on_error",
    "fetch",
    "keep_published",
    "new_key",
    "opened",
    "publish",
    "publish_upload",
    "published",
    "store",
    "store_picture",
    "store_rendition",
]
