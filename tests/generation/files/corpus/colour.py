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
    return profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": lut})


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
