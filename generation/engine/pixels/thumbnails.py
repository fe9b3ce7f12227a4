"""Thumbnails made while the rows of the picture flow by: a box reduction in strips, then one small exact resize."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.requests.sizes import Size

SIDES: Final = (256, 512, 1024)
_QUALITY: Final = 82


class Thumbnails:
    """Takes strips of STRIP_ROWS rows (the last may be shorter); `save` writes one WebP a side.

    Holds a copy reduced by a whole factor, between once and twice the largest thumbnail: at most 12 MB.
    """

    def __init__(self, size: Size, channels: int = 3) -> None:
        self._size, self._mode = size, "RGBA" if channels == 4 else "RGB"
        self._factor = max(1, max(size.width, size.height) // max(SIDES))
        if STRIP_ROWS % self._factor:
            self._factor = max(f for f in range(1, self._factor + 1) if STRIP_ROWS % f == 0)
        self._held: Pixels = np.empty((STRIP_ROWS, size.width, channels), np.uint8)
        self._filled = 0
        self._reduced: list[Image.Image] = []

    def write(self, rows: Pixels) -> None:
        start = 0
        while start < len(rows):
            count = min(STRIP_ROWS - self._filled, len(rows) - start)
            self._held[self._filled : self._filled + count] = rows[start : start + count]
            self._filled += count
            start += count
            if self._filled == STRIP_ROWS:
                self._reduce()

    def save(self, folder: Path, stem: str) -> dict[int, Path]:
        """One file a side in `folder`, never larger than the picture itself. Long side → path."""
        if self._filled:
            self._reduce()
        whole = Image.new(self._mode, (self._reduced[0].width, sum(part.height for part in self._reduced)))
        top = 0
        for part in self._reduced:
            whole.paste(part, (0, top))
            top += part.height
        self._reduced = []
        # The reduction rounds its last column and row up; the box leaves what lies beyond the picture out.
        box = (0.0, 0.0, self._size.width / self._factor, self._size.height / self._factor)
        paths = {}
        for side in SIDES:
            path = folder / f"{stem}-{side}.webp"
            small_size = self._size.fit(side)
            small = whole.resize((small_size.width, small_size.height), Image.Resampling.LANCZOS, box=box)
            small.save(path, "WEBP", quality=_QUALITY, method=0)
            paths[side] = path
        return paths

    def _reduce(self) -> None:
        strip = Image.fromarray(self._held[: self._filled])
        self._reduced.append(strip.reduce(self._factor) if self._factor > 1 else strip.copy())
        self._filled = 0
