"""A picture from colours at points, coarse to fine: a point is computed only where its neighbours don't predict it.

A poster is flat nearly everywhere. So colours are computed on a coarse grid first. Where the corners of a square
differ, the points between them follow, and where those are not what the corners made expect, the four smaller squares
are looked at in turn, down to single pixels. Everything else is interpolated.
"""

import math
from collections.abc import Callable, Iterator
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.pointwise import levels
from generation.engine.pixels.resample import cover_box
from generation.requests.sizes import Size

# Places [N] across and down, in pixels of the source → colours [N, 3] in 0..1.
Colours = Callable[[Tensor, Tensor], Tensor]

_DIFFER: Final = (
    6 / 255
)  # corners of a square that differ by more are looked into, with the squares around it
_SURPRISE: Final = 3 / 255  # where a point is off by more, the squares around it are looked into
_COARSEST: Final = 32  # pixels; a strip is a whole number of squares


class Refined:
    """The middle part of a source that has the target's shape, at the target's size.

    The first squares are about a pixel of the source wide: nothing that the source's own pixels show is missed.
    """

    def __init__(self, colours: Colours, source: Size, target: Size, device: torch.device) -> None:
        box = cover_box(source, target)
        self._scale = (box.right - box.left) / target.width
        self._colours, self._box, self._target, self._device = colours, box, target, device
        self.side = _side(1 / self._scale)
        self._corners = self._first()

    def coarse(self) -> Pixels:
        """What is known so far, one pixel a square: a small picture of the whole."""
        return levels(self._corners[:-1, :-1])

    def strips(self) -> Iterator[Pixels]:
        """uint8 strips [rows, target.width, 3], top down."""
        side = self.side
        for top in range(0, self._target.height, STRIP_ROWS):
            rows = slice(top // side, (top + STRIP_ROWS) // side + 1)
            strip = self._refined(self._corners[rows], top)
            yield levels(strip[: self._target.height - top, : self._target.width])

    def _first(self) -> Tensor:
        """The corners of the first squares, [n + 1, m + 1, 3]."""
        down, across = (-(-n // self.side) for n in (self._target.height, self._target.width))
        row = torch.arange(down + 1, device=self._device) * self.side
        column = torch.arange(across + 1, device=self._device) * self.side
        rows, columns = torch.meshgrid(row, column, indexing="ij")
        return self._of(rows.flatten(), columns.flatten()).view(down + 1, across + 1, 3)

    def _refined(self, corners: Tensor, top: int) -> Tensor:
        """From corners [n + 1, m + 1, 3] of squares to all their pixels, [n * side, m * side, 3]; `top`: first row."""
        side = self.side
        chosen = _grown(_span(corners) > _DIFFER)
        while side > 1:
            side //= 2
            corners, chosen = self._halved(corners, chosen, top, side)
        return corners[:-1, :-1]

    def _halved(self, corners: Tensor, chosen: Tensor, top: int, side: int) -> tuple[Tensor, Tensor]:
        """The corners of squares half as wide, and which of these are to be looked into."""
        finer = _interpolated(corners)
        wanted = _points_of(chosen)
        row, column = wanted.nonzero().unbind(1)
        exact = self._of(top + row * side, column * side)
        surprise = torch.zeros_like(wanted)
        surprise[row, column] = (exact - finer[row, column]).abs().amax(1) > _SURPRISE
        finer[row, column] = exact
        return finer, _squares_of(surprise)

    def _of(self, row: Tensor, column: Tensor) -> Tensor:
        """The colours of pixels of the target, [N, 3]."""
        return self._colours(
            self._box.left + (column + 0.5) * self._scale, self._box.top + (row + 0.5) * self._scale
        )


def _side(pixels: float) -> int:
    """The power of two that is nearest to a pixel of the source, and divides a strip."""
    return min(_COARSEST, 1 << max(0, round(math.log2(max(1.0, pixels)))))


def _span(corners: Tensor) -> Tensor:
    """By how much the corners of each square differ, [n, m]."""
    four = torch.stack((corners[:-1, :-1], corners[:-1, 1:], corners[1:, :-1], corners[1:, 1:]))
    return (four.amax(0) - four.amin(0)).amax(2)


def _interpolated(corners: Tensor) -> Tensor:
    """[n + 1, m + 1, 3] → [2n + 1, 2m + 1, 3], points between two corners their mean, in the middle that of four."""
    height, width, channels = corners.shape
    out = corners.new_empty(2 * height - 1, 2 * width - 1, channels)
    out[::2, ::2] = corners
    torch.lerp(corners[:-1], corners[1:], 0.5, out=out[1::2, ::2])
    torch.lerp(out[:, :-2:2], out[:, 2::2], 0.5, out=out[:, 1::2])
    return out


def _points_of(squares: Tensor) -> Tensor:
    """[n, m] → [2n + 1, 2m + 1]: the points that halve the chosen squares, without their corners."""
    points = _touched(squares.repeat_interleave(2, 0).repeat_interleave(2, 1))
    points[::2, ::2] = False
    return points


def _touched(squares: Tensor) -> Tensor:
    """[n, m] → [n + 1, m + 1]: the corners of the chosen squares."""
    return functional.max_pool2d(functional.pad(squares.float()[None, None], (1, 1, 1, 1)), 2, 1)[0, 0] > 0


def _squares_of(points: Tensor) -> Tensor:
    """[n + 1, m + 1] → [n, m]: the squares with a chosen corner."""
    return points[:-1, :-1] | points[:-1, 1:] | points[1:, :-1] | points[1:, 1:]


def _grown(squares: Tensor) -> Tensor:
    """The chosen squares and their neighbours."""
    return functional.max_pool2d(squares.float()[None, None], 3, 1, 1)[0, 0] > 0
