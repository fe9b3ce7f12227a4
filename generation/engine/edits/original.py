"""The picture that is changed: held whole up to 4K, above that read in strips each time it is looked at."""

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engine.pixels import reading
from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.laying import Levels
from generation.engine.pixels.resample import Rows, stretched_strips
from generation.requests.boxes import Box
from generation.requests.sizes import Size

# Pixels. Decoding a larger picture two or three times costs a second or two; holding it, hundreds of megabytes.
_HELD: Final = 16 * 1024 * 1024

Strips = Callable[[], Iterator[Pixels]]
Places = NDArray[np.int64]


class Original:
    """Rows of `channels`: 3, or 4 where something of it is transparent. Its pixels are read only."""

    def __init__(self, size: Size, channels: int, strips: Strips) -> None:
        """`strips` gives all rows, top down, as often as it is called."""
        self.size, self.channels, self._strips = size, channels, strips

    @classmethod
    def of(cls, pixels: Pixels) -> "Original":
        """A picture that is held: uint8 [h, w, 3 or 4]."""
        height, width, channels = pixels.shape
        return cls(Size(width, height), channels, lambda: _cut(pixels))

    @classmethod
    def read(cls, path: Path) -> "Original":
        with Image.open(path) as picture:
            size, mode = Size(*picture.size), "RGBA" if picture.has_transparency_data else "RGB"
            if size.pixels <= _HELD:
                return cls.of(_array(picture, mode))
        return cls(size, len(mode), lambda: reading.strips(path, mode))

    @classmethod
    def on_canvas(cls, path: Path, canvas: Size, place: tuple[int, int]) -> tuple["Original", Levels]:
        """The picture on a larger canvas, its edge pixels repeated outwards, and the mask of what is new."""
        picture = cls.read(path)
        left, top = place
        mask = np.full((canvas.height, canvas.width), 255, np.uint8)
        mask[top : top + picture.size.height, left : left + picture.size.width] = 0
        return cls(canvas, picture.channels, lambda: _padded(picture, canvas, place)), mask

    @cached_property
    def pixels(self) -> Pixels:
        """The whole picture, [h, w, channels]."""
        out: Pixels = np.empty((self.size.height, self.size.width, self.channels), np.uint8)
        for top, strip in self._placed():
            out[top : top + len(strip)] = strip
        return out

    def strips(self) -> Iterator[Pixels]:
        """All rows, top down."""
        return self._strips()

    def rows(self) -> Rows:
        """A window over its rows, moving down only."""
        return Rows(self._strips())

    def seen(self, box: Box, size: Size) -> Image.Image:
        """What lies in the box, at `size`, on white; beyond the picture its edge pixels go on."""
        inner = box.within(self.size)
        columns = slice(inner.left, inner.right)
        strips = (
            strip[max(0, inner.top - top) : inner.bottom - top, columns]
            for top, strip in self._placed()
            if top < inner.bottom and top + len(strip) > inner.top
        )
        view = _through(strips, inner, box, size)
        if view.mode == "RGB":
            return view
        white = Image.new("RGBA", view.size, "white")
        return Image.alpha_composite(white, view).convert("RGB")

    def at(self, rows: Places, columns: Places) -> Pixels:
        """Single pixels: those in all of these rows, from the first down, and columns. [rows, columns, channels]."""
        found = [
            strip[here - top][:, columns]
            for top, strip in self._placed()
            if len(here := rows[(rows >= top) & (rows < top + len(strip))])
        ]
        return np.concatenate(found)

    def sampled(self) -> Pixels:
        """At most about 512 pixels a side, every so many-th of the picture's."""
        step = max(1, max(self.size.width, self.size.height) // 512)
        return self.at(np.arange(0, self.size.height, step), np.arange(0, self.size.width, step))

    def _placed(self) -> Iterator[tuple[int, Pixels]]:
        """The strips, each after the number of its first row."""
        top = 0
        for strip in self._strips():
            yield top, strip
            top += len(strip)


def _cut(pixels: Pixels) -> Iterator[Pixels]:
    for top in range(0, len(pixels), STRIP_ROWS):
        yield pixels[top : top + STRIP_ROWS]


def _padded(picture: Original, canvas: Size, place: tuple[int, int]) -> Iterator[Pixels]:
    """The rows of a canvas: those of the picture with their edge pixels going on, and the first and last repeated."""
    left, above = place
    aside = ((0, 0), (left, canvas.width - left - picture.size.width), (0, 0))
    below = canvas.height - above - picture.size.height
    rows = picture.rows()
    for top in range(0, picture.size.height, STRIP_ROWS):
        last = min(top + STRIP_ROWS, picture.size.height)
        strip = np.pad(rows.between(top, last), aside, mode="edge")
        if top == 0:
            yield from _repeated(strip[:1], above)
        yield strip
        if last == picture.size.height:
            yield from _repeated(strip[-1:], below)


def _repeated(row: Pixels, count: int) -> Iterator[Pixels]:
    for top in range(0, count, STRIP_ROWS):
        yield np.repeat(row, min(STRIP_ROWS, count - top), axis=0)


def read_mask(path: Path) -> Levels:
    """Levels [h, w]."""
    with Image.open(path) as mask:
        if mask.width * mask.height <= _HELD:
            return _array(mask, "L")
        levels: Levels = np.empty((mask.height, mask.width), np.uint8)
    top = 0
    for strip in reading.strips(path, "L"):
        levels[top : top + len(strip)] = strip
        top += len(strip)
    return levels


def small_levels(levels: Levels, box: Box, size: Size) -> Image.Image:
    """What levels [h, w] are in the box, as a picture of `size` by means; what overhangs repeats the edge."""
    inner = box.within(Size(levels.shape[1], levels.shape[0]))
    part = Image.fromarray(levels[inner.top : inner.bottom, inner.left : inner.right])
    shown, (left, top) = _placed_in(inner, box, size)
    return _with_edges(part.resize((shown.width, shown.height), Image.Resampling.BOX), left, top, size)


def _through(strips: Iterator[Pixels], inner: Box, box: Box, size: Size) -> Image.Image:
    """The rows of a box, as far as it lies in the picture, as a picture of `size`; what overhangs repeats the edge."""
    shown, (left, top) = _placed_in(inner, box, size)
    small = Image.fromarray(np.concatenate(list(stretched_strips(strips, inner.size, shown))))
    return _with_edges(small, left, top, size)


def _placed_in(inner: Box, box: Box, size: Size) -> tuple[Size, tuple[int, int]]:
    """The size of what lies in the picture in a view of `size` of the box, and where it is there."""
    across, down = size.width / box.size.width, size.height / box.size.height
    left, top = round((inner.left - box.left) * across), round((inner.top - box.top) * down)
    width = max(1, min(size.width - left, round(inner.size.width * across)))
    height = max(1, min(size.height - top, round(inner.size.height * down)))
    return Size(width, height), (left, top)


def _with_edges(small: Image.Image, left: int, top: int, size: Size) -> Image.Image:
    if small.size == (size.width, size.height):
        return small
    around = [(top, size.height - top - small.height), (left, size.width - left - small.width)]
    pixels = np.asarray(small)
    return Image.fromarray(np.pad(pixels, around + [(0, 0)] * (pixels.ndim - 2), mode="edge"))


def _array(picture: Image.Image, mode: str) -> Pixels:
    return np.asarray(picture if picture.mode == mode else picture.convert(mode))
