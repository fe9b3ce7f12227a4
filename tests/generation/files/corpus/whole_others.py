"""Whole JPEG, WebP and AVIF files: sampling, profiles, turns, layouts."""

from __future__ import annotations

import struct

from PIL import Image

from tests.generation.files import specimens
from tests.generation.files.corpus.colour import (
    inks_profile,
    inks_profile_of_version_4,
    inks_profile_of_words,
    profile_set,
)
from tests.generation.files.corpus.pieces import (
    CASES,
    Found,
    block,
    exif,
    ramps,
    riff,
    see_through,
    segment,
    with_segments,
)
from tests.generation.files.specimens import encoded


def jpeg() -> Found:
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
    yield "jpeg RGB by Adobe's mark", "JPEG", with_segments(segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"))
    for name, profile in profile_set().items():
        for mode in ("RGB", "L", "CMYK"):
            content = encoded(image.convert(mode), "JPEG", icc_profile=profile)
            yield f"jpeg {mode} with profile {name}", "JPEG", content
    for orientation in range(10):
        notes = b"Exif\0\0" + exif(orientation, order="<>"[orientation % 2])
        yield f"jpeg orientation {orientation}", "JPEG", with_segments(segment(0xE1, notes))
    six, three = (segment(0xE1, b"Exif\0\0" + exif(turn)) for turn in (6, 3))
    yield "jpeg two orientations", "JPEG", with_segments(six, three)
    yield "jpeg orientation as a long", "JPEG", with_segments(segment(0xE1, b"Exif\0\0" + exif(6, kind=4)))
    yield (
        "jpeg two numbers for the orientation",
        "JPEG",
        with_segments(segment(0xE1, b"Exif\0\0" + exif(6, count=2))),
    )
    packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
    packet += b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description tiff:Orientation='6' "
    packet += b"xmlns:tiff='http://ns.adobe.com/tiff/1.0/'/></rdf:RDF></x:xmpmeta>"
    yield "jpeg orientation in XMP", "JPEG", with_segments(segment(0xE1, packet))


def four_inks() -> Found:
    """Inks in any mixture with black, which Pillow's own conversion to CMYK leaves empty."""
    side = 96
    across = Image.linear_gradient("L").resize((side, side))
    blocks = Image.frombytes("L", (6, 6), bytes(range(0, 252, 7))).resize(
        (side, side), Image.Resampling.NEAREST
    )
    turned = (across, across.rotate(90), across.rotate(180), blocks)
    mixed = Image.merge("CMYK", turned)
    profiles = {
        "lut8": inks_profile(),
        "lut16": inks_profile_of_words(),
        "version 4": inks_profile_of_version_4(),
        "one that is cut": inks_profile()[:3000],
    }
    options = {"quality": 100, "subsampling": 0}
    yield "jpeg four inks", "JPEG", encoded(mixed, "JPEG", **options)
    for name, profile in profiles.items():
        yield f"jpeg four inks, {name}", "JPEG", encoded(mixed, "JPEG", icc_profile=profile, **options)


def webp() -> Found:
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
    return riff(block(b"VP8X", canvas) + block(b"ANIM", b"\xff\x80\x40\x20\0\0") + block(b"ANMF", frame))


def avif() -> Found:
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
