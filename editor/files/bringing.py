"""A project file is opened: whatever is in it is looked at as what a browser sends, and nothing is kept of a wrong one.

No path of the file is ever used; its names are compared with those that there can be.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import File as IncomingFile
from django.db import transaction
from django.utils.translation import gettext as _

from editor import assets, opening, runs
from editor.documents import MOST_VERSIONS
from editor.exporting import ENGINE
from editor.files.project import ASSETS, FORMAT, LOG, MANIFEST, MIMETYPE, PICTURE, VERSION
from editor.log import schema
from editor.log.appending import MOST_OPERATIONS, NotTaken, Sent
from editor.log.restoring import Restored
from editor.models import Asset, Document, Operation, Version
from editor.opening import Refused
from generation import fair_shares
from generation.files import storing
from generation.uploads import intake, storage_used

if TYPE_CHECKING:
    from accounts.models import User

# What the directory of a zip may be: it is read whole.
_MOST_PICTURES: Final = 1000
_MOST_DIRECTORY: Final = 512 * 1024
_MOST_MANIFEST: Final = 1024 * 1024
_MOST_LINE: Final = 2 * (schema.MOST_BODY + schema.MOST_BLOB)
_MOST_LOG: Final = 1024**3
# Of all pictures together: some three minutes of a processor.
_MOST_PIXELS: Final = 4_000_000_000
_MOST_NAME: Final = 120
_ASSET: Final = re.compile(re.escape(ASSETS) + r"([0-9a-f]{64})\.png")
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_ENCRYPTED: Final = 1
# What zipfile, zlib and json raise at files that are cut off or damaged.
_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError),
    *(UnicodeDecodeError, ValueError, KeyError, RecursionError, binascii.Error),
)


def is_project(head: bytes) -> bool:
    """Tell by its first bytes whether a file is a project: a zip whose first member says so."""
    return head[:4] == b"PK\x03\x04" and head[30:].startswith(b"mimetype" + MIMETYPE)


def from_project(*, user: User, file: IncomingFile[Any]) -> Document:
    """Open a project file with its whole history. Raises Refused, fair_shares.OverShare."""
    opening.check_policy()
    if (file.size or 0) > settings.PROJECT_MAX_BYTES:
        most = settings.PROJECT_MAX_BYTES // 1024**2
        raise Refused(_("A project file can have at most %(most)s MB.") % {"most": most})
    try:
        with (
            intake.refusing_when_full(),
            tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as scratch,
        ):
            storage_used.check(user=user)
            source = cast("BinaryIO", file.file)
            _check_directory(source, file.size or 0)
            with zipfile.ZipFile(source) as archive:
                return _Project(archive, scratch).opened(user)
    except intake.Refused as refused:
        raise Refused(refused.sentence) from None
    except NotTaken as refused:
        sentence = _("This project file can't be opened. %(why)s") % {"why": refused.sentence}
        raise Refused(sentence) from None
    except storing.StorageError as error:
        raise Refused(_("The project couldn't be saved. Try again in a minute.")) from error
    except _BROKEN:
        raise Refused(_damaged()) from None


def _check_directory(file: BinaryIO, size: int) -> None:
    """Refuse a directory that is too large to be read, before zipfile reads it."""
    file.seek(max(0, size - 65536 - 22))
    tail = file.read()
    at = len(tail) - 22 if tail[-22:-18] == _END and tail[-2:] == b"\0\0" else tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Refused(_damaged())
    count, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > _MOST_PICTURES + 4 or length > _MOST_DIRECTORY or _END_64 in tail[max(0, at - 20) : at]:
        raise Refused(_("This project file holds more files than a project can. Nothing of it was opened."))


class _Project:
    """One file, part by part."""

    def __init__(self, archive: zipfile.ZipFile, scratch: IO[bytes]) -> None:
        self._archive = archive
        self._pictures = _members(archive)
        self._manifest = self._read_manifest()
        self._log = Restored(self._pictures.keys(), scratch)

    def opened(self, user: User) -> Document:
        """Look at everything, then keep all of it or nothing."""
        self._read_log()
        head = UUID(str(self._manifest["head"]))
        if not self._log.knows(head):
            raise Refused(_damaged())
        versions = self._versions()
        width, height = self._log.outline_at(head)["size"]
        document = Document(
            owner=user,
            title=opening.title_of(_text(self._manifest.get("title"))),
            width=width,
            height=height,
            made_with_ai=self._manifest.get("made_with_ai") is True or self._log.jobs,
            head=head,
            seq=self._log.count,
        )
        with self._brought(user, document) as brought:
            rows = {row.sha256: row for row in brought.values()}
            with transaction.atomic():
                storage_used.claim(user=user, needed=sum(row.bytes for row in rows.values()))
                document.save(force_insert=True)
                Asset.objects.bulk_create(rows.values())
                names = {name: row.sha256 for name, row in brought.items()}
                for batch in self._log.rows(document, names):
                    Operation.objects.bulk_create(batch)
                Version.objects.bulk_create(
                    Version(document=document, operation=uid, name=name) for name, uid in versions.items()
                )
                runs.queue_replay(document)
        # Pictures of the same pixels are one here.
        storing.discard_keys({row.key for row in brought.values()} - {row.key for row in rows.values()})
        return document

    @contextmanager
    def _brought(self, user: User, document: Document) -> Iterator[dict[str, Asset]]:
        """Give the pictures as the one ingest makes them, stored; after an error none stays."""
        found: dict[str, Asset] = {}
        keys: list[str] = []
        pixels = 0
        try:
            with fair_shares.turn("decoder", caller=user.pk) as turn:
                for name, member in self._pictures.items():
                    turn.renew()
                    found[name] = self._bring(user, document, member, name, keys)
                    pixels += found[name].width * found[name].height
                    if pixels > _MOST_PIXELS:
                        raise Refused(_too_large())
            yield found
        except BaseException:
            storing.discard_keys(keys)
            raise

    def _bring(
        self, user: User, document: Document, member: zipfile.ZipInfo, name: str, keys: list[str]
    ) -> Asset:
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
            digest = hashlib.sha256()
            with self._archive.open(member) as source:
                while piece := source.read(256 * 1024):
                    digest.update(piece)
                    copy.write(piece)
            if digest.hexdigest() != name:
                raise Refused(
                    _("A picture in this project file is not the one that was saved. Save it again.")
                )
            copy.seek(0)
            incoming = IncomingFile(copy, name="picture.png")
            with intake.converted(user=user, file=incoming, bounds=assets.bounds(), in_turn=True) as picture:
                assets.check_size(picture.outcome.width, picture.outcome.height)
                master = cast("BinaryIO", picture.master)
                stored = storing.store(master, kind="document", attempt="project", suffix="png")
                keys.append(stored.key)
        return Asset(
            document=document,
            sha256=stored.sha256,
            role=Asset.Role.PICTURE,
            width=picture.outcome.width,
            height=picture.outcome.height,
            bytes=stored.bytes,
            key=stored.key,
        )

    def _read_manifest(self) -> Mapping[str, Any]:
        with self._archive.open(MANIFEST) as source:
            text = source.read(_MOST_MANIFEST + 1)
        manifest = json.loads(text) if len(text) <= _MOST_MANIFEST else None
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise Refused(_damaged())
        if manifest.get("version") != VERSION or manifest.get("engine") != ENGINE:
            raise Refused(
                _("This project was saved by another version of Image 2. Open it where it was saved.")
            )
        return manifest

    def _read_log(self) -> None:
        with self._archive.open(LOG) as source:
            read = 0
            while line := source.readline(_MOST_LINE + 1):
                read += len(line)
                if len(line) > _MOST_LINE or read > _MOST_LOG:
                    raise Refused(
                        _("This project file holds a step that is too large. Nothing of it was opened.")
                    )
                self._take(json.loads(line))
        if not self._log.count or self._log.count > MOST_OPERATIONS:
            raise Refused(_damaged())
        if self._log.named != self._pictures.keys():
            raise Refused(_("This project file holds a picture that no step uses. Nothing of it was opened."))

    def _take(self, line: Any) -> None:
        if not isinstance(line, dict) or not isinstance(line.get("blob"), str):
            raise Refused(_damaged())
        parent = None if line.get("parent") is None else UUID(str(line["parent"]))
        uid = UUID(str(line["id"]))
        blob = base64.b64decode(line["blob"], validate=True)
        sent = Sent(uid, parent or uid, line.get("kind"), line.get("engine"), line.get("body"), blob)
        self._log.add(sent, parent)

    def _versions(self) -> dict[str, UUID]:
        kept: dict[str, UUID] = {}
        rows = self._manifest.get("versions", [])
        if not isinstance(rows, list) or len(rows) > MOST_VERSIONS:
            raise Refused(_damaged())
        for row in rows:
            uid = UUID(str(row["operation"]))
            name = " ".join(_text(row["name"]).split())[:_MOST_NAME]
            if name and self._log.knows(uid):
                kept[name] = uid
        return kept


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the pictures by their names; refuse whatever a project doesn't hold."""
    pictures: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for member in archive.infolist():
        match = _ASSET.fullmatch(member.filename)
        known = match or member.filename in {"mimetype", MANIFEST, LOG, PICTURE}
        plain = member.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
        if not known or member.filename in seen or not plain or member.flag_bits & _ENCRYPTED:
            raise Refused(
                _("This file holds something that is no part of a project. Nothing of it was opened.")
            )
        if match:
            pictures[match[1]] = member
        seen.add(member.filename)
    sizes = [member.file_size for member in pictures.values()]
    if max(sizes, default=0) > assets.bounds().png_bytes or sum(sizes) > settings.PROJECT_MAX_BYTES:
        raise Refused(_too_large())
    if {"mimetype", MANIFEST, LOG} - seen:
        raise Refused(_damaged())
    return pictures


def _too_large() -> str:
    return _("The pictures in this project file are too large. Nothing of it was opened.")


def _text(value: Any) -> str:
    """What every database holds: no NUL, no half of a surrogate pair."""
    return str(value or "").replace("\0", "").encode(errors="ignore").decode()


def _damaged() -> str:
    return _("This project file is damaged or was cut off. Save it again, then open that.")
