"""Pictures as people bring them, and files that only look like pictures; all made here, from a seed."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any, Final

from PIL import Image, ImageChops, ImageCms, ImageDraw, features

FORMATS: Final = tuple(
    name
    for name in ("PNG", "JPEG", "WEBP", "AVIF")
    if name in {"PNG", "JPEG"} or features.check(name.lower())
)
ORIENTATION: Final = 0x0112
GPS: Final = 0x8825


def drawing(width: int = 96, height: int = 64, mode: str = "RGB") -> Image.Image:
    """Four different corners on a slope: no turn and no mirror of it looks like another."""
    slope = Image.merge(
        "RGB",
        (
            Image.linear_gradient("L").resize((width, height)),
            Image.linear_gradient("L").rotate(90).resize((width, height)),
            Image.radial_gradient("L").resize((width, height)),
        ),
    )
    pen = ImageDraw.Draw(slope)
    w, h = width // 3, height // 3
    pen.rectangle((0, 0, w, h), fill="red")
    pen.rectangle((width - w, 0, width, h), fill="lime")
    pen.rectangle((0, height - h, w, height), fill="blue")
    return slope.convert(mode) if mode != "RGB" else slope


def photo(width: int = 320, height: int = 240, seed: int = 1) -> Image.Image:
    """Noise on several scales: a file of it does not compress to nothing."""
    noise = random.Random(seed)
    planes = []
    for _band in range(3):
        coarse = Image.frombytes("L", (16, 12), noise.randbytes(192)).resize(
            (width, height), Image.Resampling.BICUBIC
        )
        fine = Image.frombytes("L", (width, height), noise.randbytes(width * height))
        planes.append(Image.blend(coarse, fine, 0.12))
    return Image.merge("RGB", planes)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    defaults: dict[str, dict[str, Any]] = {
        "PNG": {},
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 95, "subsampling": "4:4:4", "speed": 10},
    }
    image.save(out, form, **(defaults[form] | options))
    return out.getvalue()


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    """The most that any band of any pixel differs."""
    assert (one.size, one.mode) == (other.size, other.mode)
    return brightest(ImageChops.difference(one, other))


def brightest(image: Image.Image) -> int:
    """The highest level in any band."""
    return max(level % 256 for level, count in enumerate(image.histogram()) if count)


def lossless(form: str) -> bool:
    return form in {"PNG", "WEBP"}


def turned(image: Image.Image, orientation: int) -> tuple[Image.Image, bytes]:
    """The picture as a camera held that way stores it, and the EXIF that says so (EXIF 2.32, tag 0x0112)."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS)[1] = "N"
    exif[0x010F] = "Secret Camera"
    stored = image.transpose(undo[orientation]) if orientation in undo else image
    return stored, exif.tobytes()


def png(width: int, height: int, depth: int, colour: int, rows: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG by hand, of kinds that Pillow does not write; `rows` with their filter bytes."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, data) for name, data in body)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says it is enormous, and is."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + 3 * width)
    data = b"".join(packer.compress(row) for _row in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """An RGB profile whose red is green and the other way round: nobody can overlook whether it was applied.

    Made from sRGB by swapping the two colourant tags in the profile's tag table (ICC.1:2022, 7.3).
    """
    profile = bytearray(srgb_profile())
    count = struct.unpack_from(">I", profile, 128)[0]
    places = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    description = profile.find("sRGB".encode("utf-16-be"))
    while description >= 0:  # by its name nobody may take it for sRGB
        profile[description : description + 8] = "swap".encode("utf-16-be")
        description = profile.find("sRGB".encode("utf-16-be"))
    return bytes(profile)
