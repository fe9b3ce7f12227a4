"""Exact resize in a stream: rows of the source come in, rows of the target go out, by Pillow's Lanczos filter.

Two passes, first across, then down; each is Pillow's own with its fractional `box`. A strip of the target takes just
those rows that its filter reaches, so it is the same as in the resize of the whole picture (at most one level apart, by
the rounding of the box). Pillow's own order of the passes depends on the sizes, which strips and whole do not share.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.requests.sizes import Size

_LANCZOS_REACH = (
    3.0  # half the width of the filter, in target pixels when shrinking, in source pixels when growing
)


@dataclass(frozen=True, slots=True)
class Box:
    """The part of the source that is kept, in its pixels, with fractions."""

    left: float
    top: float
    right: float
    bottom: float


def cover_box(source: Size, target: Size) -> Box:
    """The largest middle part of `source` that has exactly the shape of `target`: cropped, never stretched."""
    scale = min(source.width / target.width, source.height / target.height)
    width, height = target.width * scale, target.height * scale
    # Rounding may leave a hair less than nothing.
    left, top = max(0.0, (source.width - width) / 2), max(0.0, (source.height - height) / 2)
    return Box(left, top, min(left + width, source.width), min(top + height, source.height))


def resize_strips(strips: Iterable[Pixels], source: Size, target: Size) -> Iterator[Pixels]:
    """uint8 strips [rows, source.width, 3] of any height → strips of at most STRIP_ROWS target rows, cover-cropped.

    Holds the source rows of one target strip, never the whole picture.
    """
    yield from _resized_strips(strips, source, target, cover_box(source, target))


def stretched_strips(strips: Iterable[Pixels], source: Size, target: Size) -> Iterator[Pixels]:
    """The same of the whole source, whatever the shape of the target."""
    yield from _resized_strips(strips, source, target, Box(0.0, 0.0, source.width, source.height))


def _resized_strips(strips: Iterable[Pixels], source: Size, target: Size, box: Box) -> Iterator[Pixels]:
    if source == target:
        yield from strips
        return
    scale = (box.bottom - box.top) / target.height
    reach = _LANCZOS_REACH * max(scale, 1.0) + 1
    held = Rows(_across(strips, source.width, target.width, box))
    for start in range(0, target.height, STRIP_ROWS):
        stop = min(start + STRIP_ROWS, target.height)
        top, bottom = box.top + start * scale, box.top + stop * scale
        first = max(0, math.floor(top - reach))
        last = min(source.height, math.ceil(bottom + reach))
        rows = held.between(first, last)
        yield _resized(
            rows, target.width, stop - start, (0, top - first, target.width, min(bottom, last) - first)
        )


def _across(strips: Iterable[Pixels], width: int, target_width: int, box: Box) -> Iterator[Pixels]:
    for strip in strips:
        if (box.left, box.right, target_width) == (0, width, width):
            yield strip
        else:
            yield _resized(strip, target_width, len(strip), (box.left, 0, box.right, len(strip)))


def _resized(rows: Pixels, width: int, height: int, box: tuple[float, float, float, float]) -> Pixels:
    picture = Image.fromarray(rows)
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS, box=box))


class Rows:
    """A window over a stream of strips, moving down only."""

    def __init__(self, strips: Iterable[Pixels]) -> None:
        self._strips = iter(strips)
        self._top = 0
        self._parts: list[Pixels] = []

    def drop(self, first: int) -> None:
        """Let go of what lies above the row `first`, which nobody asks for any more."""
        while self._parts and self._top + len(self._parts[0]) <= first:
            self._top += len(self._parts.pop(0))

    def between(self, first: int, last: int) -> Pixels:
        self.drop(first)
        while self._top + sum(len(part) for part in self._parts) < last:
            self._parts.append(next(self._strips))
        rows = self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts)
        return rows[first - self._top : last - self._top]
