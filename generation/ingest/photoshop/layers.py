"""What a Photoshop file holds, written as plain pictures one behind the other, and the list of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image

from generation.ingest import png, reading
from generation.ingest.outcome import Cause, Unacceptable
from generation.ingest.photoshop import planes, records
from generation.ingest.photoshop.header import INDEXED, Header
from generation.ingest.photoshop.listing import LayersOrder, Left, Listing, Node, Written
from generation.ingest.photoshop.records import ALPHA, MASK, Box, Record

_MOST_NAME: Final = 120
_WHITE: Final = 128  # from here on what lies outside of a mask counts as white
# What is said of a layer only where it is kept.
_OF_PIXELS: Final = frozenset(
    (Left.EFFECTS, Left.MASK_SETTINGS, Left.BLEND_RANGES, Left.MODES, Left.TEXT, Left.SMART_OBJECTS)
)


@dataclass(slots=True)
class _Item:
    """A layer, or a group with what it holds; lowest first."""

    record: Record
    held: list[_Item] | None = None


class Layers:
    """Writes the pictures of one file."""

    def __init__(self, header: Header, order: LayersOrder, file: BinaryIO) -> None:
        self._header, self._order, self._file = header, order, file
        self._left: Counter[Left] = Counter()
        self._pixels = 0
        self._nodes: list[Node] = []
        if header.depth == 16:
            self._left[Left.DEPTH] += 1

    def listing(self) -> Listing:
        """Write everything; return what was written. Raises Unacceptable."""
        found, see_through = self._records()
        for item in found:
            self._add(item, -1)
        if not any(node.picture for node in self._nodes):
            self._add_merged(see_through)
        return Listing(self._header.width, self._header.height, self._nodes, dict(self._left))

    def _records(self) -> tuple[list[_Item], bool]:
        if self._header.layers is None:
            return [], False
        rows, see_through = records.read(self._header.layers, most=self._order.max_layers)
        return _nested(rows), see_through

    def _add(self, item: _Item, parent: int) -> None:
        record = item.record
        if item.held is None and self._is_left_out(record):
            return
        self._left.update(record.has & {*_OF_PIXELS, Left.VECTOR_MASKS})
        picture = None if item.held is not None else self._picture(record)
        mask, blank = self._mask(record)
        self._nodes.append(_node(record, parent, item.held is not None, picture, mask, blank))
        number = len(self._nodes) - 1
        for inner in item.held or ():
            self._add(inner, number)

    def _is_left_out(self, record: Record) -> bool:
        """Whether a layer is made of something else than pixels; then it is counted."""
        empty = record.box[0] == record.box[2] or record.box[1] == record.box[3]
        if Left.ADJUSTMENTS in record.has:
            self._left[Left.ADJUSTMENTS] += 1
            return True
        if Left.FILLS in record.has and empty:
            self._left[Left.FILLS] += 1
            return True
        return False

    def _window(self) -> Box:
        """The box outside of which nothing is kept: as large as a picture may be, around the middle."""
        most = self._order.max_side
        left, top = (self._header.width - most) // 2, (self._header.height - most) // 2
        return left, top, left + most, top + most

    def _kept(self, box: Box) -> Box | None:
        kept = _common(box, self._window())
        if kept != box and (box[2] > box[0] and box[3] > box[1]):
            self._left[Left.FAR] += 1
        return kept

    def _picture(self, record: Record) -> Written | None:
        box = record.box
        if box[0] == box[2] or box[1] == box[3]:
            return None
        kept = self._kept(box)
        if kept is None:
            return None
        bands = [self._channel(record, number, box, kept) for number in range(self._header.bands)]
        alpha = self._channel(record, ALPHA, box, kept, missing=255)
        return self._write(self._coloured(bands), alpha, kept)

    def _coloured(self, bands: list[Image.Image]) -> Image.Image:
        if self._header.colours == INDEXED:
            return _through_palette(bands[0], self._header.palette)
        image = bands[0] if len(bands) == 1 else Image.merge("RGB", bands)
        return reading.to_srgb(image, self._header.profile)

    def _channel(self, record: Record, number: int, box: Box, kept: Box, *, missing: int = 0) -> Image.Image:
        """What lies in `kept` of a channel that fills `box`."""
        source = record.channel(number)
        self._spend(box)
        if source is None:
            return Image.new("L", (kept[2] - kept[0], kept[3] - kept[1]), missing)
        return planes.read(source, box, kept, self._header.depth)

    def _mask(self, record: Record) -> tuple[Written | None, int]:
        """The picture whose opacity is the mask, and what a mask is that has none."""
        box = record.mask_box
        if box is None or record.channel(MASK) is None:
            return None, -1
        blank = 255 if record.mask_blank >= _WHITE else 0
        empty = box[0] == box[2] or box[1] == box[3]
        kept = None if empty else self._kept(box)
        if kept is None:
            return None, blank
        found = self._channel(record, MASK, box, kept)
        if blank:
            # Around the mask's box everything is seen, and there is a picture of all of that.
            canvas = (0, 0, self._header.width, self._header.height)
            around = _common(_around(_around(canvas, record.box), kept), self._window())
            assert around is not None
            wider = Image.new("L", (around[2] - around[0], around[3] - around[1]), 255)
            wider.paste(found, (kept[0] - around[0], kept[1] - around[1]))
            found, kept = wider, around
        return self._write(Image.new("RGB", found.size), found, kept), blank

    def _add_merged(self, see_through: bool) -> None:
        """The picture that is stored beside the layers, where no layer has pixels."""
        header = self._header
        self._nodes.clear()
        size, box = (header.width, header.height), (0, 0, header.width, header.height)
        bands = header.bands
        with_alpha = see_through and header.channels > bands
        if header.channels < bands:
            raise Unacceptable(Cause.DAMAGED)
        self._spend(box, bands + with_alpha)
        found = planes.merged(header.picture, size, header.depth, header.channels)
        channels = [next(found) for _number in range(bands + with_alpha)]
        alpha = channels.pop() if with_alpha else Image.new("L", size, 255)
        picture = self._write(self._coloured(channels), alpha, box)
        self._nodes.append(_plain_node(picture))

    def _spend(self, box: Box, channels: int = 1) -> None:
        """Count what is decoded. Raises Unacceptable where all layers together are too large."""
        self._pixels += channels * (box[2] - box[0]) * (box[3] - box[1])
        if self._pixels > 4 * self._order.all_pixels:
            raise Unacceptable(Cause.ALL_TOO_LARGE, most=self._order.all_pixels)

    def _write(self, coloured: Image.Image, alpha: Image.Image, box: Box) -> Written:
        if alpha.getextrema() != (255, 255):
            # What nobody can see does not travel along.
            coloured.paste((0, 0, 0), mask=alpha.point([255, *[0] * 255]))
            coloured.putalpha(alpha)
        at = self._file.tell()
        png.write(coloured, self._file)
        return Written(at, self._file.tell() - at, *coloured.size, box[0], box[1])


def _nested(rows: list[Record]) -> list[_Item]:
    """Records as a tree: the mark below a group's lowest layer comes first, its name last."""
    stack: list[list[_Item]] = [[]]
    for record in rows:
        if record.ends:
            stack.append([])
        elif record.opens:
            held = stack.pop() if len(stack) > 1 else []
            stack[-1].append(_Item(record, held))
        else:
            stack[-1].append(_Item(record))
    while len(stack) > 1:  # a group that has no name: its layers stand by themselves
        held = stack.pop()
        stack[-1] += held
    return stack[0]


def _node(
    record: Record, parent: int, group: bool, picture: Written | None, mask: Written | None, blank: int
) -> Node:
    return Node(
        name=_name(record.name),
        parent=parent,
        group=group,
        picture=picture,
        mask=mask,
        mask_blank=blank,
        mask_on=record.mask_on,
        opacity=record.opacity,
        mode=record.mode,
        visible=record.visible,
        clip=record.clip,
        lock_alpha=record.lock_alpha,
        locked=record.locked,
        through=record.through and group,
    )


def _plain_node(picture: Written) -> Node:
    channels = {"clip": False, "lock_alpha": False, "locked": False, "through": False}
    return Node(
        name="",
        parent=-1,
        group=False,
        picture=picture,
        mask=None,
        mask_blank=-1,
        mask_on=True,
        opacity=255,
        mode="normal",
        visible=True,
        **channels,
    )


def _name(text: str) -> str:
    """A name that every database holds: no NUL, no half of a surrogate pair, one line."""
    plain = text.replace("\0", "").encode("utf-8", "ignore").decode()
    return " ".join(plain.split())[:_MOST_NAME]


def _through_palette(indexes: Image.Image, palette: bytes) -> Image.Image:
    """Colours for the numbers of a palette: all reds, all greens, all blues."""
    return Image.merge("RGB", [indexes.point(list(palette[at : at + 256])) for at in (0, 256, 512)])


def _common(first: Box, second: Box) -> Box | None:
    left, top = max(first[0], second[0]), max(first[1], second[1])
    right, bottom = min(first[2], second[2]), min(first[3], second[3])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _around(first: Box, second: Box) -> Box:
    return (
        *(min(first[0], second[0]), min(first[1], second[1])),
        *(max(first[2], second[2]), max(first[3], second[3])),
    )
