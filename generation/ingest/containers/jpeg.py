"""JPEG (ITU-T T.81, annex B): markers. Notes are left out, scans are counted, a missing end is added."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from generation.ingest.containers import exif
from generation.ingest.containers.plain import Plain, damaged
from generation.ingest.limits import Limits

_END: Final = b"\xff\xd9"
# Coded data ends at the first marker that is neither a stuffed byte nor a restart.
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_NEXT: Final = re.compile(rb"\xff+([^\x00\xff])")
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SCAN: Final = 0xDA
_COMMENT: Final = 0xFE
_NOTES: Final = frozenset({*range(0xE0, 0xF0), _COMMENT})
# Notes that decide what is shown: JFIF, profile, Adobe's colour transform.
_KEPT: Final = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
# With the header of its first directory; a shorter one is passed over, and the next one counts.
_WHOLE_EXIF: Final = 14
# Unlike what a decoder makes up for missing bits (zeros), from the first bit on.
_OTHER_BITS: Final = b"\xa5\x5a" * 512


@dataclass(slots=True)
class _Walk:
    """What the headers say. `missing` is, by component, which of its 64 coefficients still lack how many bits."""

    notes: list[bytes] = field(default_factory=lambda: [b"\xff\xd8"])
    parts: list[bytes] = field(default_factory=list)
    exif: bytes | None = None
    size: tuple[int, int] | None = None
    is_progressive: bool = False
    missing: dict[int, list[int]] = field(default_factory=dict)
    scans: int = 0
    has_end: bool = False


def plain(content: bytes, limits: Limits) -> Plain:
    """Raise Unacceptable for what is too large, costs too much, or is not whole."""
    walk = _walk(content, limits)
    if walk.size is None or not walk.scans:
        raise damaged()
    turn = exif.orientation(walk.exif or b"")
    # Notes first: the decoder doesn't look for a profile behind the header of the frame, Chromium does.
    picture = b"".join(walk.notes + walk.parts).rstrip(b"\xff")  # half a marker
    if walk.has_end:
        return Plain(content=picture + _END, orientation=turn)
    # Cut off, or only its end marker forgotten: the headers tell whether a whole scan is missing, decoding the rest.
    if any(bits for component in walk.missing.values() for bits in component):
        raise damaged()
    return Plain(content=picture + _END, orientation=turn, content_if_cut=picture + _OTHER_BITS + _END)


def _walk(content: bytes, limits: Limits) -> _Walk:
    walk, at = _Walk(), 2
    while (found := _NEXT.search(content, at)) is not None:
        marker, at = found[1][0], found.end()
        if marker == _END[1]:
            walk.has_end = True
            break
        if marker in _ALONE:
            continue
        end = at + max(2, int.from_bytes(content[at : at + 2], "big"))
        if end > len(content):
            break  # cut off in a header
        segment = content[at + 2 : end]
        if marker in _NOTES:
            _note(walk, marker, segment)
        else:
            if marker in _FRAMES:
                _frame(walk, marker, segment, limits)
            elif marker == _SCAN:
                _scan(walk, segment, limits)
                coded = _MARKER.search(content, end)
                end = coded.start() if coded else len(content)
            walk.parts.append(b"\xff" + bytes([marker]) + content[at:end])
        at = end
    return walk


def _note(walk: _Walk, marker: int, segment: bytes) -> None:
    if marker == 0xE1 and segment.startswith(b"Exif\0") and len(segment) >= _WHOLE_EXIF and walk.exif is None:
        walk.exif = segment[6:]
    if marker in _KEPT and segment.startswith(_KEPT[marker]):
        length = (len(segment) + 2).to_bytes(2, "big")
        walk.notes.append(b"\xff" + bytes([marker]) + length + segment)


def _frame(walk: _Walk, marker: int, segment: bytes, limits: Limits) -> None:
    if walk.size is not None or len(segment) < 6:
        raise damaged()
    height, width = int.from_bytes(segment[1:3], "big"), int.from_bytes(segment[3:5], "big")
    limits.check(width, height)
    walk.size = (width, height)
    walk.is_progressive = marker in _PROGRESSIVE
    # 14 is more bits than any coefficient has.
    walk.missing = {identity: [14] * 64 for identity in segment[6 : 6 + 3 * segment[5] : 3]}


def _scan(walk: _Walk, segment: bytes, limits: Limits) -> None:
    count = segment[0] if segment else 0
    if walk.size is None or len(segment) < 1 + 2 * count + 3:
        raise damaged()
    walk.scans += 1
    limits.check_scans(walk.scans)
    first, last, bits = segment[1 + 2 * count], segment[2 + 2 * count], segment[3 + 2 * count] & 15
    if not walk.is_progressive:
        first, last, bits = 0, 63, 0
    for identity in segment[1 : 1 + 2 * count : 2]:
        component = walk.missing.get(identity)
        if component is not None:
            component[first : last + 1] = [bits] * len(component[first : last + 1])
