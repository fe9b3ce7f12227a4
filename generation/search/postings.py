"""How a segment is stored: its pictures in order, and each token's positions among them. Pure functions.

An entry is 24 bytes, the moment (microseconds since 1970, 8 bytes) and the id (16), both big-endian: entries are
ordered as the list of pictures is. Positions count from the newest picture. They are a number with one bit a position,
stored as that number (little-endian) or, where it is shorter, as two bytes a position.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

ENTRY: Final = 24
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LIST, _BITS = b"l", b"b"


def entry(moment: datetime, id: UUID) -> bytes:  # noqa: A002  (the picture's)
    return ((moment - _EPOCH) // _MICROSECOND).to_bytes(8, "big") + id.bytes


def moment_of(entry: bytes) -> datetime:
    return _EPOCH + int.from_bytes(entry[:8], "big") * _MICROSECOND


def id_of(entry: bytes) -> UUID:
    return UUID(bytes=entry[8:])


def entry_at(entries: bytes, position: int) -> bytes:
    return entries[position * ENTRY : (position + 1) * ENTRY]


def first_older(entries: bytes, than: bytes) -> int:
    """Return the position of the first entry behind ``than`` in the list: the number of those up to it."""
    low, high = 0, len(entries) // ENTRY
    while low < high:
        middle = (low + high) // 2
        if entry_at(entries, middle) < than:
            high = middle
        else:
            low = middle + 1
    return low


def pack(bits: int) -> bytes:
    """Return positions (a number with one bit a position, not 0) as they are stored."""
    size = (bits.bit_length() + 7) // 8
    if 2 * bits.bit_count() < size:
        return _LIST + b"".join(position.to_bytes(2, "big") for position in positions_of(bits))
    return _BITS + bits.to_bytes(size, "little")


def unpack(stored: bytes) -> int:
    """Return the number with one bit a position."""
    if stored[:1] == _BITS:
        return int.from_bytes(stored[1:], "little")
    bits = 0
    for at in range(1, len(stored), 2):
        bits |= 1 << (stored[at] << 8 | stored[at + 1])
    return bits


def positions_of(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, rising."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
