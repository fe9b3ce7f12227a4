"""Files as programs write them and as they arrive: every kind of picture of the four formats, whole, cut and damaged.

All are made here from a seed, except a few that no encoder at hand writes (in ``cases``).
"""

from __future__ import annotations

import struct

from tests.generation.files.corpus import damage, whole_others, whole_png
from tests.generation.files.corpus.colour import profile
from tests.generation.files.corpus.pieces import CASES, Case, ramps, rgb
from tests.generation.files.specimens import encoded

__all__ = ["CASES", "Case", "damaged", "known_to_differ", "whole"]


def whole() -> list[Case]:
    """What encoders write: colours, depths, profiles, turns, layouts."""
    found = [*whole_png.whole(), *whole_others.jpeg(), *whole_others.webp(), *whole_others.avif()]
    return [Case(name, form, content) for name, form, content in found]


def four_inks() -> list[Case]:
    """CMYK with and without a profile. Damaged files don't begin from them: their numbers count on what those are."""
    return [Case(name, form, content) for name, form, content in whole_others.four_inks()]


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
    sampled = profile(b"mntr", b"RGB ", b"XYZ ", primaries | tables)
    found = {
        "see-through AVIF": ("AVIF", (CASES / "see-through.avif").read_bytes(), 20),
        "profile with a sampled curve": ("PNG", encoded(ramps(), "PNG", icc_profile=sampled), 8),
        "HDR by PQ": ("PNG", rgb((b"cICP", b"\x09\x10\0\1")), 255),
        "HDR by HLG": ("PNG", rgb((b"cICP", b"\x09\x12\0\1")), 255),
    }
    return {name: (Case(name, form, content), most) for name, (form, content, most) in found.items()}


def damaged() -> list[Case]:
    """What arrives cut, with wrong checksums, wrong lengths, or more at the end."""
    return [*damage.png(), *damage.jpeg(), *damage.webp(), *damage.cut()]
