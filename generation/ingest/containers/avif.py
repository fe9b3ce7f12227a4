"""AVIF (ISO/IEC 14496-12, AV1 image file format): only the colour codes are looked up, the decoder reads the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generation.ingest import profiles
from generation.ingest.containers.plain import Plain
from generation.ingest.limits import Limits

_CODES: Final = b"nclx"
# The curves that video uses stand for sRGB's own in still pictures; so browsers take them.
_LIKE_SRGB: Final = frozenset({1, 6, 13, 14, 15})


def plain(content: bytes, _limits: Limits) -> Plain:
    """Take a file as it is: its decoder refuses what is cut off, and turns and mirrors it as it says (irot, imir)."""
    return Plain(content=content, profile=_profile(content))


def _profile(content: bytes) -> bytes | None:
    """Of the first colour box with codes; an ICC profile beside it goes first, and the decoder returns that itself."""
    for box in _boxes(content, b"meta", 4):
        for properties in _boxes(box, b"iprp", 0):
            for container in _boxes(properties, b"ipco", 0):
                for colour in _boxes(container, b"colr", 0):
                    if colour.startswith(_CODES) and len(colour) >= 8:
                        primaries, curve = (int.from_bytes(colour[at : at + 2], "big") for at in (4, 6))
                        return profiles.from_codes(primaries, 13 if curve in _LIKE_SRGB else curve)
    return None


def _boxes(content: bytes, wanted: bytes, skipped: int) -> Iterator[bytes]:
    """What is inside the boxes of this name; `skipped` bytes (version and flags) left out."""
    at = 0
    while at + 8 <= len(content):
        length, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if length < 8:  # up to the end, 64 bits, or invalid: none of the boxes looked for is that large
            return
        if name == wanted:
            yield content[at + 8 + skipped : at + length]
        at += length
