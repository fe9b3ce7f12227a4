"""PNG's signature and chunks (ISO/IEC 15948, 5.2 and 5.3), for everything here that writes or copies a PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


class NotAPng(ValueError):
    """The file isn't a PNG, or it is truncated."""


def chunk(name: bytes, data: bytes) -> bytes:
    """Return one chunk: length, name, data, CRC."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and data of each chunk, IEND included. CRCs aren't checked. Raises NotAPng."""
    if file.read(len(SIGNATURE)) != SIGNATURE:
        raise NotAPng("the signature is missing")
    name = b""
    while name != b"IEND":
        head = file.read(8)
        if len(head) < 8:
            raise NotAPng("the file is truncated")
        length, name = struct.unpack(">I4s", head)
        data = file.read(length)
        if len(data) < length or len(file.read(4)) < 4:
            raise NotAPng("the file is truncated")
        yield name, data
