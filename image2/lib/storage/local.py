"""The embedded default's storage: a folder whose files are either complete and on disk, or don't exist."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from image2.lib.storage.errors import (
    ObjectMissing,
    StorageError,
    StorageFull,
    StorageRefused,
    StorageUnavailable,
)
from image2.lib.storage.pieces import LocalPieces, unfinished

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_MISSING = {errno.ENOENT, errno.ENOTDIR}


class LocalStorage(FileSystemStorage):
    """Django's folder storage with our errors, and with writes that survive a power cut: fsync, then rename.

    Names are chosen by the caller and never written twice (they are random), so none is looked up first.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        # A dot in front: listings leave it out, so that a half-written file is never taken for an object.
        part = target.with_name(f".{secrets.token_hex(8)}.part")
        # A folder that can't be made is a configuration error, not a missing object.
        with _our_errors(name, missing=StorageRefused):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                handle = os.open(
                    part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self.file_permissions_mode or 0o600
                )
                with os.fdopen(handle, "wb") as file:
                    for piece in content.chunks():
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                part.rename(target)
                _sync_folder(target.parent)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        return name

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        with _our_errors(name):
            file: IO[Any] = Path(self.path(name)).open(mode)  # noqa: SIM115  closed by the File around it
        return File(file, name=name)

    def delete(self, name: str) -> None:
        with _our_errors(name), contextlib.suppress(FileNotFoundError):
            Path(self.path(name)).unlink()

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        try:
            with _our_errors(path):
                folders, files = super().listdir(path)
        except ObjectMissing:  # as an object store answers about a prefix that nothing has
            return [], []
        return folders, [name for name in files if not name.startswith(".")]

    def begin(self, name: str) -> LocalPieces:
        """Start an object that is written in pieces."""
        target = Path(self.path(name))
        with _our_errors(name, missing=StorageRefused):
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            handle = os.open(unfinished(target), flags, self.file_permissions_mode or 0o600)
        return _Pieces(os.fdopen(handle, "wb"), target)

    def resume(self, name: str, *, written: int, tail: bytes) -> LocalPieces:
        """Go on after `written` bytes; what a process that was killed wrote after them is cut off."""
        assert not tail
        target = Path(self.path(name))
        with _our_errors(name):
            file = unfinished(target).open("r+b")
            if file.seek(0, os.SEEK_END) < written:
                file.close()
                raise ObjectMissing(name)
            file.seek(written)
            file.truncate()
        return _Pieces(file, target)

    def abandon(self, name: str) -> None:
        """Remove the pieces of an object that isn't finished."""
        with _our_errors(name):
            unfinished(Path(self.path(name))).unlink(missing_ok=True)

    def free_bytes(self) -> int | None:
        """Return how much the disk takes."""
        folder = Path(self.location)
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free


class _Pieces(LocalPieces):
    """The same with our errors, and a folder that knows the new name after a power cut."""

    def write(self, data: bytes) -> int:
        with _our_errors(self._target.name):
            return super().write(data)

    def pause(self) -> bytes:
        with _our_errors(self._target.name):
            return super().pause()

    def finish(self) -> None:
        with _our_errors(self._target.name):
            super().finish()
            _sync_folder(self._target.parent)


@contextlib.contextmanager
def _our_errors(name: str, missing: type[StorageError] = ObjectMissing) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _translated(error, missing)(f"{name}: {error.strerror or error}") from error


def _translated(error: OSError, missing: type[StorageError]) -> type[StorageError]:
    if error.errno in _FULL:
        return StorageFull
    if error.errno in _REFUSED:
        return StorageRefused
    return missing if error.errno in _MISSING else StorageUnavailable


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
