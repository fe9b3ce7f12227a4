"""Whole PNG files: colour types, depths, profiles and notes about colour, turns."""

from __future__ import annotations

import struct
import zlib

from tests.generation.files import specimens
from tests.generation.files.corpus.colour import profile_set
from tests.generation.files.corpus.pieces import (
    P3_PLACES,
    SIGNATURE,
    Found,
    chunks_of,
    exif,
    ramps,
    rgb,
    see_through,
)
from tests.generation.files.specimens import chunk, encoded, png


def whole() -> Found:
    image = ramps()
    for mode in ("RGB", "L", "1", "P", "LA", "RGBA"):
        picture = (
            see_through() if mode == "RGBA" else image.quantize(40) if mode == "P" else image.convert(mode)
        )
        yield f"png {mode}", "PNG", encoded(picture, "PNG")
    yield "png LA see-through", "PNG", encoded(see_through().convert("LA"), "PNG")
    for depth in (1, 2, 4):
        yield f"png palette of {depth} bits", "PNG", encoded(image.quantize(1 << depth), "PNG", bits=depth)
        rows = b"".join(b"\0" + bytes((7 * x + y) & 255 for x in range(4 * depth)) for y in range(16))
        yield f"png grey of {depth} bits", "PNG", png(32, 16, depth, 0, rows)
    for name, profile in profile_set().items():
        for mode in ("RGB", "L", "P", "RGBA"):
            picture = (
                see_through()
                if mode == "RGBA"
                else image.quantize(40)
                if mode == "P"
                else image.convert(mode)
            )
            yield f"png {mode} with profile {name}", "PNG", encoded(picture, "PNG", icc_profile=profile)
    for gamma in (45455, 43500, 47500, 50000, 100000, 20000, 1000, 1, 0):
        note = (b"gAMA", struct.pack(">I", gamma))
        yield f"png gAMA {gamma}", "PNG", rgb(note)
        yield f"png gAMA {gamma} with cHRM", "PNG", rgb(note, (b"cHRM", P3_PLACES))
    yield "png cHRM alone", "PNG", rgb((b"cHRM", P3_PLACES))
    yield "png cHRM of zeros", "PNG", rgb((b"gAMA", struct.pack(">I", 50000)), (b"cHRM", bytes(32)))
    places = list(struct.unpack(">8I", P3_PLACES))
    for name, at, place in (
        *(("red beyond 1", 2, 100_001), ("red far beyond", 2, 3_000_000_000), ("white beyond 1", 0, 120_000)),
        *(("red without height", 3, 0), ("an imagined red", 3, 60_000)),
    ):
        changed = struct.pack(">8I", *places[:at], place, *places[at + 1 :])
        yield f"png cHRM, {name}", "PNG", rgb((b"gAMA", struct.pack(">I", 100_000)), (b"cHRM", changed))
    linear = (b"gAMA", struct.pack(">I", 100000))
    swapped = (b"iCCP", b"x\0\0" + zlib.compress(specimens.swapped_profile()))
    notes: dict[str, tuple[tuple[bytes, bytes], ...]] = {
        "sRGB before gAMA": ((b"sRGB", b"\0"), linear),
        "sRGB of 2 bytes": ((b"sRGB", b"\0\0"), linear),
        "sRGB of an unknown intent": ((b"sRGB", b"\x09"), linear),
        "profile and sRGB": ((b"sRGB", b"\0"), swapped),
        "profile that does not inflate": ((b"iCCP", b"x\0\0garbage"), linear),
        "profile of nonsense": ((b"iCCP", b"x\0\0" + zlib.compress(b"nonsense")), linear),
        "profile packed in another way": ((b"iCCP", b"x\0\1" + swapped[1][3:]),),
        "two gAMA": ((b"gAMA", struct.pack(">I", 45455)), linear),
        "gAMA of 8 bytes": ((b"gAMA", linear[1] * 2),),
        "EXIF behind a name": ((b"eXIf", b"Exif\0\0" + exif(6)),),
        "suggested palette": ((b"PLTE", b"\1\2\3"),),
        "private note": ((b"prVt", b"x"),),
        "transparent colour": ((b"tRNS", struct.pack(">3H", *ramps().getpixel((9, 1)))),),  # type: ignore[misc]
    }
    for name, extra in notes.items():
        yield f"png {name}", "PNG", rgb(*extra)
    for primaries, curve in (
        (12, 13),
        (9, 13),
        (1, 1),
        (1, 4),
        (1, 5),
        (1, 6),
        (1, 8),
        (9, 14),
        (5, 13),
        (6, 13),
    ):
        yield f"png cICP {primaries} {curve}", "PNG", rgb((b"cICP", bytes((primaries, curve, 0, 1))))
    for primaries, curve in ((2, 2), (0, 0), (12, 2), (2, 13), (11, 13), (4, 13), (8, 13), (22, 13)):
        yield f"png cICP {primaries} {curve}", "PNG", rgb((b"cICP", bytes((primaries, curve, 0, 1))))
    yield "png cICP of video range", "PNG", rgb((b"cICP", b"\x0c\x0d\0\0"))
    for orientation in range(10):
        yield (
            f"png orientation {orientation}",
            "PNG",
            rgb((b"eXIf", exif(orientation, order="<>"[orientation % 2]))),
        )
    yield from _deep_png()


def _deep_png() -> Found:
    levels = [(257 * x + 31 * y + 7) & 0xFFFF for y in range(24) for x in range(32)]
    for colour, bands in ((0, 1), (2, 3), (4, 2), (6, 4)):
        rows = b""
        for y in range(24):
            line = [(levels[32 * y + x] * (1 + band)) & 0xFFFF for x in range(32) for band in range(bands)]
            rows += b"\0" + struct.pack(f">{len(line)}H", *line)
        yield f"png 16 bits of type {colour}", "PNG", png(32, 24, 16, colour, rows)
        if colour == 2:
            note = (b"iCCP", b"x\0\0" + zlib.compress(profile_set()["Display P3"]))
            yield "png 16 bits with a profile", "PNG", png(32, 24, 16, 2, rows, note)
    for key in (0, 0x1234, 0x12FF, 0x1200):
        row = b"\0" + struct.pack(">4H", 0, 0xFFFF, 0x1234, 0x12FF)
        yield (
            f"png 16 bits with transparent {key:x}",
            "PNG",
            png(4, 1, 16, 0, row, (b"tRNS", struct.pack(">H", key))),
        )
    row = b"\0" + bytes.fromhex("123456789abc123456789abd")
    yield "png 16 bits, transparent colour", "PNG", png(2, 1, 16, 2, row, (b"tRNS", row[1:7]))
    yield "png transparent grey beyond 8 bits", "PNG", png(3, 1, 8, 0, b"\0\0\xff\x12", (b"tRNS", b"\1\x12"))
    for key in (1, 5):
        clear = (b"tRNS", struct.pack(">H", key))
        yield f"png transparent grey {key} of 2 bits", "PNG", png(4, 1, 2, 0, b"\0\x1b", clear)
    packed = zlib.decompress(chunks_of(encoded(ramps().quantize(40), "PNG"))[b"IDAT"])
    palette = chunks_of(encoded(ramps().quantize(40), "PNG"))[b"PLTE"]
    for name, extra in {
        "palette too short": ((b"PLTE", palette[:9]),),
        "palette with opacities": ((b"PLTE", palette), (b"tRNS", bytes(range(0, 200, 5)))),
        "palette with too many opacities": ((b"PLTE", palette), (b"tRNS", bytes(400))),
        "palette with opacities before it": ((b"tRNS", bytes(9)), (b"PLTE", palette)),
    }.items():
        yield f"png {name}", "PNG", png(64, 48, 8, 3, packed, *extra)
    interlaced = _interlaced()
    yield "png interlaced", "PNG", interlaced


def _interlaced() -> bytes:
    """Adam7, of 8-bit grey, 13 by 11 pixels."""
    rows = b""
    for left, top, right, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for y in range(top, 11, down):
            row = bytes((19 * x + 7 * y) & 255 for x in range(left, 13, right))
            rows += b"\0" + row if row else b""
    header = struct.pack(">IIBBBBB", 13, 11, 8, 0, 0, 0, 1)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
