"""WebP (RFC 9649): chunks in a RIFF. How large the file says it is doesn't matter, how large it is does."""

from __future__ import annotations

import struct
from typing import Final

from generation.ingest.containers.plain import Plain, damaged
from generation.ingest.limits import Limits

_ALPHA_OR_PICTURE: Final = (b"ALPH", b"VP8 ", b"VP8L")
_KEPT: Final = frozenset({b"VP8X", b"ICCP", b"ANIM", b"ANMF", *_ALPHA_OR_PICTURE})
_NOTE_FLAGS: Final = 0x0C  # of EXIF and XMP
_MOVES: Final = 0x02


def plain(content: bytes, limits: Limits) -> Plain:
    """Raise Unacceptable for what is too large, moves, or is not whole. EXIF is not asked: browsers don't turn WebP."""
    chunks = _chunks(content)
    if not chunks:
        raise damaged()
    name, head, padding = chunks[0]
    if name == b"VP8X":
        if len(head) < 10:
            raise damaged()
        limits.check(1 + int.from_bytes(head[4:7], "little"), 1 + int.from_bytes(head[7:10], "little"))
        limits.check_frames(sum(name == b"ANMF" for name, *_rest in chunks) if head[0] & _MOVES else 1)
        chunks[0] = (name, bytes([head[0] & ~_NOTE_FLAGS]) + head[1:], padding)
    elif name in {b"VP8 ", b"VP8L"}:
        limits.check(*_size(name, head))
        del chunks[1:]
    body = b"WEBP" + b"".join(_chunk(*chunk) for chunk in chunks if chunk[0] in _KEPT)
    return Plain(content=b"RIFF" + struct.pack("<I", len(body)) + body)


def _chunks(content: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Name, data and padding, up to the first that is not whole; without one that is the picture itself, the file is
    cut off. The padding is kept as it is: where a byte was slipped in before, decoders read the last pixel from it.
    """
    found: list[tuple[bytes, bytes, bytes]] = []
    at = 12
    while at + 8 <= len(content):
        name, length = struct.unpack_from("<4sI", content, at)
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            if name in _KEPT:
                raise damaged()
            break
        end = at + 8 + length
        found.append((name, data, content[end : end + length % 2] or bytes(length % 2)))
        if name in {b"VP8 ", b"VP8L"}:
            break  # what follows are notes
        at = end + length % 2
    return found


def _size(name: bytes, data: bytes) -> tuple[int, int]:
    """Width and height of a bitstream (RFC 6386, 9.1; RFC 9649, 3.4)."""
    if name == b"VP8 ":
        return int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
    bits = int.from_bytes(data[1:5], "little")
    return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)


def _chunk(name: bytes, data: bytes, padding: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + padding
