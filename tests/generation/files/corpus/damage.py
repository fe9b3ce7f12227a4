"""Damaged files: wrong checksums and lengths, parts out of place, more at the end, and cut at every kind of place."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from tests.generation.files import specimens
from tests.generation.files.corpus.pieces import (
    CASES,
    P3_PLACES,
    SIGNATURE,
    WRONG,
    Case,
    block,
    chunks_of,
    exif,
    ramps,
    rgb,
    riff,
    segment,
    with_segments,
    wrong_crc,
)
from tests.generation.files.specimens import chunk, encoded


def png() -> Iterator[Case]:
    good = rgb()
    parts = chunks_of(good)
    packed, rows = parts[b"IDAT"], zlib.decompress(parts[b"IDAT"])
    head, end = chunk(b"IHDR", parts[b"IHDR"]), chunk(b"IEND", b"")
    half = len(packed) // 2

    def case(name: str, body: bytes) -> Case:
        return Case(f"png {name}", "PNG", SIGNATURE + body, good)

    def data(content: bytes) -> bytes:
        return head + chunk(b"IDAT", content) + end

    notes = {
        b"tEXt": b"a\0b",
        b"gAMA": struct.pack(">I", 100000),
        b"cHRM": P3_PLACES,
        b"sRGB": b"\0",
        b"iCCP": b"x\0\0" + zlib.compress(specimens.swapped_profile()),
        b"pHYs": struct.pack(">IIB", 1, 1, 0),
        b"tIME": bytes(7),
        b"eXIf": exif(6),
        b"cICP": b"\x0c\x0d\0\1",
        b"acTL": struct.pack(">II", 5, 0),
        b"tRNS": struct.pack(">3H", *ramps().getpixel((9, 1))),  # type: ignore[misc]
        b"prVt": b"x",
        b"t\0\1t": b"x",
    }
    for name, note in notes.items():
        yield case(f"wrong CRC in {name!r}", head + wrong_crc(name, note) + chunk(b"IDAT", packed) + end)
    yield case("wrong CRC in IHDR", wrong_crc(b"IHDR", parts[b"IHDR"]) + chunk(b"IDAT", packed) + end)
    yield case("wrong CRC in IDAT", head + wrong_crc(b"IDAT", packed) + end)
    yield case("wrong CRC in IEND", head + chunk(b"IDAT", packed) + wrong_crc(b"IEND", b""))
    first, second = chunk(b"IDAT", packed[:half]), chunk(b"IDAT", packed[half:])
    yield case("wrong CRC in the first of two IDAT", head + wrong_crc(b"IDAT", packed[:half]) + second + end)
    yield case("wrong CRC in the second of two IDAT", head + first + wrong_crc(b"IDAT", packed[half:]) + end)
    yield case("an empty IDAT", head + chunk(b"IDAT", b"") + first + second + end)
    yield case("a note between the IDAT", head + first + chunk(b"tEXt", b"a\0b") + second + end)
    yield case("no IEND", head + chunk(b"IDAT", packed))
    yield case("no IEND and something else", head + chunk(b"IDAT", packed) + b"hello")
    yield case("more after the end", head + chunk(b"IDAT", packed) + end + b"hello" * 9)
    yield case("notes after the rows", head + chunk(b"IDAT", packed) + chunk(b"gAMA", notes[b"gAMA"]) + end)
    yield case("orientation after the rows", head + chunk(b"IDAT", packed) + chunk(b"eXIf", exif(6)) + end)
    yield case("IDAT longer than the file", head + struct.pack(">I", len(packed) + 5000) + b"IDAT" + packed)
    yield case(
        "note longer than the file", head + struct.pack(">I", 10**6) + b"tEXt" + chunk(b"IDAT", packed)
    )
    yield case("wrong checksum of the rows", data(packed[:-4] + WRONG))
    for lost in (4, 5, 6, 12):
        yield case(f"rows short of {lost} bytes", data(packed[:-lost]))
    yield case("more rows than pixels", data(zlib.compress(rows + bytes(50))))
    yield case("more after the rows", data(packed + b"garbage"))
    yield case("a row too few", data(zlib.compress(rows[: -1 - 3 * 64])))
    yield case("a byte too few", data(zlib.compress(rows[:-1])))
    yield case("an unknown filter", data(zlib.compress(rows[: 193 * 20] + b"\x09" + rows[193 * 20 + 1 :])))
    yield case("damaged rows", data(packed[:half] + b"\xff\xff\xff" + packed[half + 3 :]))
    yield case("small window", data(b"\x08\x1d" + packed[2:]))
    yield case("no zlib", data(b"\x79\x9c" + packed[2:]))
    yield case("IHDR of 14 bytes", chunk(b"IHDR", parts[b"IHDR"] + b"\0") + chunk(b"IDAT", packed) + end)
    for place in (10, 11, 12):
        header = bytearray(parts[b"IHDR"])
        header[place] = 2
        yield case(f"unknown method {place}", chunk(b"IHDR", bytes(header)) + chunk(b"IDAT", packed) + end)
    yield case("note before IHDR", chunk(b"tEXt", b"a\0b") + head + chunk(b"IDAT", packed) + end)
    yield case("two IHDR", head + head + chunk(b"IDAT", packed) + end)
    yield case("unknown chunk that counts", head + chunk(b"PRVt", b"x") + chunk(b"IDAT", packed) + end)
    yield case("palette of two bytes", head + chunk(b"PLTE", b"\1\2") + chunk(b"IDAT", packed) + end)
    clear, row = notes[b"tRNS"], chunk(b"IDAT", packed) + end
    for what, extra in {
        "transparent colour too long": chunk(b"tRNS", clear + b"and more"),
        "two transparent colours, the first too short": chunk(b"tRNS", clear[:2]) + chunk(b"tRNS", clear),
    }.items():
        yield Case(f"png {what}", "PNG", SIGNATURE + head + extra + row)
    yield Case("png text", "PNG", (CASES / "png_text_badcrc.png").read_bytes())
    yield Case("png gamma", "PNG", (CASES / "png_badgama.png").read_bytes())


def jpeg() -> Iterator[Case]:
    good = encoded(ramps(), "JPEG")
    half = len(good) // 2

    def case(name: str, content: bytes) -> Case:
        return Case(f"jpeg {name}", "JPEG", content, good)

    for name, note in {
        "wrong length of a comment": b"\xff\xfe\0\1",
        "note longer than the file": b"\xff\xe5\xff\xff",
    }.items():
        yield case(name, good[:2] + note + good[2:])
    yield case("more after the end", good + b"x" * 999)
    yield case("a second picture after the end", good + encoded(specimens.photo(), "JPEG"))
    yield case("damaged data", good[:half] + b"\xff\x00\xff\x00\x12" + good[half + 5 :])
    yield case("restart out of place", good[:half] + b"\xff\xd3" + good[half + 2 :])
    yield case("scan out of place", good[:half] + b"\xff\xda" + good[half + 2 :])
    yield case("end in the middle", good[:half] + b"\xff\xd9")
    frame = good.index(b"\xff\xc0")
    for name, place, value in (("12 bits", 4, 12), ("lossless", 1, 0xC3)):
        changed = bytearray(good)
        changed[frame + place] = value
        yield case(name, bytes(changed))
    tables = good
    while (at := tables.find(b"\xff\xc4")) >= 0:
        tables = tables[:at] + tables[at + 2 + struct.unpack_from(">H", tables, at + 2)[0] :]
    yield case("without Huffman tables", tables)
    empty, right = segment(0xE1, b"Exif\0\0"), segment(0xE1, b"Exif\0\0" + exif(6))
    yield Case("jpeg an empty EXIF before the right one", "JPEG", with_segments(empty, right))
    coloured = encoded(ramps(), "JPEG", icc_profile=specimens.swapped_profile())
    begins = coloured.index(b"\xff\xe2")
    profile = coloured[begins : begins + 2 + int.from_bytes(coloured[begins + 2 : begins + 4], "big")]
    without = coloured.replace(profile, b"")
    place = without.index(b"\xff\xc4")
    yield Case("jpeg profile behind the frame's header", "JPEG", without[:place] + profile + without[place:])


def webp() -> Iterator[Case]:
    for name, options in (
        ("lossy", {"lossless": False}),
        ("lossless", {}),
        ("with notes", {"exif": exif(1)}),
    ):
        good = encoded(ramps(), "WEBP", **options)
        for more in (-(10**4), -200, -9, -1, 1, 8, 10**6):
            size = struct.pack("<I", max(0, len(good) - 8 + more))
            yield Case(f"webp {name}, size {more:+}", "WEBP", good[:4] + size + good[8:], good)
        yield Case(f"webp {name}, more after the end", "WEBP", good + b"x" * 99, good)
    good = encoded(ramps(), "WEBP", lossless=False)
    for more in (-50, 2, 1000):
        size = struct.pack("<I", struct.unpack_from("<I", good, 16)[0] + more)
        yield Case(f"webp, picture's size {more:+}", "WEBP", good[:16] + size + good[20:], good)
    noted = encoded(ramps(), "WEBP", exif=exif(1))
    yield Case(
        "webp without the notes that its flags name", "WEBP", riff(noted[12 : noted.index(b"EXIF")]), noted
    )
    yield Case(
        "webp with an unknown note",
        "WEBP",
        riff(noted[12:30] + block(b"prVt", b"abcd") + noted[30:]),
        noted,
    )
    canvas = bytearray(noted)
    canvas[24] ^= 1
    yield Case("webp on another canvas", "WEBP", bytes(canvas), noted)
    half = len(good) // 2
    yield Case("webp with damaged data", "WEBP", good[:half] + b"\xff" * 8 + good[half + 8 :], good)
    # Its last pixel is read from the byte of padding.
    yield Case("webp with a byte too many", "WEBP", (CASES / "webp-a-byte-too-many.webp").read_bytes())


def cut() -> Iterator[Case]:
    """At every kind of place, from the last byte to the middle."""
    options: dict[str, dict[str, Any]] = {
        "PNG": {},
        "JPEG": {},
        "JPEG grey": {"grey": True},
        "JPEG progressive": {"progressive": True},
        "WEBP": {},
        "WEBP lossy": {"lossless": False, "quality": 80},
        "WEBP with notes": {"exif": exif(1)},
        "AVIF": {},
    }
    for name, extra in options.items():
        form = name.partition(" ")[0]
        if form not in specimens.FORMATS:
            continue
        picture = specimens.photo(160, 120)
        if extra.pop("grey", False):
            picture = picture.convert("L")
        good = encoded(picture, form, **extra)
        for lost in (1, 2, 3, 4, 6, 12, 13, 16, 17, 20, 24, 40, 200, len(good) // 10, len(good) // 2):
            yield Case(f"{name.lower()} short of {lost} bytes", form, good[:-lost], good)
