"""A fast PNG encoder for decoded pictures: filtered by Pillow, deflated in strips by threads, nothing but pixels.

Without numpy, which takes longer to import than the picture to encode. How each strip is packed is tried on its first
rows, by three ways of which each is the smallest for some pictures. docs/decisions/0020 has the measurements.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final

from PIL import Image, ImageChops

from generation.png import SIGNATURE, chunk

_COLOUR_TYPES: Final = {"RGB": 2, "RGBA": 6}
_UP, _AVERAGE = 2, 3  # PNG, 9.2: the bytes that name the filters
_ROWS: Final = 128
_TRIED: Final = 16  # rows of a strip
# Filter and strategy, at level 1: for photographs with grain, for smooth ones, for drawings.
_WAYS: Final = ((_AVERAGE, zlib.Z_FILTERED), (_AVERAGE, zlib.Z_RLE), (_UP, zlib.Z_FILTERED))
# Below this share of its pixels a strip is drawn, not photographed: there the search for repeats pays.
_FLAT: Final = 0.25


def write(image: Image.Image, file: BinaryIO, *, threads: int = 2) -> None:
    """Write an 8-bit RGB or RGBA picture as an sRGB PNG; the bytes depend on the pixels only."""
    width, height = image.size
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[image.mode], 0, 0, 0)
    file.write(SIGNATURE + chunk(b"IHDR", header) + chunk(b"sRGB", b"\x00") + chunk(b"IDAT", b"\x78\x01"))
    adler = zlib.adler32(b"")
    with ThreadPoolExecutor(threads) as pool:
        # A few strips at a time: map() alone would take all of them at once, and with them the memory.
        for tops in _batches(range(0, height, _ROWS), 4 * threads):
            for filtered, deflated in pool.map(lambda top: _strip(image, top), tops):
                adler = zlib.adler32(filtered, adler)
                file.write(chunk(b"IDAT", deflated))
    file.write(chunk(b"IDAT", struct.pack(">I", adler)) + chunk(b"IEND", b""))


def _strip(image: Image.Image, top: int) -> tuple[bytes, bytes]:
    """The filtered rows from `top` on, and their raw deflate."""
    width, height = image.size
    bottom = min(height, top + _ROWS)
    rows = image.crop((0, top, width, bottom))
    above = image.crop((0, top - 1, width, bottom - 1))  # beyond the picture Pillow gives zeros, as PNG asks
    is_last = bottom == height
    up = ImageChops.subtract_modulo(rows, above)
    residues = {_UP: up, _AVERAGE: ImageChops.subtract_modulo(rows, ImageChops.add(_left(rows), above, 2.0))}
    head = (0, 0, width, min(_TRIED, rows.height))
    tried = {kind: _with_names(kind, residue.crop(head)) for kind, residue in residues.items()}
    kind, strategy = min(_WAYS, key=lambda way: len(_deflate(tried[way[0]], 1, way[1], is_last=False)))
    filtered = _with_names(kind, residues[kind])
    deflated = _deflate(filtered, 1, strategy, is_last=is_last)
    if len(deflated) < _FLAT * len(filtered):
        drawn = filtered if kind == _UP else _with_names(_UP, up)
        smaller = _deflate(drawn, 6, zlib.Z_DEFAULT_STRATEGY, is_last=is_last)
        if len(smaller) < len(deflated):
            return drawn, smaller
    return filtered, deflated


def _left(rows: Image.Image) -> Image.Image:
    """The pixels to the left of each; beyond the picture there are zeros, as PNG asks."""
    left = ImageChops.offset(rows, 1, 0)  # wraps around
    left.paste((0,) * len(rows.getbands()), (0, 0, 1, rows.height))
    return left


def _with_names(kind: int, residue: Image.Image) -> bytes:
    """Each row behind the byte that names its filter."""
    data, name = residue.tobytes(), bytes([kind])
    stride = residue.width * len(residue.getbands())
    return b"".join(part for at in range(0, len(data), stride) for part in (name, data[at : at + stride]))


def _deflate(data: bytes, level: int, strategy: int, *, is_last: bool) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    return packer.compress(data) + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)


def _batches(numbers: range, size: int) -> Iterator[range]:
    for at in range(0, len(numbers), size):
        yield numbers[at : at + size]
