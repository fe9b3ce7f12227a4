"""One channel of a picture, strip by strip: raw, packed row by row (PackBits), or deflated, of 1, 8 or 16 bits."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from generation.ingest.outcome import Cause, Unacceptable
from generation.ingest.photoshop.records import Box
from generation.ingest.photoshop.source import Source

RAW, PACKED, DEFLATED, PREDICTED = 0, 1, 2, 3
# A strip: bytes of pixels that are held at once.
_STRIP: Final = 4 * 1024 * 1024
# No row takes more packed than this many bytes a byte, by any program.
_MOST_PACKED: Final = 2


def read(source: Source, box: Box, kept: Box, depth: int) -> Image.Image:
    """Return what lies in `kept` of a channel that fills `box`, as grey of 8 bits. Raises Unacceptable."""
    size = box[2] - box[0], box[3] - box[1]
    inside = kept[0] - box[0], kept[1] - box[1], kept[2] - box[0], kept[3] - box[1]
    return filled(strips(source, source.number("H"), size, depth), size, inside, depth)


def filled(found: Iterator[bytes], size: tuple[int, int], kept: Box, depth: int) -> Image.Image:
    """Return what strips of rows show in `kept`. Raises Unacceptable."""
    image = Image.new("L", (kept[2] - kept[0], kept[3] - kept[1]))
    top, row = 0, stride(size[0], depth)
    for rows in found:
        bottom = top + len(rows) // row
        if top < kept[3] and bottom > kept[1]:
            image.paste(_strip(rows, (size[0], bottom - top), depth), (-kept[0], top - kept[1]))
        top = bottom
    if top != size[1]:
        raise Unacceptable(Cause.DAMAGED)
    return image


def _strip(rows: bytes, size: tuple[int, int], depth: int) -> Image.Image:
    if depth == 1:
        return Image.frombytes("1", size, rows, "raw", "1;I").convert("L")
    return Image.frombytes("L", size, rows if depth == 8 else rows[::2])


def stride(width: int, depth: int) -> int:
    """Return how many bytes a row takes."""
    return (width * depth + 7) // 8


def strips(source: Source, how: int, size: tuple[int, int], depth: int) -> Iterator[bytes]:
    """Yield the rows of a channel, some at a time."""
    row, height = stride(size[0], depth), size[1]
    if how == RAW:
        return _raw(source, row, height)
    if how == PACKED:
        return _packed(source, row, counts(source, height))
    if how in (DEFLATED, PREDICTED):
        return _deflated(source, row, height, 0 if how == DEFLATED else depth)
    raise Unacceptable(Cause.DAMAGED)


def counts(source: Source, height: int) -> tuple[int, ...]:
    """Return how many bytes each of the next rows takes."""
    return source.numbers(f"{height}{'I' if source.big else 'H'}")


def _at_once(row: int) -> int:
    return max(1, _STRIP // row)


def _raw(source: Source, row: int, height: int) -> Iterator[bytes]:
    for top in range(0, height, _at_once(row)):
        yield source.take(row * min(_at_once(row), height - top))


def _packed(source: Source, row: int, lengths: tuple[int, ...]) -> Iterator[bytes]:
    step = _at_once(_MOST_PACKED * row)
    for top in range(0, len(lengths), step):
        part = lengths[top : top + step]
        if max(part) > _MOST_PACKED * row + 2:
            raise Unacceptable(Cause.DAMAGED)
        data = source.take(sum(part))
        try:
            # Pillow's own decoder, in C; it never writes beyond a row.
            yield Image.frombytes("L", (row, len(part)), data, "packbits", "L").tobytes()
        except ValueError:
            raise Unacceptable(Cause.DAMAGED) from None


def _deflated(source: Source, row: int, height: int, predicted: int) -> Iterator[bytes]:
    unpacker, data = zlib.decompressobj(), b""
    for top in range(0, height, _at_once(row)):
        wanted = row * min(_at_once(row), height - top)
        rows = bytearray()
        while len(rows) < wanted:
            data = data or source.take(min(64 * 1024, source.left))
            piece = _inflated(unpacker, data, wanted - len(rows))
            data = unpacker.unconsumed_tail
            if not piece and not data and (unpacker.eof or not source.left):
                raise Unacceptable(Cause.DAMAGED)
            rows += piece
        yield summed(bytes(rows), row, predicted) if predicted else bytes(rows)


def _inflated(unpacker: zlib._Decompress, data: bytes, most: int) -> bytes:
    try:
        return unpacker.decompress(data, most)
    except zlib.error:
        raise Unacceptable(Cause.DAMAGED) from None


def summed(rows: bytes, row: int, depth: int) -> bytes:
    """Return rows in which each value was given as its difference to the one before."""
    import numpy as np  # takes longer to import than most files take to read, and few files need it

    values = np.frombuffer(rows, ">u2" if depth == 16 else np.uint8)
    lines = values.reshape(-1, row // values.itemsize)
    kind = np.uint16 if depth == 16 else np.uint8
    return np.cumsum(lines, axis=1, dtype=kind).astype(values.dtype).tobytes()


def merged(source: Source, size: tuple[int, int], depth: int, channels: int) -> Iterator[Image.Image]:
    """Yield the channels of the picture that is stored beside the layers, one after the other."""
    how, height = source.number("H"), size[1]
    row, all_of_it = stride(size[0], depth), (0, 0, *size)
    if how == PACKED:
        # The lengths of all rows come first, of the channels that aren't asked for too.
        for found in [_packed(source, row, table) for table in _tables(source, height, channels)]:
            yield filled(found, size, all_of_it, depth)
    elif how == RAW:
        for _channel in range(channels):
            yield filled(_raw(source, row, height), size, all_of_it, depth)
    elif how in (DEFLATED, PREDICTED):
        whole = _deflated(source, row, height * channels, 0 if how == DEFLATED else depth)
        yield from _split(whole, size, depth, channels)
    else:
        raise Unacceptable(Cause.DAMAGED)


def _tables(source: Source, height: int, channels: int) -> list[tuple[int, ...]]:
    return [counts(source, height) for _channel in range(channels)]


def _split(found: Iterator[bytes], size: tuple[int, int], depth: int, channels: int) -> Iterator[Image.Image]:
    """Cut one long run of rows into channels."""
    held = b""
    for _channel in range(channels):
        rows, need = [], stride(size[0], depth) * size[1]
        while need:
            held = held or next(found)
            rows.append(held[:need])
            need -= len(rows[-1])
            held = held[len(rows[-1]) :]
        yield filled(iter(rows), size, (0, 0, *size), depth)
