"""The records of layers: where each stands, how it blends, and which of its channels lie where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from generation.ingest.outcome import Cause, Unacceptable
from generation.ingest.photoshop.header import blocks
from generation.ingest.photoshop.listing import Left
from generation.ingest.photoshop.source import Source

Box = tuple[int, int, int, int]
ALPHA, MASK = -1, -2
END_OF_GROUP = 3
_OPEN_GROUPS: Final = (1, 2)
# The longest side of a picture in a file of version 2; whatever is larger is damage.
_FURTHEST: Final = 300_000 * 4
_LOCKED_ALPHA, _HIDDEN = 1, 2
_MASK_OFF, _MASK_HAS_SETTINGS = 2, 16
# Of the locks: everything, or the pixels.
_LOCKS: Final = 1 << 31 | 2
_MODES: Final = {
    b"norm": "normal",
    b"mul ": "multiply",
    b"scrn": "screen",
    b"over": "overlay",
    b"dark": "darken",
    b"lite": "lighten",
    b"div ": "color-dodge",
    b"idiv": "color-burn",
    b"hLit": "hard-light",
    b"sLit": "soft-light",
    b"diff": "difference",
    b"smud": "exclusion",
    b"hue ": "hue",
    b"sat ": "saturation",
    b"colr": "color",
    b"lum ": "luminosity",
    b"pass": "normal",
}
# The nearest of ours to those that aren't here.
_NEAREST: Final = {
    b"diss": "normal",
    b"dkCl": "darken",
    b"lgCl": "lighten",
    b"lbrn": "color-burn",
    b"lddg": "color-dodge",
    b"vLit": "hard-light",
    b"lLit": "hard-light",
    b"pLit": "hard-light",
    b"hMix": "hard-light",
    b"fsub": "difference",
    b"fdiv": "color-dodge",
}
# What a block with one of these keys says that a layer has.
_SAYS: Final = {
    Left.ADJUSTMENTS: (
        *(b"levl", b"curv", b"brit", b"CgEd", b"expA", b"vibA", b"hue ", b"hue2", b"blnc", b"blwh", b"phfl"),
        *(b"mixr", b"clrL", b"nvrt", b"post", b"thrs", b"selc", b"grdm"),
    ),
    Left.FILLS: (b"SoCo", b"GdFl", b"PtFl"),
    Left.EFFECTS: (b"lrFX", b"lfx2", b"lmfx"),
    Left.VECTOR_MASKS: (b"vmsk", b"vsms"),
    Left.TEXT: (b"TySh", b"tySh"),
    Left.SMART_OBJECTS: (b"SoLd", b"SoLE", b"PlLd", b"plLd"),
}
_SAID: Final = {key: said for said, keys in _SAYS.items() for key in keys}


def _mode_of(key: bytes) -> tuple[str, bool]:
    """Return the nearest of our blend modes, and whether it is the same. ImageMagick writes some keys backwards."""
    known = _MODES.get(key) or _MODES.get(key[::-1])
    return known or _NEAREST.get(key, "normal"), known is not None


@dataclass(frozen=True, slots=True)
class Channel:
    """One plane of a layer: its number and its bytes, how they are packed included."""

    number: int
    data: Source


@dataclass(slots=True)
class Record:
    """One layer, the name of a group (`opens`), or the mark below its lowest layer (`ends`)."""

    name: str
    box: Box
    channels: list[Channel]
    opacity: int
    mode: str
    through: bool
    clip: bool
    visible: bool
    lock_alpha: bool
    locked: bool = False
    opens: bool = False
    ends: bool = False
    mask_box: Box | None = None
    mask_blank: int = 0
    mask_on: bool = True
    has: set[Left] = field(default_factory=set)

    def channel(self, number: int) -> Source | None:
        """Return the bytes of a channel."""
        return next((each.data for each in self.channels if each.number == number), None)


def read(source: Source, *, most: int) -> tuple[list[Record], bool]:
    """Return all records, lowest first, and whether the picture's first extra channel is its opacity.

    Raises Unacceptable for more than `most` layers and groups.
    """
    count = source.number("h")
    # The mark below a group is a record too.
    if abs(count) > 2 * most:
        raise Unacceptable(Cause.TOO_MANY_LAYERS, most=most, layers=abs(count))
    found = [_record(source) for _number in range(abs(count))]
    layers = sum(not record.ends for record, _lengths in found)
    if layers > most:
        raise Unacceptable(Cause.TOO_MANY_LAYERS, most=most, layers=layers)
    for record, lengths in found:
        record.channels = [Channel(number, source.part(length)) for number, length in lengths]
    return [record for record, _lengths in found], count < 0


def _record(source: Source) -> tuple[Record, list[tuple[int, int]]]:
    """One record, and the number and length of each of its channels: their bytes come behind all records."""
    box = _box(source)
    lengths = [(source.number("h"), source.length()) for _channel in range(source.number("H"))]
    signature, mode, opacity, clipping, flags = source.numbers("4s4sBBBx")
    if signature != b"8BIM":
        raise Unacceptable(Cause.DAMAGED)
    ours, same = _mode_of(mode)
    record = Record(
        name="",
        box=box,
        channels=[],
        opacity=opacity,
        mode=ours,
        through=mode == b"pass",
        clip=clipping != 0,
        visible=not flags & _HIDDEN,
        lock_alpha=bool(flags & _LOCKED_ALPHA),
    )
    if not same:
        record.has.add(Left.MODES)
    extra = source.part(source.number("I"))
    _read_mask(record, extra.part(extra.number("I")))
    _read_ranges(record, extra.part(extra.number("I")))
    length = extra.number("B")
    record.name = extra.take(length).decode("mac_roman")
    extra.skip(-(1 + length) % 4)
    for key, block in blocks(extra):
        record.has |= {_SAID[key]} if key in _SAID else set()
        if key in _READERS:
            _READERS[key](record, block)
    return record, lengths


def _box(source: Source) -> Box:
    top, left, bottom, right = source.numbers("4i")
    if not (abs(left) < _FURTHEST and abs(top) < _FURTHEST):
        raise Unacceptable(Cause.DAMAGED)
    if not (0 <= right - left < _FURTHEST and 0 <= bottom - top < _FURTHEST):
        raise Unacceptable(Cause.DAMAGED)
    return left, top, right, bottom


def _read_mask(record: Record, source: Source) -> None:
    if source.left < 18:
        return
    record.mask_box = _box(source)
    record.mask_blank, flags = source.numbers("BB")
    record.mask_on = not flags & _MASK_OFF
    if flags & _MASK_HAS_SETTINGS:
        record.has.add(Left.MASK_SETTINGS)


def _read_ranges(record: Record, source: Source) -> None:
    """What a layer shows only over some colours: pairs of black and white, where nothing is left out."""
    data = source.take(source.left)
    if any(data[at : at + 4] != b"\0\0\xff\xff" for at in range(0, len(data) - 3, 4)):
        record.has.add(Left.BLEND_RANGES)


def _read_name(record: Record, block: Source) -> None:
    units = block.number("I")
    data = block.take(min(2 * units, block.left))
    record.name = data.decode("utf-16-be", "replace")


def _read_section(record: Record, block: Source) -> None:
    kind = block.number("I")
    record.opens, record.ends = kind in _OPEN_GROUPS, kind == END_OF_GROUP
    if block.left >= 8:
        mode = block.numbers("4s4s")[1]
        record.mode, record.through = _mode_of(mode)[0], mode == b"pass"


def _read_locks(record: Record, block: Source) -> None:
    record.locked = bool(block.number("I") & _LOCKS)


def _read_fill(record: Record, block: Source) -> None:
    """How opaque a layer is without its effects; both count."""
    record.opacity = (record.opacity * block.number("B") + 127) // 255


_READERS: Final[dict[bytes, Callable[[Record, Source], None]]] = {
    b"luni": _read_name,
    b"lsct": _read_section,
    b"lsdk": _read_section,
    b"lspf": _read_locks,
    b"iOpa": _read_fill,
}
