"""A part of a file that is read in order and never beyond its end."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO, Final

from generation.ingest.outcome import Cause, Unacceptable

# What is read at once: names, tables, a profile. Pixels are read by strips.
MOST_AT_ONCE: Final = 16 * 1024 * 1024


class Source:
    """Bytes from `at` to `end` of a file. `big` says that lengths have eight bytes, as in files of version 2."""

    def __init__(self, file: BinaryIO, at: int, end: int, *, big: bool = False) -> None:
        self._file, self.at, self.end, self.big = file, at, end, big

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return self.end - self.at

    def take(self, count: int) -> bytes:
        """Return the next bytes. Raises Unacceptable where there are fewer."""
        if not 0 <= count <= min(self.left, MOST_AT_ONCE):
            raise Unacceptable(Cause.DAMAGED)
        self._file.seek(self.at)
        data = self._file.read(count)
        if len(data) < count:
            raise Unacceptable(Cause.DAMAGED)
        self.at += count
        return data

    def peek(self, count: int) -> bytes:
        """Return the next bytes without going on."""
        data = self.take(count)
        self.at -= count
        return data

    def numbers(self, form: str) -> tuple[Any, ...]:
        """Return the next numbers, big-endian, as `struct` names them; `4s` is four bytes."""
        return struct.unpack(f">{form}", self.take(struct.calcsize(f">{form}")))

    def number(self, form: str) -> int:
        """Return the next number."""
        found: int = self.numbers(form)[0]
        return found

    def length(self) -> int:
        """Return the next length: four bytes, or eight."""
        return self.number("Q" if self.big else "I")

    def part(self, length: int) -> Source:
        """Return the next bytes as a part of their own, and go on behind them."""
        if not 0 <= length <= self.left:
            raise Unacceptable(Cause.DAMAGED)
        part = Source(self._file, self.at, self.at + length, big=self.big)
        self.at += length
        return part

    def skip(self, count: int) -> None:
        """Go on behind the next bytes; padding at the very end may be missing."""
        self.at = min(self.end, self.at + count)
