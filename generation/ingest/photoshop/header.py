"""The outer parts of a Photoshop file: its kind, its palette and profile, and where layers and picture begin.

Adobe's «Photoshop File Formats Specification» says what stands where.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from generation.ingest.limits import Limits
from generation.ingest.outcome import Cause, Unacceptable
from generation.ingest.photoshop.source import MOST_AT_ONCE, Source

SIGNATURE: Final = b"8BPS"
BITMAP, GREY, INDEXED, RGB, DUOTONE = 0, 1, 2, 3, 8
# What the sentence calls the kinds of colours that can't be read.
_OTHER_COLOURS: Final = {4: "CMYK", 7: "Multichannel", 9: "Lab"}
_PROFILE: Final = 1039
# Where the layers of files with more than 8 bits stand.
_DEEP_LAYERS: Final = (b"Lr16", b"Lr32", b"Layr")
# The blocks of large files whose lengths have eight bytes.
LONG_KEYS: Final = frozenset(
    b"LMsk Lr16 Lr32 Layr Mt16 Mt32 Mtrn Alph FMsk lnk2 lnkE FEid FXid PxSD pths cinf".split()
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself, and its parts. `layers` is None where it has none."""

    width: int
    height: int
    channels: int
    depth: int
    colours: int
    palette: bytes
    profile: bytes | None
    layers: Source | None
    picture: Source

    @property
    def bands(self) -> int:
        """How many channels hold the colours."""
        return 3 if self.colours == RGB else 1


def read(file: BinaryIO, size: int, limits: Limits) -> Header:
    """Read everything but layers and pixels. Raises Unacceptable."""
    source = Source(file, 0, size)
    signature, version, channels, height, width, depth, colours = source.numbers("4sH6xHIIHH")
    if signature != SIGNATURE or version not in (1, 2) or not 1 <= channels <= 56:
        raise Unacceptable(Cause.DAMAGED)
    source.big = version == 2
    _check_colours(depth, colours)
    limits.check(width, height)
    palette = source.part(source.number("I"))
    profile = _profile(source.part(source.number("I")))
    layers = _layers(source.part(source.length()))
    kept = palette.take(768) if colours == INDEXED else b""
    return Header(width, height, channels, depth, colours, kept, profile, layers, source)


def _check_colours(depth: int, colours: int) -> None:
    if colours in _OTHER_COLOURS:
        raise Unacceptable(Cause.COLOURS, name=_OTHER_COLOURS[colours])
    if depth == 32:
        raise Unacceptable(Cause.COLOURS, name="32-bit")
    allowed = {BITMAP: (1,), INDEXED: (8,)}.get(colours, (8, 16))
    if colours not in (BITMAP, GREY, INDEXED, RGB, DUOTONE) or depth not in allowed:
        raise Unacceptable(Cause.DAMAGED)


def _profile(resources: Source) -> bytes | None:
    """The colour profile; a list of resources that can't be followed ends there."""
    while resources.left >= 12:
        _signature, number, name = resources.numbers("4sHB")
        resources.skip(name + (name + 1) % 2)
        if resources.left < 4:
            return None
        length = resources.number("I")
        if length > resources.left:
            return None
        if number == _PROFILE and length <= MOST_AT_ONCE:
            return resources.take(length)
        resources.skip(length + length % 2)
    return None


def _layers(section: Source) -> Source | None:
    """The part with the records of the layers, wherever the file has it."""
    if section.left < 4:
        return None
    found = section.part(section.length())
    if found.left >= 2 or section.left < 4:
        return found if found.left >= 2 else None
    section.part(section.number("I"))  # the mask of all, which shows where others can't be seen
    for key, part in blocks(section):
        if key in _DEEP_LAYERS:
            return part
    return None


def blocks(source: Source) -> list[tuple[bytes, Source]]:
    """Return the tagged blocks of a part, up to the first that can't be one."""
    found: list[tuple[bytes, Source]] = []
    while source.left >= 12:
        signature, key = source.numbers("4s4s")
        if signature not in (b"8BIM", b"8B64"):
            break
        length = source.number("Q" if source.big and key in LONG_KEYS else "I")
        if length > source.left:
            break
        found.append((key, source.part(length)))
        _skip_padding(source)
    return found


def _skip_padding(source: Source) -> None:
    """To the next signature: programs pad to two or to four bytes, counted from different places."""
    for _turn in range(3):
        if source.left < 4 or source.peek(2) == b"8B":
            return
        source.skip(1)
