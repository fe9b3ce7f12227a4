"""What is done to one format alone: checksums, sizes, colours, headers, coded pixels."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from typing import Final

from tests.generation.files.corpus.colour import profile_set
from tests.generation.files.corpus.pieces import block, exif, segment
from tests.generation.files.mutations import by_bytes
from tests.generation.files.mutations.by_bytes import EDGES
from tests.generation.files.mutations.of_parts import Change, chosen
from tests.generation.files.mutations.parts import Parts, data_of, name_of, with_data
from tests.generation.files.specimens import chunk


def _wrong_crc(_form: str) -> Change:
    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at = chosen(noise, parts)
        return [*parts[:at], parts[at][:-4] + noise.randbytes(4), *parts[at + 1 :]]

    return change


def _size(form: str) -> Change:
    """Another size in the header that says it, its checksum right: huge, or a little off."""

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        width, height = (
            noise.choice((1, 2, 13, 64, 65, 160, 1000, 4000, 8000, 16384, 16385, 65535, 2**20, 2**31 - 1))
            for _ in "xy"
        )
        if noise.random() < 0.5:
            width = noise.choice((63, 64, 65, 161))
        return [_resized(form, part, width, height) for part in parts]

    return change


def _resized(form: str, part: bytes, width: int, height: int) -> bytes:
    name, data = name_of(form, part), data_of(form, part)
    if form == "PNG" and name == b"IHDR":
        return with_data(form, part, struct.pack(">II", width, height) + data[8:])
    if form == "JPEG" and name in {b"\xc0", b"\xc2"}:
        return with_data(
            form, part, data[:1] + struct.pack(">HH", height & 0xFFFF, width & 0xFFFF) + data[5:]
        )
    if form == "WEBP" and name == b"VP8X":
        sides = (width - 1 & 0xFFFFFF).to_bytes(3, "little") + (height - 1 & 0xFFFFFF).to_bytes(3, "little")
        return with_data(form, part, data[:4] + sides + data[10:])
    if form == "WEBP" and name == b"VP8 ":
        return with_data(
            form, part, data[:6] + struct.pack("<HH", width & 0x3FFF, height & 0x3FFF) + data[10:]
        )
    if form == "WEBP" and name == b"VP8L":
        bits = (
            int.from_bytes(data[1:5], "little") & 0xF0000000
            | (width - 1 & 0x3FFF)
            | (height - 1 & 0x3FFF) << 14
        )
        return with_data(form, part, data[:1] + bits.to_bytes(4, "little") + data[5:])
    if form == "AVIF" and (at := part.find(b"ispe")) > 0:
        return part[: at + 8] + struct.pack(">II", width, height) + part[at + 16 :]
    return part


def _profile(form: str) -> Change:
    """A note about colour that doesn't belong to the picture, or whose bytes are changed."""

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        profile = noise.choice(sorted(profile_set().values()))
        if noise.random() < 0.6:
            profile = by_bytes.anywhere(noise, profile)
        if form == "PNG":
            notes = (
                chunk(b"iCCP", b"x\0\0" + zlib.compress(profile)),
                chunk(b"gAMA", struct.pack(">I", noise.choice(EDGES) % 2**31)),
                chunk(b"cHRM", noise.randbytes(32)),
                chunk(
                    b"cICP",
                    bytes((noise.randrange(24), noise.choice((1, 4, 8, 13, noise.randrange(16))), 0, 1)),
                ),
                chunk(b"tRNS", noise.randbytes(noise.choice((1, 2, 6, 40)))),
            )
            return [*parts[:2], noise.choice(notes), *parts[2:]]
        if form == "JPEG":
            adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([noise.choice((0, 1, 2, 9))]))
            icc = segment(0xE2, b"ICC_PROFILE\0" + bytes((noise.choice((0, 1, 1, 2)), 1)) + profile[:60000])
            return [parts[0], noise.choice((adobe, icc)), *parts[1:]]
        if form == "WEBP":
            return [*parts[:2], block(b"ICCP", profile), *parts[2:]]
        codes = struct.pack(">HHH", noise.randrange(24), noise.randrange(20), noise.randrange(16))
        return [_after(part, b"nclx", codes) for part in parts]

    return change


def _after(part: bytes, name: bytes, data: bytes) -> bytes:
    at = part.find(name)
    return part if at < 0 else part[: at + len(name)] + data + part[at + len(name) + len(data) :]


def _orientation(form: str) -> Change:
    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        notes = exif(noise.randrange(11), order=noise.choice("<>"), kind=noise.choice((3, 3, 4)))
        if noise.random() < 0.4:
            notes = by_bytes.anywhere(noise, notes)
        if form == "PNG":
            return [*parts[:2], chunk(b"eXIf", notes), *parts[2:]]
        if form == "JPEG":
            return [parts[0], segment(0xE1, b"Exif\0\0" + notes), *parts[1:]]
        return [*parts, block(b"EXIF", notes)]

    return change


def _coded(form: str) -> Change:
    """Damage in the coded pixels alone."""
    pictures = {
        "PNG": {b"IDAT"},
        "JPEG": {b"\xda"},
        "WEBP": {b"VP8 ", b"VP8L", b"ALPH", b"ANMF"},
        "AVIF": {b"mdat"},
    }[form]

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        found = list(parts)
        for at, part in enumerate(parts):
            if name_of(form, part) in pictures and len(part) > 40:
                data = bytearray(part)
                for _turn in range(noise.choice((1, 2, 9))):
                    data[noise.randrange(20, len(data))] ^= 1 << noise.randrange(8)
                if form == "PNG":
                    data[-4:] = zlib.crc32(data[4:-4]).to_bytes(4, "big")
                found[at] = bytes(data)
        return found

    return change


def _rows(_form: str) -> Change:
    """The rows of a PNG before they are packed: filters and numbers, and the rows' length."""

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        packed = b"".join(data_of("PNG", part) for part in parts if name_of("PNG", part) == b"IDAT")
        try:
            rows = zlib.decompress(packed)
        except zlib.error:
            return parts
        packed = zlib.compress(by_bytes.anywhere(noise, rows), noise.choice((0, 1, 9)))
        cut = noise.randrange(len(packed))
        pieces = [packed] if noise.random() < 0.5 else [packed[:cut], b"", packed[cut:]]
        found = [part for part in parts if name_of("PNG", part) not in {b"IDAT", b"IEND"}]
        return [*found, *(chunk(b"IDAT", piece) for piece in pieces), chunk(b"IEND", b"")]

    return change


def _header(form: str) -> Change:
    """The bytes of a PNG's header behind its size, of a JPEG's frame, of a WebP's flags, with a right checksum."""
    names = {
        "PNG": {b"IHDR"},
        "JPEG": {b"\xc0", b"\xc2", b"\xc4", b"\xdb"},
        "WEBP": {b"VP8X", b"VP8 ", b"VP8L"},
    }[form]

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        places = [at for at, part in enumerate(parts) if name_of(form, part) in names]
        if not places:
            return parts
        at = noise.choice(places)
        data = bytearray(data_of(form, parts[at]))
        start = 8 if form == "PNG" else 0
        if len(data) > start:
            data[noise.randrange(start, min(len(data), 40))] = noise.choice(
                (0, 1, 2, 3, 4, 6, 8, 16, noise.randrange(256))
            )
        return [*parts[:at], with_data(form, parts[at], bytes(data)), *parts[at + 1 :]]

    return change


def _marker(_form: str) -> Change:
    """A JPEG's marker in the wrong place, also among its coded data."""

    def change(noise: random.Random, parts: Parts, _others: list[bytes]) -> Parts:
        at = chosen(noise, parts)
        marker = b"\xff" + bytes(
            [noise.choice((0xD0, 0xD3, 0xD7, 0xD8, 0xD9, 0xDA, 0xC0, 0xC4, 0xDD, 0x01, 0xFE))]
        )
        place = noise.randrange(2, len(parts[at]) + 1) if len(parts[at]) > 2 else 0
        return [*parts[:at], parts[at][:place] + marker + parts[at][place:], *parts[at + 1 :]]

    return change


_ALL: Final[dict[str, Callable[[str], Change]]] = {
    "a size": _size,
    "colours": _profile,
    "damaged pixels": _coded,
}
CHANGES: Final[dict[str, dict[str, Callable[[str], Change]]]] = {
    "PNG": _ALL
    | {"a wrong CRC": _wrong_crc, "rows": _rows, "a header": _header, "an orientation": _orientation},
    "JPEG": _ALL | {"a marker": _marker, "a header": _header, "an orientation": _orientation},
    "WEBP": _ALL | {"a header": _header, "an orientation": _orientation},
    "AVIF": _ALL,
}
