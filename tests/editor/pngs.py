"""PNGs for tests, as the site writes them: 8 bits a channel, RGB or RGBA."""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def png_of(pixels: NDArray[np.uint8], *, level: int = 1) -> bytes:
    """Return the PNG of rows of RGB or RGBA."""
    height, width, channels = pixels.shape
    rows = np.zeros((height, 1 + width * channels), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, {3: 2, 4: 6}[channels], 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), level)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )


def size_of(png: bytes) -> tuple[int, int]:
    """Return width and height."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def photograph(width: int, height: int) -> NDArray[np.uint8]:
    """Return something with the detail of a photograph: waves and noise, opaque."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    noise = np.random.default_rng(5).integers(0, 12, (height, width, 3))
    waves = np.stack([np.sin(x / 97 + k) * np.cos(y / (61 + 9 * k)) * 90 + 128 for k in range(3)], axis=-1)
    return np.clip(waves + noise, 0, 255).astype(np.uint8)


def digest_of_pixels(pixels: Any) -> str:
    """The digest of the docs, from a picture: an independent reading of docs/editor.md."""
    height, width = pixels.shape[:2]
    whole = hashlib.sha256()
    for top in range(0, height, 256):
        for left in range(0, width, 256):
            tile = np.zeros((256, 256, 4), np.uint8)
            part = pixels[top : top + 256, left : left + 256]
            tile[: part.shape[0], : part.shape[1]] = part
            whole.update(hashlib.sha256(tile.tobytes()).digest())
    return whole.hexdigest()
