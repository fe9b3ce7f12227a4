"""Pictures with something to hide in every place that a format has for it; each place has a marker of its own."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from tests.generation.files import specimens

# Long enough that chance doesn't write one, and in letters that no format uses for itself.
PLACES: Final = ("exif", "gps", "xmp", "iptc", "comment", "text", "packed", "private", "second", "tail")
PROFILE_WORD: Final = "qZxj"  # four letters: it takes the place of "sRGB" in the profile's description
GPS_SECONDS: Final = (48_151_627, 4_210_813)  # a coordinate as a rational: numbers give a place away too


def marker(place: str) -> bytes:
    return f"mArKeR-{place}-qZxjW".encode()


def exif() -> bytes:
    notes = Image.Exif()
    notes[specimens.ORIENTATION] = 6
    notes[0x010F] = marker("exif").decode()
    gps = notes.get_ifd(specimens.GPS)
    gps[1], gps[2], gps[0x1C] = "N", (52, 31, IFDRational(*GPS_SECONDS)), marker("gps").decode()
    return notes.tobytes()


def xmp() -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + marker("xmp") + b"</x:xmpmeta>"


def profile() -> bytes:
    plain = specimens.swapped_profile()
    return plain.replace("swap".encode("utf-16-be"), PROFILE_WORD.encode("utf-16-be"))


def png() -> bytes:
    content = specimens.encoded(specimens.drawing(), "PNG", icc_profile=profile(), exif=exif())
    packed = zlib.compress(marker("packed") * 3)
    extra = (
        specimens.chunk(b"tEXt", b"Comment\0" + marker("text"))
        + specimens.chunk(b"zTXt", b"Description\0\0" + packed)
        + specimens.chunk(b"iTXt", b"Title\0\1\0\0\0" + packed)
        + specimens.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp())
        + specimens.chunk(b"prVt", marker("private"))
    )
    end = content.rindex(b"\0\0\0\0IEND")
    after = specimens.chunk(b"tEXt", b"Author\0" + marker("comment"))
    return content[:33] + extra + content[33:end] + after + content[end:] + marker("tail")


def jpeg() -> bytes:
    """As phones write them: behind the first picture lies a second one (MPF), which EXIF readers find by an index."""
    content = specimens.encoded(
        specimens.drawing(), "JPEG", exif=exif(), icc_profile=profile(), comment=marker("comment")
    )
    second = specimens.encoded(specimens.drawing(32, 32), "JPEG", comment=marker("second"))
    iptc = b"\x1c\x02\x78" + struct.pack(">H", len(marker("iptc"))) + marker("iptc")
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    # MPF (CIPA DC-007): one directory, two pictures.
    entries = struct.pack(">IIIHH", 0x030000, len(content), 0, 0, 0) + struct.pack(
        ">IIIHH", 0, len(second), len(content), 0, 0
    )
    directory = (
        struct.pack(">HHHI4s", 3, 0xB000, 7, 4, b"0100")
        + struct.pack(">HHII", 0xB001, 4, 1, 2)
        + struct.pack(">HHII", 0xB002, 7, 32, 8 + 2 + 3 * 12 + 4)
        + struct.pack(">I", 0)
    )
    extra = (
        _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp())
        + _segment(0xED, b"Photoshop 3.0\0" + resource)
        + _segment(0xE2, b"MPF\0MM\0*\0\0\0\x08" + directory + entries)
        + _segment(0xEB, marker("private"))
        + _segment(0xFE, marker("text"))
    )
    return content[:2] + extra + content[2:] + second + marker("tail")


def webp() -> bytes:
    content = specimens.encoded(specimens.drawing(), "WEBP", icc_profile=profile(), exif=exif(), xmp=xmp())
    private = marker("private") + b"\0" * (len(marker("private")) % 2)
    body = content[8:] + b"prVt" + struct.pack("<I", len(marker("private"))) + private
    return b"RIFF" + struct.pack("<I", len(body)) + body + marker("tail")


def avif() -> bytes:
    content = specimens.encoded(specimens.drawing(), "AVIF", icc_profile=profile(), exif=exif(), xmp=xmp())
    return content + struct.pack(">I4s", 8 + len(marker("private")), b"free") + marker("private")


def _segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


MAKERS: Final = {"PNG": png, "JPEG": jpeg, "WEBP": webp, "AVIF": avif}


def found_in(content: bytes) -> list[str]:
    """What of all that is in these bytes, as they lie there or packed: names of the places."""
    views = [content, *_unpacked(content)]
    found = [place for place in PLACES if any(marker(place) in view for view in views)]
    words = (PROFILE_WORD.encode(), PROFILE_WORD.encode("utf-16-be"), PROFILE_WORD.encode("utf-16-le"))
    found += ["profile"] * any(word in view.replace(b"-qZxjW", b"") for view in views for word in words)
    numbers = (struct.pack(">II", *GPS_SECONDS), struct.pack("<II", *GPS_SECONDS))
    return found + ["place"] * any(number in view for view in views for number in numbers)


def _unpacked(content: bytes) -> list[bytes]:
    """Everything in there that inflates, wherever a zlib stream may begin."""
    out = []
    for start in range(len(content) - 2):
        if content[start] != 0x78 or (content[start] << 8 | content[start + 1]) % 31:
            continue
        stream = zlib.decompressobj()
        try:
            out.append(stream.decompress(content[start:], 1 << 20))
        except zlib.error:
            continue
    return out


def notes_of(content: bytes) -> dict[str, object]:
    """What Pillow finds beside the pixels."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        found: dict[str, object] = {str(name): note for name, note in image.info.items()}
        return found | {"exif": dict(image.getexif())}
