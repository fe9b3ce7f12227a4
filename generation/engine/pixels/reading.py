"""Reads a picture in strips of rows, so that a large one is never held whole.

Pillow decodes whole files. So each strip becomes a small PNG of its own: the row above it as it is, then its rows as
the file has them, filtered and inflated; Pillow undoes the filters. All masters can be read like that; other files are
decoded whole.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from PIL import Image

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.png import SIGNATURE, chunk, chunks

_CHANNELS: Final = {0: 1, 2: 3, 4: 2, 6: 4}  # of PNG's colour types (11.2.2), without palettes
_WHOLE: Final = {b"PLTE", b"tRNS"}  # what makes colours of a row that its bytes alone don't have
_AT_ONCE: Final = 1024 * 1024  # bytes that are inflated
_STORED: Final = 0  # zlib's level: packed for the moment only


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    colour_type: int

    @property
    def stride(self) -> int:
        """Bytes of a filtered row."""
        return 1 + _CHANNELS[self.colour_type] * self.width


def opened(path: Path) -> Image.Image:
    """As RGB; what is transparent becomes white."""
    with Image.open(path) as picture:
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        coloured = picture.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("RGB")


def strips(path: Path, mode: str) -> Iterator[Pixels]:
    """uint8 strips [rows, w, …] in a mode of Pillow's, top down. Raises NotAPng where the file is truncated."""
    header = _header(path)
    if header is None:
        with Image.open(path) as picture:
            whole = np.asarray(picture.convert(mode))
        for top in range(0, len(whole), STRIP_ROWS):
            yield whole[top : top + STRIP_ROWS]
        return
    with path.open("rb") as file:
        yield from _decoded(file, header, mode)


def _header(path: Path) -> _Header | None:
    """None for a file that can't be read row by row: with a palette, interlaced, or not of 8 bits."""
    with path.open("rb") as file:
        if file.read(len(SIGNATURE)) != SIGNATURE:
            return None
        file.seek(0)
        found: _Header | None = None
        for name, data in chunks(file):
            if name == b"IHDR":
                width, height, depth, colour_type, _packing, _filter, interlace = struct.unpack(
                    ">IIBBBBB", data
                )
                if depth != 8 or interlace or colour_type not in _CHANNELS:
                    return None
                found = _Header(width, height, colour_type)
            elif name in _WHOLE:
                return None
            elif name == b"IDAT":
                return found
    return None


def _decoded(file: BinaryIO, header: _Header, mode: str) -> Iterator[Pixels]:
    above, left = bytes(header.stride - 1), header.height
    held = bytearray()
    for piece in _inflated(file):
        held += piece
        while left and len(held) >= (size := min(STRIP_ROWS, left) * header.stride):
            picture = _unfiltered(bytes(held[:size]), above, header)
            del held[:size]
            left -= size // header.stride
            above = picture.crop((0, picture.height - 1, picture.width, picture.height)).tobytes()
            yield np.asarray(picture.crop((0, 1, picture.width, picture.height)).convert(mode))
    if left:
        raise OSError(f"{left} rows are missing")


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    for name, data in chunks(file):
        packed = data if name == b"IDAT" else b""
        while packed:  # a flat picture grows a thousandfold
            yield inflater.decompress(packed, _AT_ONCE)
            packed = inflater.unconsumed_tail
    yield inflater.flush()


def _unfiltered(rows: bytes, above: bytes, header: _Header) -> Image.Image:
    """A picture of the row above and these rows."""
    count = 1 + len(rows) // header.stride
    size = struct.pack(">IIBBBBB", header.width, count, 8, header.colour_type, 0, 0, 0)
    packed = zlib.compress(b"\0" + above + rows, _STORED)
    content = SIGNATURE + chunk(b"IHDR", size) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
    return picture
