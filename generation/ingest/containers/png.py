"""PNG (ISO/IEC 15948): chunks. A wrong CRC in a note costs the note, as in browsers, and not the picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from generation.ingest import profiles
from generation.ingest.containers import exif
from generation.ingest.containers.plain import Plain, damaged
from generation.ingest.limits import Limits
from generation.png import SIGNATURE, chunk

# Colour type: samples a pixel, and the depths that it may have.
_TYPES: Final = {
    0: (1, {1, 2, 4, 8, 16}),
    2: (3, {8, 16}),
    3: (1, {1, 2, 4, 8}),
    4: (2, {8, 16}),
    6: (4, {8, 16}),
}
_PALETTE: Final = 3
# Adam7: first column and row of each pass, and the steps between (13.9).
_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_LONGEST_PROFILE: Final = 8 * 1024 * 1024
_PIECE: Final = 64 * 1024


@dataclass(slots=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    interlaced: int

    def bytes_unpacked(self) -> int:
        """All rows with their filter bytes."""
        bits = self.depth * _TYPES[self.colour][0]
        if not self.interlaced:
            return self.height * (1 + -(-self.width * bits // 8))
        total = 0
        for left, top, right, down in _PASSES:
            columns, rows = -(-(self.width - left) // right), -(-(self.height - top) // down)
            if columns > 0 and rows > 0:
                total += rows * (1 + -(-columns * bits // 8))
        return total


@dataclass(slots=True)
class _Parts:
    """The chunks that count: notes by name, the first of each; palette and transparency; the packed rows."""

    notes: dict[bytes, bytes] = field(default_factory=dict)
    palette: bytes = b""
    clear: bytes = b""
    packed: list[bytes] = field(default_factory=list)


def plain(content: bytes, limits: Limits) -> Plain:
    """Raise Unacceptable for what is too large, moves, or is not whole."""
    header = _header(content)
    limits.check(header.width, header.height)
    parts = _parts(content, header)
    limits.check_frames(_frames(parts.notes))
    packed = _whole(b"".join(parts.packed), header.bytes_unpacked())
    chunks = [(b"IHDR", content[16:29])]
    if header.colour == _PALETTE:
        chunks.append((b"PLTE", _full(parts.palette)))
    if parts.clear:
        chunks.append((b"tRNS", parts.clear))
    chunks += [(b"IDAT", packed), (b"IEND", b"")]
    return Plain(
        content=SIGNATURE + b"".join(chunk(name, data) for name, data in chunks),
        orientation=exif.orientation(parts.notes.get(b"eXIf", b"")),
        profile=_profile(parts.notes),
    )


def _header(content: bytes) -> _Header:
    if len(content) < 33 or content[8:16] != b"\0\0\0\rIHDR" or not _is_right(content[12:33]):
        raise damaged()
    width, height, depth, colour, packing, filtering, interlaced = struct.unpack(">IIBBBBB", content[16:29])
    if colour not in _TYPES or depth not in _TYPES[colour][1] or packing or filtering or interlaced > 1:
        raise damaged()
    return _Header(width, height, depth, colour, interlaced)


def _parts(content: bytes, header: _Header) -> _Parts:
    """Chunks up to the end of the first run of IDAT: what stands behind it changes nothing that is shown."""
    found = _Parts()
    for name, data, is_whole, is_right in _chunks(content):
        if name == b"IDAT":
            found.packed.append(data)
            if not is_right:
                break  # a decoder shows what it read of this one, and nothing after it
        elif found.packed or name == b"IEND":
            break
        elif not is_whole:
            raise damaged()
        elif name == b"PLTE":
            if not is_right or len(data) % 3 or not 0 < len(data) <= 768:
                raise damaged()
            found.palette = data
        elif not name[0] & 0x20:
            raise damaged()  # a chunk without which the picture can't be understood (5.4), and that nobody knows
        elif is_right and name == b"tRNS":
            if header.colour != _PALETTE or found.palette:
                found.clear = found.clear or _clear(data, header)
        elif is_right:
            found.notes.setdefault(name, data)
    if not found.packed or (header.colour == _PALETTE and not found.palette):
        raise damaged()
    return found


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bool, bool]]:
    """Name, data, whether all of the data is there, whether its CRC is right."""
    at = 33
    while at + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        yield name, data, len(data) == length, _is_right(content[at + 4 : at + 12 + length])
        at += 12 + length


def _is_right(checked: bytes) -> bool:
    """Whether a chunk, from its name to its CRC, agrees with its CRC."""
    return len(checked) >= 8 and zlib.crc32(checked[:-4]) == int.from_bytes(checked[-4:], "big")


def _frames(notes: dict[bytes, bytes]) -> int:
    """How many pictures an animation shows; one that stands before it, apart, counts too."""
    control = notes.get(b"acTL", b"")
    if len(control) != 8:
        return 1
    frames = int.from_bytes(control[:4], "big")
    return frames + (b"fcTL" not in notes) if frames else 1


def _whole(packed: bytes, expected: int) -> bytes:
    """The deflated rows without what follows them: a wrong checksum at the end changes no pixel."""
    if len(packed) < 2 or packed[0] & 15 != 8 or packed[1] & 0x20 or int.from_bytes(packed[:2], "big") % 31:
        raise damaged()
    stream, unpacked, at = zlib.decompressobj(-15), 0, 2
    rest = b""
    try:
        while unpacked < expected + _PIECE and not stream.eof and (rest or at < len(packed)):
            if not rest:
                rest, at = packed[at : at + _PIECE], at + _PIECE
            unpacked += len(stream.decompress(rest, 1024 * 1024))
            rest = stream.unconsumed_tail
        unpacked += len(stream.flush()) if not stream.eof and at >= len(packed) and not rest else 0
    except zlib.error:
        pass  # what was damaged may stand behind the last row
    if unpacked < expected:
        raise damaged()
    if not stream.eof:
        return packed
    behind = len(stream.unused_data) + max(0, len(packed) - at)
    return packed[: len(packed) - behind]


def _full(palette: bytes) -> bytes:
    """All 256 colours: a number beyond the last one shows the last one."""
    return palette + palette[-3:] * (256 - len(palette) // 3)


def _clear(data: bytes, header: _Header) -> bytes:
    """The transparent colour, or the palette's opacities, if well-formed; bytes behind the colour are left."""
    if header.colour == _PALETTE:
        return data if len(data) <= 256 else b""
    size = {0: 2, 2: 6}.get(header.colour, 0)
    if not size or len(data) < size:
        return b""
    data = data[:size]
    levels = struct.unpack(f">{len(data) // 2}H", data)
    if header.depth == 8:
        return struct.pack(f">{len(levels)}H", *(level & 255 for level in levels))
    if max(levels) >= 1 << header.depth:
        return b""
    # The decoder compares with what it made of 2 and 4 bits: levels up to 255.
    return struct.pack(">H", levels[0] * 255 // ((1 << header.depth) - 1)) if 1 < header.depth < 8 else data


def _profile(notes: dict[bytes, bytes]) -> bytes | None:
    """What says best how colours are meant (PNG 3rd edition, 4.3): cICP, iCCP, sRGB, gAMA with or without cHRM."""
    codes = notes.get(b"cICP", b"")
    if len(codes) == 4 and codes[2:] == b"\0\1" and (coded := profiles.from_codes(codes[0], codes[1])):
        return coded
    if (packed := notes.get(b"iCCP")) and (profile := _unpacked(packed)) and profiles.is_usable(profile):
        return profile
    intent = notes.get(b"sRGB", b"")
    gamma = notes.get(b"gAMA", b"")
    if (len(intent) == 1 and intent[0] < 4) or len(gamma) != 4:
        return None
    places = notes.get(b"cHRM", b"")
    return profiles.from_gamma(
        int.from_bytes(gamma, "big") / 100_000,
        tuple(place / 100_000 for place in struct.unpack(">8I", places)) if len(places) == 32 else None,
    )


def _unpacked(data: bytes) -> bytes:
    _name, _zero, rest = data.partition(b"\0")
    if rest[:1] != b"\0":
        return b""
    try:
        return zlib.decompressobj().decompress(rest[1:], _LONGEST_PROFILE)
    except zlib.error:
        return b""
