"""What the cases are built from: two pictures, and the parts that files of each format consist of."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image

from tests.generation.files import specimens
from tests.generation.files.specimens import chunk, encoded, png

CASES: Final = Path(__file__).parents[1] / "cases"
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
P3_PLACES: Final = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
WRONG: Final = b"\1\2\3\4"
# Name, format and content.
Found = Iterator[tuple[str, str, bytes]]


@dataclass(frozen=True)
class Case:
    """`undamaged` is the same picture without its damage, where that is what the case is about."""

    name: str
    form: str
    content: bytes
    undamaged: bytes = b""


@cache
def ramps() -> Image.Image:
    """Greys and pure colours from black to full in the first rows, and colours at random."""
    image = specimens.photo(64, 48, seed=7)
    for x in range(64):
        for y, colour in enumerate(((4, 4, 4), (4, 0, 0), (0, 4, 0), (0, 0, 4), (1, 1, 1))):
            image.putpixel((x, y), (colour[0] * x, colour[1] * x, colour[2] * x))
    return image


@cache
def see_through() -> Image.Image:
    image = ramps().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def exif(orientation: int, *, order: str = "<", kind: int = 3, count: int = 1) -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}IHHHI", 8, 1, 0x0112, kind, count)
    value = struct.pack(f"{order}H2x" if kind == 3 else f"{order}I", orientation)
    return head + entry + value + b"\0\0\0\0"


def rgb(*extra: tuple[bytes, bytes]) -> bytes:
    image = ramps()
    stride = 3 * image.width
    data = image.tobytes()
    rows = b"".join(b"\0" + data[at : at + stride] for at in range(0, len(data), stride))
    return png(image.width, image.height, 8, 2, rows, *extra)


def chunks_of(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = 8
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        found[name] = found.get(name, b"") + content[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def wrong_crc(name: bytes, data: bytes) -> bytes:
    return chunk(name, data)[:-4] + WRONG


def segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


def with_segments(*segments: bytes) -> bytes:
    plain = encoded(ramps(), "JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


def block(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
