"""A part of a picture, redrawn: what the model is given of it, and how its drawing comes back into the picture."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from generation.engine.edits.original import Original, read_mask, through
from generation.engine.finishing import Finish
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.laying import Levels, Rim, laid_over
from generation.engine.pixels.matching import Correction
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
        """The mask in the box as the model gets it; what overhangs the picture may be drawn as it likes."""
        return through(self.mask, self.box, size, Image.Resampling.BOX)

    def like(self, drawn: Finish) -> tuple[Pixels, Pixels, Levels]:
        """The picture in the box as the drawing's small picture shows it, that, and the mask: all of one size."""
        height, width = drawn.small.shape[:2]
        if drawn.every is None:
            size = Size(width, height)
            marked = np.asarray(self.small_mask(size))
            return np.asarray(self.reference(size)), drawn.small, (marked > _HALF).astype(np.uint8)
        rows = np.clip(self.box.top + np.arange(height) * drawn.every, 0, self.original.size.height - 1)
        columns = np.clip(self.box.left + np.arange(width) * drawn.every, 0, self.original.size.width - 1)
        at = np.ix_(rows, columns)
        return self.original.pixels[at][:, :, :3], drawn.small, (self.mask[at] > _HALF).astype(np.uint8)

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
        inner = box.within(original.size)
        yield from original.rows(0, inner.top)
        mask = self._part.mask[inner.top : inner.bottom, inner.left : inner.right]
        rim, row = Rim(mask, self._part.feather), box.top
        for strip in self._drawn.strips():
            first, last = max(row, inner.top), min(row + len(strip), inner.bottom)
            if first < last:
                corrected = self._correction.added(strip, row - box.top, height=box.size.height)
                part = corrected[first - row : last - row, inner.left - box.left : inner.right - box.left]
                rows = original.pixels[first:last].copy()
                share = rim.rows(first - inner.top, last - inner.top)
                columns = slice(inner.left, inner.right)
                rows[:, columns] = laid_over(rows[:, columns], part, share)
                yield rows
            row += len(strip)
        yield from original.rows(inner.bottom, original.size.height)
