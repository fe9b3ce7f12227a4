"""Colour profiles of every kind, built byte by byte (ICC.1:2022)."""

from __future__ import annotations

import struct
from itertools import product

from generation.ingest import profiles
from tests.generation.files import specimens


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
    return profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": curve})


INKS_STEPS = 5


def inks_profile() -> bytes:
    """A profile of a table from four inks to Lab (ICC.1:2022, 10.11, lut8Type)."""
    same = bytes(range(256))
    unity = struct.pack(">9i", *(65536 * (at % 4 == 0) for at in range(9)))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, INKS_STEPS, 0)) + unity + 4 * same + inks_table() + 3 * same
    return profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def inks_profile_of_words() -> bytes:
    """The same with 16 bits a number (10.10, lut16Type), curves that bend, and a table of another size before them."""
    bent = [round(65535 * (at / 31) ** 1.3) for at in range(32)]
    wide = struct.pack(f">{len(inks_table())}H", *(level * 257 for level in inks_table()))
    unity = struct.pack(">9i", *(65536 * (at % 4 == 0) for at in range(9)))
    curves = (
        struct.pack(">HH", len(bent), 2),
        4 * struct.pack(">32H", *bent),
        3 * struct.pack(">HH", 0, 65535),
    )
    lut = b"mft2\0\0\0\0" + bytes((4, 3, INKS_STEPS, 0)) + unity + curves[0] + curves[1] + wide + curves[2]
    return profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def inks_profile_of_version_4() -> bytes:
    """The table of `inks_profile` as lutAToBType (10.12): curves and table have places of their own."""
    same = b"curv" + bytes(8)
    table = bytes((*(4 * (INKS_STEPS,)), *(12 * (0,)), 1, 0, 0, 0)) + inks_table()
    table += bytes(-len(table) % 4)
    places = struct.pack(">5I", 32, 0, 0, 32 + 36, 32 + 36 + len(table))
    lut = b"mAB \0\0\0\0" + bytes((4, 3, 0, 0)) + places + 3 * same + table + 4 * same
    return profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


def inks_table() -> bytes:
    """What is seen of four inks in five amounts each, as Lab."""
    steps, table = INKS_STEPS, bytearray()
    for inks in product(range(steps), repeat=4):
        cyan, magenta, yellow, black = (ink / (steps - 1) for ink in inks)
        red, green, blue = (
            (1 - share * ink) * (1 - black) for share, ink in ((0.9, cyan), (0.8, magenta), (0.85, yellow))
        )
        light = (0.25 * red + 0.65 * green + 0.1 * blue) ** 0.8
        table += bytes(
            (round(255 * light), round(128 + 80 * (red - green)), round(128 + 60 * (green - blue)))
        )
    return bytes(table)


def profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
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
