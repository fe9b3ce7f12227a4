"""A part of a picture, redrawn: what the model is given of it, and how its drawing comes back into the picture."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from generation.engine.edits.original import Original, read_mask, small_levels
from generation.engine.finishing import Finish
from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.laying import Levels, Rim, laid_over
from generation.engine.pixels.matching import Correction
from generation.engine.pixels.resample import Rows
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size

_HALF: Final = 127


@dataclass(frozen=True, slots=True)
class Part:
    """What is redrawn of a picture: `mask` [h, w] of the whole picture, and the box that the model sees."""

    original: Original
    mask: Levels
    box: Box
    feather: int

    @classmethod
    def of(cls, request: GenerationRequest, reference: Path, mask: Path | None) -> "Part":
        edit = request.edit
        assert edit is not None
        assert edit.feather is not None
        if request.kind == "outpaint":
            assert edit.place is not None
            original, levels = Original.on_canvas(reference, request.output, edit.place)
        else:
            original = Original.read(reference)
            levels = np.full(original.pixels.shape[:2], 255, np.uint8) if mask is None else read_mask(mask)
        if (original.size.height, original.size.width) != levels.shape:
            raise ValueError(f"a mask of {levels.shape[::-1]} is none of a picture of {original.size}")
        return cls(original, levels, edit.seen, edit.feather)

    def reference(self, size: Size) -> Image.Image:
        return self.original.seen(self.box, size)

    def small_mask(self, size: Size) -> Image.Image:
        """The mask in the box as the model gets it; what overhangs the picture may become anything."""
        return small_levels(self.mask, self.box, size)

    def like(self, drawn: Finish) -> tuple[Pixels, Pixels, Levels]:
        """The picture in the box as the drawing's small picture shows it, that, and the mask: all of one size."""
        height, width = drawn.small.shape[:2]
        if drawn.every is None:
            size = Size(width, height)
            marked = np.asarray(self.small_mask(size))
            return np.asarray(self.reference(size)), drawn.small, (marked > _HALF).astype(np.uint8)
        rows = np.clip(self.box.top + np.arange(height) * drawn.every, 0, self.original.size.height - 1)
        columns = np.clip(self.box.left + np.arange(width) * drawn.every, 0, self.original.size.width - 1)
        marked = self.mask[np.ix_(rows, columns)] > _HALF
        return self.original.at(rows, columns)[:, :, :3], drawn.small, marked.astype(np.uint8)

    @property
    def marked(self) -> Box:
        """The rectangle around what the mask marks in the box, with a pixel around it where the picture goes on."""
        inner = self.box.within(self.original.size)
        mask = self.mask[inner.top : inner.bottom, inner.left : inner.right]
        found = Image.fromarray(mask).getbbox()
        if found is None:
            return inner
        left, top, right, bottom = found
        return Box(
            max(inner.left, inner.left + left - 1),
            max(inner.top, inner.top + top - 1),
            min(inner.right, inner.left + right + 1),
            min(inner.bottom, inner.top + bottom + 1),
        )

    def laid(self, drawn: Finish) -> "Laid":
        return Laid(self, drawn)


class Laid:
    """A picture with a drawing laid into it, in rows; only the box is computed."""

    def __init__(self, part: Part, drawn: Finish) -> None:
        self._part, self._drawn = part, drawn
        self.small = drawn.small
        self.channels, self.every = part.original.channels, drawn.every
        box = part.box
        self._correction = Correction(*part.like(drawn))
        self.stages: tuple[dict[str, Any], ...] = (
            *drawn.stages,
            {
                "stage": "lay_back",
                "left": box.left, "top": box.top, "width": box.size.width, "height": box.size.height,
                "feather": part.feather,
                "matched": round(self._correction.largest, 1),
            },
        )  # fmt: skip

    def strips(self) -> Generator[Pixels]:
        original, box = self._part.original, self._part.box
        rows, height, inner = original.rows(), original.size.height, self._part.marked
        yield from _passed_on(rows, 0, inner.top)
        mask = self._part.mask[inner.top : inner.bottom, inner.left : inner.right]
        rim, row = Rim(mask, self._part.feather), box.top
        for strip in self._drawn.strips():
            first, last = max(row, inner.top), min(row + len(strip), inner.bottom)
            if first < last:
                corrected = self._correction.added(strip, row - box.top, height=box.size.height)
                part = corrected[first - row : last - row, inner.left - box.left : inner.right - box.left]
                whole = rows.between(first, last).copy()
                share = rim.rows(first - inner.top, last - inner.top)
                columns = slice(inner.left, inner.right)
                whole[:, columns] = laid_over(whole[:, columns], part, share)
                yield whole
            row += len(strip)
        yield from _passed_on(rows, inner.bottom, height)


def _passed_on(rows: Rows, first: int, last: int) -> Iterator[Pixels]:
    """Rows first..last as they are, in strips."""
    for top in range(first, last, STRIP_ROWS):
        yield rows.between(top, min(top + STRIP_ROWS, last))
