"""Photoshop files written by hand, with parts that no program at hand writes."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

RAW, DEFLATED, PREDICTED = 0, 2, 3


@dataclass
class Layer:
    """A layer of one colour, with tagged blocks. `section` makes it a group's name (1) or the mark below it (3)."""

    name: str = "Layer"
    box: tuple[int, int, int, int] = (0, 0, 8, 6)
    rgba: tuple[int, ...] = (200, 100, 50, 255)
    mode: bytes = b"norm"
    opacity: int = 255
    clip: int = 0
    flags: int = 0
    section: int = 0
    blocks: dict[bytes, bytes] = field(default_factory=dict)
    ranges: bytes = b""
    mask: tuple[tuple[int, int, int, int], int, int] | None = None  # box, level inside, level outside


def psd(
    layers: list[Layer], *, size: tuple[int, int] = (8, 6), depth: int = 8, how: int = RAW, colours: int = 3
) -> bytes:
    """A file of version 1 without a stored picture of its own: white."""
    channels = 3 if colours == 3 else 1
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, size[1], size[0], depth, colours)
    records, data = b"", b""
    for layer in layers:
        record, pixels = _layer(layer, depth, how)
        records, data = records + record, data + pixels
    info = struct.pack(">h", len(layers)) + records + data
    info += bytes(len(info) % 2)
    section = struct.pack(">I", len(info)) + info + bytes(4)
    white = b"\xff" * (channels * size[0] * size[1] * depth // 8)
    return head + bytes(8) + struct.pack(">I", len(section)) + section + bytes(2) + white


def _layer(layer: Layer, depth: int, how: int) -> tuple[bytes, bytes]:
    left, top, right, bottom = (0, 0, 0, 0) if layer.section else layer.box
    planes = [
        (number, _plane(level, right - left, bottom - top, depth, how))
        for number, level in zip((0, 1, 2, -1), layer.rgba, strict=True)
    ]
    mask = b""
    if layer.mask is not None:
        box, inside, outside = layer.mask
        mask = struct.pack(">4iBBxx", box[1], box[0], box[3], box[2], outside, 0)
        planes.append((-2, _plane(inside, box[2] - box[0], box[3] - box[1], depth, how)))
    extra = struct.pack(">I", len(mask)) + mask + struct.pack(">I", len(layer.ranges)) + layer.ranges
    extra += b"\0\0\0\0"
    blocks = {b"luni": struct.pack(">I", len(layer.name)) + layer.name.encode("utf-16-be"), **layer.blocks}
    if layer.section:
        blocks[b"lsct"] = struct.pack(">I4s4s", layer.section, b"8BIM", layer.mode)
    for key, content in blocks.items():
        padded = content + bytes(-len(content) % 4)
        extra += b"8BIM" + key + struct.pack(">I", len(padded)) + padded
    record = struct.pack(">4iH", top, left, bottom, right, len(planes))
    record += b"".join(struct.pack(">hI", number, len(plane)) for number, plane in planes)
    record += struct.pack(">4s4sBBBx", b"8BIM", layer.mode, layer.opacity, layer.clip, layer.flags)
    return record + struct.pack(">I", len(extra)) + extra, b"".join(plane for _number, plane in planes)


def _plane(level: int, width: int, height: int, depth: int, how: int) -> bytes:
    value = bytes([level]) * (depth // 8)
    row = value * width
    if how == PREDICTED:
        row = value + bytes(len(row) - len(value)) if width else b""
    rows = row * height
    return struct.pack(">H", how) + (rows if how == RAW else zlib.compress(rows))
