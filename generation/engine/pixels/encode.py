"""A streaming PNG encoder: rows come in strips, strips are filtered and deflated by threads, the file grows in order.

The bytes depend on the pixels only, never on the number of threads or on the time. A strip is deflated on its own
and ended with a sync flush, so that strips joined in order are one valid deflate stream (RFC 1951, RFC 1950).
"""

import hashlib
import struct
import zlib
from collections import deque
from concurrent.futures import Executor, Future
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import numpy as np
from numpy.typing import NDArray

from generation.png import SIGNATURE, chunk

Pixels = NDArray[np.uint8]

# Measured (tests/benchmarks/test_engine_encode.py) on drawn and photo-like 4K pictures: Paeth on every row with
# run-length matching gives files as small as Pillow's default level 6 in a quarter of its processor time.
LEVEL: Final = 1
STRATEGY: Final = zlib.Z_RLE
STRIP_ROWS: Final = 96
_COLOUR_TYPES: Final = {3: 2, 4: 6}  # PNG, 11.2.2: colours, and colours with opacity
_ZLIB_HEADER: Final = b"\x78\x01"
_PAETH: Final = 4
_BLOCK_ROWS: Final = 16  # so many rows at a time stay in the processor's cache


class PngWriter:
    """Writes one 8-bit sRGB PNG. Use as a context manager: leaving it without an error finishes the file.

    `write` takes uint8 strips [rows, width, channels] of any height, in order, top down; 4 channels with opacity.
    `executor` runs the deflate; at most `ahead` strips wait for it, which bounds the memory.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        *,
        chunks: bytes,
        executor: Executor,
        channels: int = 3,
        ahead: int = 6,
    ) -> None:
        self.width, self.height, self.channels = width, height, channels
        self.bytes_written = 0
        self._executor, self._ahead = executor, ahead
        self._sha = hashlib.sha256()
        self._adler = zlib.adler32(b"")
        self._file: BinaryIO = path.open("wb")
        self._pending: deque[Future[tuple[bytes, bytes]]] = deque()
        self._rows: Pixels = np.empty((STRIP_ROWS, width, channels), np.uint8)
        self._filled = 0
        self._taken = 0
        self._above: Pixels = np.zeros((1, width, channels), np.uint8)
        self._put(SIGNATURE)
        self._put(chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0)))
        self._put(chunk(b"sRGB", b"\x00"))
        self._put(chunks)
        self._put(chunk(b"IDAT", _ZLIB_HEADER))

    @property
    def sha256(self) -> str:
        return self._sha.hexdigest()

    def write(self, rows: Pixels) -> None:
        if rows.shape[1:] != (self.width, self.channels) or rows.dtype != np.uint8:
            raise ValueError(f"a strip of {rows.shape} {rows.dtype} does not fit a width of {self.width}")
        start = 0
        while start < len(rows):
            count = min(STRIP_ROWS - self._filled, len(rows) - start)
            self._rows[self._filled : self._filled + count] = rows[start : start + count]
            self._filled += count
            start += count
            if self._filled == STRIP_ROWS:
                self._submit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            for future in self._pending:
                future.cancel()
            self._file.close()

    def _submit(self) -> None:
        if self._taken + self._filled > self.height:
            raise ValueError(f"more than {self.height} rows were written")
        strip = self._rows[: self._filled].copy()
        self._taken += self._filled
        self._filled = 0
        is_last = self._taken == self.height
        self._pending.append(self._executor.submit(deflate_strip, strip, self._above, is_last=is_last))
        self._above = strip[-1:]
        while len(self._pending) > self._ahead:
            self._collect()

    def _collect(self) -> None:
        filtered, data = self._pending.popleft().result()
        self._adler = zlib.adler32(filtered, self._adler)
        self._put(chunk(b"IDAT", data))

    def _finish(self) -> None:
        if self._filled:
            self._submit()
        if self._taken != self.height:
            raise ValueError(f"{self._taken} of {self.height} rows were written")
        while self._pending:
            self._collect()
        self._put(chunk(b"IDAT", struct.pack(">I", self._adler)))
        self._put(chunk(b"IEND", b""))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._sha.update(data)
        self.bytes_written += len(data)


def deflate_strip(strip: Pixels, above: Pixels, *, is_last: bool) -> tuple[bytes, bytes]:
    """The filtered bytes of a strip and their raw deflate; `above` is the row before it (zeros before the first)."""
    filtered = filter_rows(strip, above).tobytes()
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15, 9, STRATEGY)
    data = packer.compress(filtered)
    return filtered, data + packer.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)


def filter_rows(strip: Pixels, above: Pixels) -> Pixels:
    """PNG filter type 4 (Paeth) on every row: [rows, width, c] → [rows, 1 + c * width]. ISO/IEC 15948, 9.4."""
    rows, width, channels = strip.shape
    out = np.empty((rows, 1 + channels * width), np.uint8)
    out[:, 0] = _PAETH
    previous = np.concatenate([above, strip[:-1]])
    for start in range(0, rows, _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        out[block, 1:] = _paeth(strip[block], previous[block]).reshape(-1, channels * width)
    return out


def _paeth(strip: Pixels, previous: Pixels) -> Pixels:
    up = previous.astype(np.int16)
    left = np.zeros_like(up)
    left[:, 1:] = strip[:, :-1]
    corner = np.zeros_like(up)
    corner[:, 1:] = up[:, :-1]
    by_up, by_left = up - corner, left - corner
    far_left, far_up, far_corner = np.abs(by_up), np.abs(by_left), np.abs(by_up + by_left)
    guess = np.where(far_up <= far_corner, up, corner)
    take_left = (far_left <= far_up) & (far_left <= far_corner)
    return strip - np.where(take_left, left, guess).astype(np.uint8)
