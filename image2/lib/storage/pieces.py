"""Objects that are written piece by piece, in several turns and by several processes one after the other.

An object made of pieces isn't there until ``finish``: listings leave it out, and ``abandon`` leaves nothing behind.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Final, Protocol, runtime_checkable

PART_SUFFIX: Final = ".pieces"


class Pieces(Protocol):
    """One object in the making. ``written`` counts its bytes so far."""

    written: int

    def write(self, data: bytes) -> int: ...

    def pause(self) -> bytes:
        """Stop for now; return what storage doesn't have yet and `resume` needs again."""

    def finish(self) -> None:
        """Make it an object of storage."""

    def close(self) -> None:
        """Let go of open files; what was written stays for `resume` or `abandon`."""


@runtime_checkable
class TakesPieces(Protocol):
    """A storage that can be written to piece by piece."""

    def begin(self, name: str) -> Pieces: ...

    def resume(self, name: str, *, written: int, tail: bytes) -> Pieces:
        """Go on where `pause` stopped. Raises ObjectMissing when storage has lost the pieces."""

    def abandon(self, name: str) -> None:
        """Remove the pieces of an object that isn't finished; nothing happens when there are none."""

    def free_bytes(self) -> int | None:
        """Return how much fits, None where storage doesn't say."""


def unfinished(target: Path) -> Path:
    """Return where the pieces of a file lie: beside it, with a dot in front, so that listings leave it out."""
    return target.with_name(f".{target.name}{PART_SUFFIX}")


class LocalPieces:
    """Pieces in one file, which is renamed at the end."""

    def __init__(self, file: IO[bytes], target: Path) -> None:
        self._file, self._target = file, target
        self.written = file.tell()

    def write(self, data: bytes) -> int:
        self._file.write(data)
        self.written += len(data)
        return len(data)

    def pause(self) -> bytes:
        self._sync()
        self.close()
        return b""

    def finish(self) -> None:
        self._sync()
        self.close()
        unfinished(self._target).rename(self._target)

    def close(self) -> None:
        self._file.close()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


__all__ = ["LocalPieces", "Pieces", "TakesPieces", "unfinished"]
