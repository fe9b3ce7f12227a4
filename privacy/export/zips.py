"""A zip file that is written piece by piece and can be left and gone on with: its list of files is kept beside it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Any, Final, cast

from image2.lib.storage.pieces import Pieces

# What a file adds beside its bytes, at most: two headers, a descriptor, its line in the manifest.
_EACH: Final = 300
_END: Final = 64 * 1024
_FLAG: Final = 0x08  # sizes follow the data, since what was written can't be changed any more
_LARGE: Final = 2**31 - 1
MOST_FILES: Final = 20_000

Entry = list[Any]  # path, CRC, compressed bytes, bytes, offset, method, SHA-256


class ZipPart:
    """One zip file in the making. ``entries`` is all that `resume` needs beside the pieces."""

    def __init__(self, pieces: Pieces, made_at: datetime, entries: Sequence[Entry] = ()) -> None:
        self._pieces = pieces
        self._time = made_at.timetuple()[:6]
        self.entries: list[Entry] = [list(entry) for entry in entries]
        self._zip = zipfile.ZipFile(cast(IO[bytes], _Stream(pieces)), "w")
        for entry in self.entries:
            info = self._restored(entry)
            self._zip.filelist.append(info)
            self._zip.NameToInfo[info.filename] = info
        # What the two lists at the end take: the archive's own and the manifest.
        self._lists = sum(_in_lists(entry[0]) for entry in self.entries)

    @property
    def written(self) -> int:
        return self._pieces.written

    def has_room(self, more: int, *, files: int, limit: int) -> bool:
        """Whether so many bytes in so many files fit. The first ones always do."""
        if not self.entries:
            return True
        rest = self._lists + files * 3 * _EACH + _END
        return len(self.entries) + files <= MOST_FILES and self.written + rest + more <= limit

    def add(self, path: str, write: Callable[[IO[bytes]], None], *, largest: int) -> None:
        """Add a file. What `write` raises before its first byte leaves nothing of the file behind."""
        # Pictures are compressed already.
        method = zipfile.ZIP_DEFLATED if path.endswith((".json", ".txt")) else zipfile.ZIP_STORED
        info = zipfile.ZipInfo(path, self._time)
        info.compress_type = method
        entry = _Writer(self._zip, info, is_large=largest > _LARGE)
        write(cast(IO[bytes], entry))
        digest = entry.end()
        self.entries.append(
            [path, info.CRC, info.compress_size, info.file_size, info.header_offset, method, digest]
        )
        self._lists += _in_lists(path)

    def pause(self) -> bytes:
        """Stop for now and return what `Pieces.resume` needs again."""
        self._let_go()
        return self._pieces.pause()

    def finish(self) -> None:
        """Write the list of files and make the object."""
        self._zip.close()
        self._pieces.finish()

    def close(self) -> None:
        """Leave it as it is, for somebody to abandon."""
        self._let_go()
        self._pieces.close()

    def _let_go(self) -> None:
        self._zip.fp = None  # else the list of files would be written when this object goes

    def _restored(self, entry: Entry) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(entry[0], self._time)
        info.CRC, info.compress_size, info.file_size, info.header_offset, info.compress_type = entry[1:6]
        info.flag_bits = _FLAG
        info.external_attr = 0o600 << 16
        return info


def _in_lists(path: str) -> int:
    return 2 * len(path.encode()) + _EACH


class _Writer:
    """One file of the zip, begun at its first byte."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, is_large: bool) -> None:
        self._archive, self._info, self._is_large = archive, info, is_large
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._opened().write(data)

    def end(self) -> str:
        self._opened().close()
        return self._digest.hexdigest()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = self._archive.open(self._info, "w", force_zip64=self._is_large)
        return self._file


class _Stream:
    """What zipfile writes to: it can't go back, and knows how much there was before."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces

    def write(self, data: bytes) -> int:
        return self._pieces.write(bytes(data))

    def tell(self) -> int:
        return self._pieces.written

    def seek(self, *_where: int) -> int:
        raise io.UnsupportedOperation

    def flush(self) -> None:
        """Nothing is held back here."""


__all__ = ["MOST_FILES", "Entry", "ZipPart"]
