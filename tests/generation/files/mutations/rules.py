"""Where a damaged file that is accepted may be painted otherwise by Chromium, and why; everywhere else it may not."""

from __future__ import annotations

import re

from tests.generation.files.mutations import Mutant
from tests.generation.files.mutations.parts import FORMS, split

COLOURS = "what says how its colours are meant was damaged"
LENGTHS = "a WebP that isn't as long as it says: Chromium paints nothing of it"
NO_END = "a JPEG without its end: Chromium leaves the last rows out"
UNDAMAGED = "the undamaged picture differs as much: seen through, with colours beyond sRGB"
CONCEALED = "an AVIF whose coded pixels are damaged: Chromium shows a part of it"
_PNG_COLOURS = (b"iCCP", b"gAMA", b"cHRM", b"sRGB", b"cICP")


def why_it_may_differ(mutant: Mutant, shown: str) -> str:
    """Return the reason, or nothing. The undamaged pictures are held to one level by test_like_chromium.py."""
    if mutant.form not in FORMS:
        return ""
    if mutant.content[:4] == b"RIFF" and shown == "part" and _is_shorter_or_longer(mutant.content):
        return LENGTHS
    if mutant.form == "JPEG" and shown == "part" and mutant.content[-2:] != b"\xff\xd9":
        return NO_END
    if mutant.form == "AVIF" and shown == "part":
        return CONCEALED
    if colours_of(mutant.form, mutant.content) != colours_of(mutant.form, mutant.original):
        return COLOURS
    return ""


def colours_of(form: str, content: bytes) -> list[bytes]:
    """Return the notes about colour: gamma, places of the primaries, codes, profiles, Adobe's transform."""
    if form == "AVIF":
        places = [found.start() for found in re.finditer(b"colr", content)]
        return [content[at - 4 : at - 4 + int.from_bytes(content[at - 4 : at], "big")] for at in places]
    parts = split(form, content)
    if form == "PNG":
        return [part for part in parts if part[4:8] in _PNG_COLOURS]
    if form == "WEBP":
        flag, names = content[20:21], [part[:4] for part in parts]
        pixels = next((at for at, name in enumerate(names) if name in {b"VP8 ", b"VP8L"}), len(names))
        # A profile behind the pixels comes too late for one of the decoders.
        return [flag, *(part for part in parts[:pixels] if part[:4] == b"ICCP")]
    return [part for part in parts if part[:2] in {b"\xff\xe2", b"\xff\xee"}]


def _is_shorter_or_longer(content: bytes) -> bool:
    return int.from_bytes(content[4:8], "little") + 8 != len(content)


def has_table_of_inks(content: bytes) -> bool:
    """Whether its colours go through a profile's table, joined here by lines between 65 points a side."""
    if content[:2] != b"\xff\xd8":
        return False
    return any(part[:2] == b"\xff\xe2" and part[34:38] == b"CMYK" for part in split("JPEG", content))
