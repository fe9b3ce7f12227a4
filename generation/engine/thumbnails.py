"""Thumbnails made while the rows of the picture flow by: a box reduction in strips, then one small exact resize."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from generation.engine.encode import STRIP_ROWS, Pixels
from generation.sizes import Size

SIDES: Final = (256, 512, 1024)
_QUALITY: Final = 82


class Thumbnails:
    """Takes strips of STRIP_ROWS rows (the last may be shorter); `save` writes one WebP a side.

    Holds a copy reduced by a whole factor, between once and twice the largest thumbnail: at most 12 MB.
    """

    def __init__(self, size: Size) -> None:
        self._size = size
        self._factor = max(1, max(size.width, size.height) // max(SIDES))
        if STRIP_ROWS % self._factor:
            self._factor = max(f for f in range(1, self._factor + 1) if STRIP_ROWS % f == 0)
        self._held: Pixels = np.empty((STRIP_ROWS, size.width, 3), np.uint8)
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
        whole = Image.new("RGB", (self._reduced[0].width, sum(part.height for part in self._reduced)))
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
            small = whole.resize(fit(self._size, side), Image.Resampling.LANCZOS, box=box)
            small.save(path, "WEBP", quality=_QUALITY, method=0)
            paths[side] = path
        return paths

    def _reduce(self) -> None:
        strip = Image.fromarray(self._held[: self._filled])
        self._reduced.append(strip.reduce(self._factor) if self._factor > 1 else strip.copy())
        self._filled = 0


def fit(size: Size, side: int) -> tuple[int, int]:
    """Width and height with a long side of at most `side`, at least one pixel each."""
    scale = min(1.0, side / max(size.width, size.height))
    return max(1, round(size.width * scale)), max(1, round(size.height * scale))
