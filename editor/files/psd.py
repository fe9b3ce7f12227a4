"""Photoshop files (version 1, 8 bits, RGB): layers cropped to what they hold, groups, masks, blend modes, the picture.

Adobe's «Photoshop File Formats Specification» says what stands where. Rows are packed one by one (PackBits); one strip
of rows is in memory at a time.
"""

from __future__ import annotations

import io
import shutil
import struct
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

import numpy as np
from PIL import Image, ImageCms

from editor.exporting import Rendered
from editor.files.parts import Part, around, content, strips
from editor.kernels.reference import d255
from editor.replay.planes import TILE, Box, Bytes, intersection

MODES: Final = {
    "normal": b"norm",
    "multiply": b"mul ",
    "screen": b"scrn",
    "overlay": b"over",
    "darken": b"dark",
    "lighten": b"lite",
    "color-dodge": b"div ",
    "color-burn": b"idiv",
    "hard-light": b"hLit",
    "soft-light": b"sLit",
    "difference": b"diff",
    "exclusion": b"smud",
    "hue": b"hue ",
    "saturation": b"sat ",
    "color": b"colr",
    "luminosity": b"lum ",
}
_THROUGH: Final = b"pass"
_RLE: Final = 1
_CHANNELS: Final = (-1, 0, 1, 2)  # opacity, red, green, blue
_MASK: Final = -2
_OPEN_GROUP, _END_OF_GROUP = 1, 3
_RESOLUTION, _PROFILE, _XMP = 1005, 1039, 1060
# Flags of a layer, of its mask and of its locks.
_LOCKED_ALPHA, _HIDDEN, _IRRELEVANT = 1, 2, 24
_MASK_OFF: Final = 2
_LOCKED: Final = 1 << 31
_STRIP_OFFSETS, _STRIP_SIZES, _ROWS_PER_STRIP = 273, 279, 278  # tags of TIFF


def write(
    path: Path,
    size: tuple[int, int],
    parts: list[Part],
    rendered: Rendered,
    xmp: bytes,
    on_progress: Callable[[int, int], None],
) -> None:
    """Write the parts and the picture that they show."""
    width, height = size
    channels = 3 if rendered.opaque else 4
    with path.open("w+b") as file, TemporaryFile(dir=path.parent) as data:
        file.write(struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height, width, 8, 3))
        file.write(struct.pack(">I", 0))
        resources = _resources(xmp)
        file.write(struct.pack(">I", len(resources)) + resources)
        records = _Records(size, data, path.parent, on_progress, _count(parts))
        table = records.of(parts)
        data.seek(0)
        # The number is negative where the picture's first extra channel is its opacity.
        count = records.count if rendered.opaque else -records.count
        layers = 2 + len(table) + records.bytes
        padding = -layers % 4
        file.write(struct.pack(">IIh", layers + padding + 8, layers + padding, count) + table)
        shutil.copyfileobj(data, file, 1024 * 1024)
        file.write(bytes(padding) + struct.pack(">I", 0))
        _write_picture(file, path.parent, rendered, channels)


def _resources(xmp: bytes) -> bytes:
    dots = 72 << 16
    resolution = struct.pack(">IHHIHH", dots, 1, 1, dots, 1, 1)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    found = b""
    for number, content_of in ((_RESOLUTION, resolution), (_PROFILE, profile), (_XMP, xmp)):
        found += struct.pack(">4sHHI", b"8BIM", number, 0, len(content_of)) + content_of
        found += bytes(len(content_of) % 2)
    return found


class _Records:
    """Makes the table of layers, bottom first, while their pixels go into a file of their own."""

    def __init__(
        self,
        size: tuple[int, int],
        data: IO[bytes],
        folder: Path,
        on_progress: Callable[[int, int], None],
        of: int,
    ) -> None:
        self._size, self._data, self._folder = size, data, folder
        self._on_progress, self._of = on_progress, of
        self.count = self.bytes = 0

    def of(self, parts: list[Part]) -> bytes:
        """Return the records of parts; a group is an end, what it holds, and its name."""
        table = b""
        for part in parts:
            self._on_progress(self.count, self._of)
            if part.children is not None:
                table += self._record(Part("</Layer group>"), None, divider=_END_OF_GROUP)
                table += self.of(part.children)
                table += self._record(part, None, divider=_OPEN_GROUP)
            else:
                table += self._record(part, content(part.pixels, self._size))
        return table

    def _record(self, part: Part, box: Box | None, *, divider: int = 0) -> bytes:
        self.count += 1
        left, top, right, bottom = box or (0, 0, 0, 0)
        sizes = list(zip(_CHANNELS, self._write_channels(part.pixels.read, box), strict=True))
        mask = b""
        if part.mask is not None:
            bounds = part.mask.bounds()
            area = None if bounds is None else intersection(bounds, around(self._size))
            x0, y0, x1, y1 = area or (0, 0, 0, 0)
            flags = 0 if part.mask_on else _MASK_OFF
            mask = struct.pack(">iiiiBBxx", y0, x0, y1, x1, part.mask.blank[0], flags)
            sizes += zip([_MASK], self._write_channels(part.mask.read, area, count=1), strict=True)
        flags = (_LOCKED_ALPHA if part.lock_alpha else 0) | (0 if part.visible else _HIDDEN)
        mode = _THROUGH if part.through and divider == _OPEN_GROUP else MODES[part.mode]
        extra = struct.pack(">I", len(mask)) + mask + struct.pack(">I", 0) + _pascal(part.name)
        extra += _tagged(b"luni", _unicode(part.name))
        if divider:
            flags |= _IRRELEVANT
            extra += _tagged(b"lsct", struct.pack(">I4s4s", divider, b"8BIM", mode))
        if part.locked:
            extra += _tagged(b"lspf", struct.pack(">I", _LOCKED))
        return (
            struct.pack(">iiiiH", top, left, bottom, right, len(sizes))
            + b"".join(struct.pack(">hI", channel, length) for channel, length in sizes)
            + struct.pack(">4s4sBBBx", b"8BIM", mode, part.opacity, int(part.clip), flags)
            + struct.pack(">I", len(extra))
            + extra
        )

    def _write_channels(self, read: Callable[[Box], Bytes], box: Box | None, count: int = 4) -> list[int]:
        """Write the channels of a box of a layer, opacity first, or its mask; return what each takes."""
        if box is None or box[0] >= box[2] or box[1] >= box[3]:
            self._data.write(struct.pack(">H", 0) * count)
            self.bytes += 2 * count
            return [2] * count
        lengths = []
        with ExitStack() as opened:
            packed = [
                _Packed(opened.enter_context(TemporaryFile(dir=self._folder))) for _channel in range(count)
            ]
            for strip in strips(box):
                values = read(strip)
                for number, channel in enumerate(packed):
                    plane = values if values.ndim == 2 else values[..., (3, 0, 1, 2)[number]]
                    channel.add(plane)
            for channel in packed:
                self._data.write(struct.pack(">H", _RLE))
                lengths.append(2 + channel.pour_into(self._data))
        self.bytes += sum(lengths)
        return lengths


class _Packed:
    """One channel: its rows packed, and how many bytes each takes, which the format wants before them."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._counts: list[int] = []

    def add(self, rows: Bytes) -> None:
        counts, data = packed(rows)
        self._counts += counts
        self._file.write(data)

    def counts(self) -> bytes:
        return struct.pack(f">{len(self._counts)}H", *self._counts)

    def pour_into(self, target: IO[bytes], *, counts: bool = True) -> int:
        """Write all of it; return how much that was."""
        table = self.counts() if counts else b""
        target.write(table)
        self._file.seek(0)
        shutil.copyfileobj(self._file, target, 1024 * 1024)
        return len(table) + sum(self._counts)


def packed(rows: Bytes) -> tuple[list[int], bytes]:
    """Return how many bytes each row [h, w] takes in PackBits, and these bytes."""
    first = int(rows[0, 0])
    if (rows == first).all():
        row = _uniform(first, rows.shape[1])
        return [len(row)] * len(rows), row * len(rows)
    # libtiff packs rows of their own, a strip each, where it is asked for one row a strip.
    target = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(rows))
    image.save(target, "TIFF", compression="packbits", tiffinfo={_ROWS_PER_STRIP: 1})
    data = target.getvalue()
    with Image.open(target) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]
        places, counts = list(tags[_STRIP_OFFSETS]), list(tags[_STRIP_SIZES])
    return counts, b"".join(data[at : at + count] for at, count in zip(places, counts, strict=True))


def _uniform(value: int, width: int) -> bytes:
    whole, left = divmod(width, 128)
    row = bytes((129, value)) * whole
    return row + (bytes((257 - left, value)) if left > 1 else bytes((0, value)) if left else b"")


def _write_picture(file: IO[bytes], folder: Path, rendered: Rendered, channels: int) -> None:
    """Write what the document shows; where it can be seen through it lies on white, as Photoshop has it."""
    height = len(rendered.pixels)
    with ExitStack() as opened:
        planes = [_Packed(opened.enter_context(TemporaryFile(dir=folder))) for _channel in range(channels)]
        for top in range(0, height, TILE):
            rows = np.asarray(rendered.pixels[top : top + TILE])
            if channels == 4:
                rows = _on_white(rows)
            for number, plane in enumerate(planes):
                plane.add(rows[..., number])
        file.write(struct.pack(">H", _RLE))
        for plane in planes:
            file.write(plane.counts())
        for plane in planes:
            plane.pour_into(file, counts=False)


def _on_white(rows: Bytes) -> Bytes:
    alpha = rows[..., 3:].astype(np.uint32)
    colours = d255(rows[..., :3] * alpha + 255 * (255 - alpha))
    return np.concatenate([colours.astype(np.uint8), rows[..., 3:]], axis=2)


def _count(parts: list[Part]) -> int:
    return sum(1 if part.children is None else 2 + _count(part.children) for part in parts)


def _pascal(name: str) -> bytes:
    """The name for old programs: at most 31 bytes, padded to four with its length."""
    short = name.encode("mac_roman", "replace")[:31]
    return (bytes([len(short)]) + short).ljust(-(-(1 + len(short)) // 4) * 4, b"\0")


def _unicode(name: str) -> bytes:
    text = name.encode("utf-16-be")
    return struct.pack(">I", len(text) // 2) + text


def _tagged(key: bytes, data: bytes) -> bytes:
    data += bytes(-len(data) % 4)
    return b"8BIM" + key + struct.pack(">I", len(data)) + data
