"""Files as programs write them and as they arrive: every kind of picture of the four formats, whole, cut and damaged.

All are made here from a seed, except a few that no encoder at hand writes (in ``cases``).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from PIL import Image

from generation.ingest import profiles
from tests.generation.files import specimens
from tests.generation.files.specimens import chunk, encoded, png

CASES: Final = Path(__file__).parent / "cases"
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
P3_PLACES: Final = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
WRONG: Final = b"\1\2\3\4"


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


def whole() -> list[Case]:
    """What encoders write: colours, depths, profiles, turns, layouts."""
    found = [*_whole_png(), *_whole_jpeg(), *_whole_webp(), *_whole_avif()]
    return [Case(name, form, content) for name, form, content in found]


def known_to_differ() -> dict[str, tuple[Case, int]]:
    """What can't be had as Chromium shows it, with the most levels it differs by (docs/decisions/0019)."""
    curve = b"curv\0\0\0\0" + struct.pack(">I", 1024)
    curve += struct.pack(">1024H", *(round(65535 * (step / 1023) ** 2.2) for step in range(1024)))
    primaries = {
        name: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * value) for value in values))
        for name, values in {
            b"rXYZ": (0.5151, 0.2412, -0.0011),
            b"gXYZ": (0.2920, 0.6922, 0.0419),
            b"bXYZ": (0.1571, 0.0666, 0.7841),
        }.items()
    }
    tables = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    sampled = _profile(b"mntr", b"RGB ", b"XYZ ", primaries | tables)
    found = {
        "see-through AVIF": ("AVIF", (CASES / "see-through.avif").read_bytes(), 20),
        "profile with a sampled curve": ("PNG", encoded(ramps(), "PNG", icc_profile=sampled), 8),
        "HDR by PQ": ("PNG", _rgb((b"cICP", b"\x09\x10\0\1")), 255),
        "HDR by HLG": ("PNG", _rgb((b"cICP", b"\x09\x12\0\1")), 255),
    }
    return {name: (Case(name, form, content), most) for name, (form, content, most) in found.items()}


def damaged() -> list[Case]:
    """What arrives cut, with wrong checksums, wrong lengths, or more at the end."""
    return [*_damaged_png(), *_damaged_jpeg(), *_damaged_webp(), *_cut()]


def profile_set() -> dict[str, bytes]:
    display_p3 = profiles.from_codes(12, 13)
    video = profiles.from_codes(9, 1)
    linear = profiles.from_gamma(1.0, None)
    assert display_p3
    assert video
    assert linear
    return {
        "sRGB": specimens.srgb_profile(),
        "swapped": specimens.swapped_profile(),
        "Display P3": display_p3,
        "BT.2020": video,
        "linear": linear,
        "grey 1.8": grey_profile(1.8),
        "inks": inks_profile(),
        "nonsense": b"nonsense",
        "cut": specimens.swapped_profile()[:200],
    }


def grey_profile(gamma: float) -> bytes:
    """A profile of one curve for grey (ICC.1:2022, 8.3.4)."""
    curve = b"para\0\0\0\0\0\0\0\0" + struct.pack(">i", round(gamma * 65536))
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": curve})


def inks_profile() -> bytes:
    """A profile of a table from four inks to Lab (ICC.1:2022, 10.11, lut8Type)."""
    steps, table = 5, bytearray()
    for inks in product(range(steps), repeat=4):
        cyan, magenta, yellow, black = (ink / (steps - 1) for ink in inks)
        red, green, blue = (
            (1 - share * ink) * (1 - black) for share, ink in ((0.9, cyan), (0.8, magenta), (0.85, yellow))
        )
        light = (0.25 * red + 0.65 * green + 0.1 * blue) ** 0.8
        table += bytes(
            (round(255 * light), round(128 + 80 * (red - green)), round(128 + 60 * (green - blue)))
        )
    same = bytes(range(256))
    unity = struct.pack(">9i", *(65536 * (at % 4 == 0) for at in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, steps, 0)) + unity + 4 * same + bytes(table) + 3 * same
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    text = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 2, 28) + b"\0x\0\0"
    tags = {b"desc": text, b"cprt": text, b"wtpt": white, **tags}
    table, body, start = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s28x", start + len(body), 0x02400000, kind, space, connection, b"acsp")
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def exif(orientation: int, *, order: str = "<", kind: int = 3, count: int = 1) -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}IHHHI", 8, 1, 0x0112, kind, count)
    value = struct.pack(f"{order}H2x" if kind == 3 else f"{order}I", orientation)
    return head + entry + value + b"\0\0\0\0"


Found = Iterator[tuple[str, str, bytes]]


def _whole_png() -> Found:
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
        yield f"png gAMA {gamma}", "PNG", _rgb(note)
        yield f"png gAMA {gamma} with cHRM", "PNG", _rgb(note, (b"cHRM", P3_PLACES))
    yield "png cHRM alone", "PNG", _rgb((b"cHRM", P3_PLACES))
    yield "png cHRM of zeros", "PNG", _rgb((b"gAMA", struct.pack(">I", 50000)), (b"cHRM", bytes(32)))
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
        yield f"png {name}", "PNG", _rgb(*extra)
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
        yield f"png cICP {primaries} {curve}", "PNG", _rgb((b"cICP", bytes((primaries, curve, 0, 1))))
    for primaries, curve in ((2, 2), (0, 0), (12, 2), (2, 13), (11, 13), (4, 13), (8, 13), (22, 13)):
        yield f"png cICP {primaries} {curve}", "PNG", _rgb((b"cICP", bytes((primaries, curve, 0, 1))))
    yield "png cICP of video range", "PNG", _rgb((b"cICP", b"\x0c\x0d\0\0"))
    for orientation in range(10):
        yield (
            f"png orientation {orientation}",
            "PNG",
            _rgb((b"eXIf", exif(orientation, order="<>"[orientation % 2]))),
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
    packed = zlib.decompress(_parts(encoded(ramps().quantize(40), "PNG"))[b"IDAT"])
    palette = _parts(encoded(ramps().quantize(40), "PNG"))[b"PLTE"]
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


def _rgb(*extra: tuple[bytes, bytes]) -> bytes:
    image = ramps()
    stride = 3 * image.width
    data = image.tobytes()
    rows = b"".join(b"\0" + data[at : at + stride] for at in range(0, len(data), stride))
    return png(image.width, image.height, 8, 2, rows, *extra)


def _whole_jpeg() -> Found:
    image, odd = ramps(), specimens.photo(161, 123)
    for sampling in (0, 1, 2):
        yield f"jpeg sampling {sampling}", "JPEG", encoded(odd, "JPEG", quality=90, subsampling=sampling)
    yield "jpeg progressive", "JPEG", encoded(odd, "JPEG", progressive=True)
    yield "jpeg with restarts", "JPEG", encoded(odd, "JPEG", restart_marker_rows=1)
    yield "jpeg grey", "JPEG", encoded(image.convert("L"), "JPEG")
    inks = encoded(image.convert("CMYK"), "JPEG", quality=95)
    yield "jpeg CMYK", "JPEG", inks
    at = inks.index(b"Adobe")
    yield "jpeg YCCK", "JPEG", inks[: at + 11] + b"\2" + inks[at + 12 :]
    yield "jpeg CMYK without Adobe's mark", "JPEG", inks[: at - 4] + inks[at + 12 :]
    yield "jpeg RGB by Adobe's mark", "JPEG", _with(_segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"))
    for name, profile in profile_set().items():
        for mode in ("RGB", "L", "CMYK"):
            content = encoded(image.convert(mode), "JPEG", icc_profile=profile)
            yield f"jpeg {mode} with profile {name}", "JPEG", content
    for orientation in range(10):
        notes = b"Exif\0\0" + exif(orientation, order="<>"[orientation % 2])
        yield f"jpeg orientation {orientation}", "JPEG", _with(_segment(0xE1, notes))
    six, three = (_segment(0xE1, b"Exif\0\0" + exif(turn)) for turn in (6, 3))
    yield "jpeg two orientations", "JPEG", _with(six, three)
    yield "jpeg orientation as a long", "JPEG", _with(_segment(0xE1, b"Exif\0\0" + exif(6, kind=4)))
    yield (
        "jpeg two numbers for the orientation",
        "JPEG",
        _with(_segment(0xE1, b"Exif\0\0" + exif(6, count=2))),
    )
    packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
    packet += b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description tiff:Orientation='6' "
    packet += b"xmlns:tiff='http://ns.adobe.com/tiff/1.0/'/></rdf:RDF></x:xmpmeta>"
    yield "jpeg orientation in XMP", "JPEG", _with(_segment(0xE1, packet))


def _whole_webp() -> Found:
    image = ramps()
    yield "webp lossy", "WEBP", encoded(specimens.photo(161, 123), "WEBP", lossless=False, quality=80)
    yield "webp lossless", "WEBP", encoded(image, "WEBP")
    yield "webp lossy, see-through", "WEBP", encoded(see_through(), "WEBP", lossless=False, quality=90)
    yield "webp lossless, see-through", "WEBP", encoded(see_through(), "WEBP", exact=True)
    for name, profile in profile_set().items():
        content = encoded(image, "WEBP", icc_profile=profile)
        yield f"webp with profile {name}", "WEBP", content
        if name == "swapped":
            yield "webp with a profile that its flags don't name", "WEBP", content[:20] + b"\0" + content[21:]
    for orientation in (1, 3, 6):
        yield f"webp orientation {orientation}", "WEBP", encoded(image, "WEBP", exif=exif(orientation))
    yield "webp, an animation of one frame", "WEBP", _one_frame(encoded(image, "WEBP"))


def _one_frame(still: bytes) -> bytes:
    """The frame smaller than its canvas, away from the corner (RFC 9649, 2.7.1.1)."""
    width, height = ramps().size
    place = (2).to_bytes(3, "little") + (4).to_bytes(3, "little")
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    frame = place + size + (100).to_bytes(3, "little") + b"\0" + still[12:]
    canvas = b"\x12\0\0\0" + (width + 9).to_bytes(3, "little") + (height + 19).to_bytes(3, "little")
    return _riff(_block(b"VP8X", canvas) + _block(b"ANIM", b"\xff\x80\x40\x20\0\0") + _block(b"ANMF", frame))


def _whole_avif() -> Found:
    if "AVIF" not in specimens.FORMATS:
        return
    image = specimens.photo(161, 123)
    for sampling in ("4:4:4", "4:2:2", "4:2:0", "4:0:0"):
        for extent in ("full", "limited"):
            name = f"avif {sampling} {extent}"
            yield name, "AVIF", encoded(image, "AVIF", quality=85, subsampling=sampling, range=extent)
    for name, profile in profile_set().items():
        if name not in {"nonsense", "cut", "grey 1.8", "inks"}:
            yield f"avif with profile {name}", "AVIF", encoded(ramps(), "AVIF", icc_profile=profile)
    for orientation in range(1, 9):
        yield f"avif turned {orientation}", "AVIF", encoded(image, "AVIF", exif=exif(orientation))
    plain = encoded(ramps(), "AVIF")
    at = plain.index(b"nclx") + 4
    for primaries, curve in ((12, 13), (9, 13), (1, 8), (1, 1), (2, 2)):
        codes = struct.pack(">HH", primaries, curve)
        yield f"avif colour codes {primaries} {curve}", "AVIF", plain[:at] + codes + plain[at + 4 :]
    # Made by libavif 1.3 through imagecodecs: no encoder at hand writes more than 8 bits.
    for name in ("ten-bits", "twelve-bits"):
        yield f"avif {name}", "AVIF", (CASES / f"{name}.avif").read_bytes()


def _damaged_png() -> Iterator[Case]:
    good = _rgb()
    parts = _parts(good)
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
        yield case(f"wrong CRC in {name!r}", head + _wrong(name, note) + chunk(b"IDAT", packed) + end)
    yield case("wrong CRC in IHDR", _wrong(b"IHDR", parts[b"IHDR"]) + chunk(b"IDAT", packed) + end)
    yield case("wrong CRC in IDAT", head + _wrong(b"IDAT", packed) + end)
    yield case("wrong CRC in IEND", head + chunk(b"IDAT", packed) + _wrong(b"IEND", b""))
    first, second = chunk(b"IDAT", packed[:half]), chunk(b"IDAT", packed[half:])
    yield case("wrong CRC in the first of two IDAT", head + _wrong(b"IDAT", packed[:half]) + second + end)
    yield case("wrong CRC in the second of two IDAT", head + first + _wrong(b"IDAT", packed[half:]) + end)
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
    yield Case("png text", "PNG", (CASES / "png_text_badcrc.png").read_bytes())
    yield Case("png gamma", "PNG", (CASES / "png_badgama.png").read_bytes())


def _damaged_jpeg() -> Iterator[Case]:
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


def _damaged_webp() -> Iterator[Case]:
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
        "webp without the notes that its flags name", "WEBP", _riff(noted[12 : noted.index(b"EXIF")]), noted
    )
    yield Case(
        "webp with an unknown note",
        "WEBP",
        _riff(noted[12:30] + _block(b"prVt", b"abcd") + noted[30:]),
        noted,
    )
    canvas = bytearray(noted)
    canvas[24] ^= 1
    yield Case("webp on another canvas", "WEBP", bytes(canvas), noted)
    half = len(good) // 2
    yield Case("webp with damaged data", "WEBP", good[:half] + b"\xff" * 8 + good[half + 8 :], good)


def _cut() -> Iterator[Case]:
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


def _parts(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = 8
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        found[name] = found.get(name, b"") + content[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def _wrong(name: bytes, data: bytes) -> bytes:
    return chunk(name, data)[:-4] + WRONG


def _segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


def _with(*segments: bytes) -> bytes:
    plain = encoded(ramps(), "JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


def _block(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
