"""The picture that is changed: decoded once and held once, seen through a box, given on in rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.laying import Levels
from generation.requests.boxes import Box
from generation.requests.sizes import Size


class Original:
    """uint8 [h, w, 3], or 4 where something of it can be seen through. Nobody writes into it."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.size = Size(pixels.shape[1], pixels.shape[0])

    @classmethod
    def read(cls, path: Path) -> "Original":
        with Image.open(path) as picture:
            mode = "RGBA" if picture.has_transparency_data else "RGB"
            return cls(_array(picture if picture.mode == mode else picture.convert(mode)))

    @classmethod
    def on_canvas(cls, path: Path, canvas: Size, place: tuple[int, int]) -> tuple["Original", Levels]:
        """The picture on a larger canvas, its edge pixels repeated outwards, and the mask of what is new."""
        picture = cls.read(path)
        left, top = place
        right, bottom = canvas.width - left - picture.size.width, canvas.height - top - picture.size.height
        pixels = np.pad(picture.pixels, ((top, bottom), (left, right), (0, 0)), mode="edge")
        mask = np.full((canvas.height, canvas.width), 255, np.uint8)
        mask[top : top + picture.size.height, left : left + picture.size.width] = 0
        return cls(pixels), mask

    @property
    def channels(self) -> int:
        return int(self.pixels.shape[2])

    def seen(self, box: Box, size: Size) -> Image.Image:
        """What lies in the box, at `size`, on white; beyond the picture its edge pixels go on."""
        view = through(self.pixels, box, size, Image.Resampling.LANCZOS)
        if view.mode == "RGB":
            return view
        white = Image.new("RGBA", view.size, "white")
        return Image.alpha_composite(white, view).convert("RGB")

    def rows(self, first: int, last: int) -> Iterator[Pixels]:
        """Rows first..last in strips."""
        for top in range(first, last, STRIP_ROWS):
            yield self.pixels[top : min(top + STRIP_ROWS, last)]


def read_mask(path: Path) -> Levels:
    """Levels [h, w]."""
    with Image.open(path) as mask:
        levels: Levels = _array(mask.convert("L"))
    return levels


def through(pixels: Pixels, box: Box, size: Size, filter_: Image.Resampling) -> Image.Image:
    """The box of an array [h, w] or [h, w, c] as a picture of `size`; what overhangs repeats the edge."""
    inner = box.within(Size(pixels.shape[1], pixels.shape[0]))
    part = Image.fromarray(pixels[inner.top : inner.bottom, inner.left : inner.right])
    across, down = size.width / box.size.width, size.height / box.size.height
    left, top = round((inner.left - box.left) * across), round((inner.top - box.top) * down)
    width = max(1, min(size.width - left, round(inner.size.width * across)))
    height = max(1, min(size.height - top, round(inner.size.height * down)))
    small = part.resize((width, height), filter_)
    if (width, height) == (size.width, size.height):
        return small
    around = [(top, size.height - top - height), (left, size.width - left - width)]
    return Image.fromarray(np.pad(np.asarray(small), around + [(0, 0)] * (pixels.ndim - 2), mode="edge"))


def _array(picture: Image.Image) -> Any:
    return np.asarray(picture)
