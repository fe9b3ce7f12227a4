"""Files in their parts (chunks, segments, boxes), as far as they can be followed; what can't is one last part."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final

from tests.generation.files.specimens import chunk

Parts = list[bytes]


def split(form: str, content: bytes) -> Parts:
    """The first part is the signature. Joined again they are the same bytes."""
    return [part for part in FORMS[form](content) if part]


def join(parts: Parts) -> bytes:
    return b"".join(parts)


def name_of(form: str, part: bytes) -> bytes:
    """A chunk's or a box's four letters; of a JPEG's segment the marker."""
    if form == "JPEG":
        return part[1:2]
    return part[:4] if form == "WEBP" else part[4:8]


def with_data(form: str, part: bytes, data: bytes) -> bytes:
    """The same part with other data, its length and its checksum right."""
    if form == "PNG":
        return chunk(part[4:8], data)
    if form == "WEBP":
        return part[:4] + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    if form == "AVIF":
        return struct.pack(">I", len(data) + 8) + part[4:8] + data
    length = int.from_bytes(part[2:4], "big")
    return part[:2] + struct.pack(">H", min(len(data) + 2, 0xFFFF)) + data + part[2 + length :]


def data_of(form: str, part: bytes) -> bytes:
    if form == "PNG":
        return part[8:-4]
    if form == "WEBP":
        return part[8 : 8 + int.from_bytes(part[4:8], "little")]
    return part[8:] if form == "AVIF" else part[4 : 2 + int.from_bytes(part[2:4], "big")]


def _png(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at = 8
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        yield content[at:end]
        at = end
    yield content[at:]


def _jpeg(content: bytes) -> Iterator[bytes]:
    """A segment of coded data belongs to the header of its scan."""
    yield content[:2]
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at + 1] == 0xDA:
            while end < len(content) - 1 and not (
                content[end] == 0xFF and content[end + 1] not in {0, *range(0xD0, 0xD8), 0xFF}
            ):
                end += 1
        yield content[at:end]
        at = end
    yield content[at:]


def _webp(content: bytes) -> Iterator[bytes]:
    yield content[:12]
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        yield content[at:end]
        at = end
    yield content[at:]


def _avif(content: bytes) -> Iterator[bytes]:
    at = 0
    while at + 8 <= len(content):
        end = at + max(8, int.from_bytes(content[at : at + 4], "big"))
        yield content[at:end]
        at = end
    yield content[at:]


FORMS: Final[dict[str, Callable[[bytes], Iterator[bytes]]]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "WEBP": _webp,
    "AVIF": _avif,
}
