"""Prepares a part of a picture's fields for redrawing: what the denoiser sees of the rest, and what it may change.

The sky, the far band, the ground and the lines between them stay: they go on behind whatever is drawn. Of the things,
those outside the part are not shown, so that they don't take the place of what is asked for. One that the part cuts is
continued in it, unless the part covers only a little of it: then it stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from .latents import BANDS, BEHIND, LAYERS, LINES, OBJECTS, Layer

_GRAZED: Final = 1 / 3  # of a thing's cells: fewer of them marked leave it as it is
_WITHIN: Final = 0.95  # of its cells: a thing of which more are marked is replaced, not continued
_ROOM: Final = 1.25  # a drawing is made a little smaller than would just fit: masks have round corners
_FAR: Final = 0.98  # distances are cut off at 1
_MARKED: Final = 0.5  # the level from which on a cell counts as marked
_AROUND: Final = 2  # cells beyond a thing's outline that still describe it


@dataclass(frozen=True, slots=True)
class Part:
    """What a run begins with, [C, h, w], the levels [C, h, w] it draws at, and how its drawing is made to fit.

    With a `shrink` above 1 the run has that much more room than the mask, and what it drew is made smaller afterwards,
    about `middle` (row, column, in cells): so nothing that it draws is cut off.
    """

    fields: Tensor
    seen: Tensor
    levels: Tensor
    shrink: float
    middle: tuple[float, float]

    @torch.no_grad()
    def whole(self, drawn: Tensor) -> Tensor:
        """The fields of the picture with what was drawn, [C, h, w]."""
        drawn = drawn.to(self.fields)
        if self.shrink > 1:
            drawn = _shrunk(drawn, self.shrink, self.middle)
        return torch.where(self.levels > 0, drawn, self.fields)


@torch.no_grad()
def part(fields: Tensor, marked: Tensor) -> Part:
    """The part of fields [C, h, w] that the levels [h, w] of a mask mark."""
    seen, stays = fields.clone(), torch.zeros_like(marked, dtype=torch.bool)
    is_continued = False
    for layer in (OBJECTS, BEHIND):
        for thing in things(fields[layer.first] > 0):
            share = float((marked[thing] > _MARKED).float().mean())
            if share == 0:
                clear(seen, layer, grown(thing, _AROUND))
                stays |= grown(thing, 1)
            elif share < _GRAZED:
                stays |= grown(thing, 1)
            elif share < _WITHIN:
                is_continued = True
    rows, columns = (marked > 0).any(1).nonzero(), (marked > 0).any(0).nonzero()
    if is_continued or not len(rows):
        levels, shrink, middle = marked.clone(), 1.0, (0.0, 0.0)
    else:
        levels = grown(marked > 0, 1).float()
        first, last = (rows.min(), columns.min()), (rows.max(), columns.max())
        middle = (float(first[0] + last[0] + 1) / 2, float(first[1] + last[1] + 1) / 2)
        narrowest = float(min(last[0] - first[0], last[1] - first[1])) + 1
        shrink = _ROOM * (narrowest + 2) / narrowest
    levels[stays] = 0
    for layer in LAYERS:
        clear(seen, layer, levels > 0)
    by_channel = levels.expand(len(fields), -1, -1).clone()
    by_channel[:BANDS] = 0
    return Part(fields, seen, by_channel, shrink, middle)


def _shrunk(fields: Tensor, by: float, middle: tuple[float, float]) -> Tensor:
    """The things smaller about the middle: each cell takes what was `by` times as far from it."""
    _, height, width = fields.shape
    row = middle[0] + (torch.arange(height) + 0.5 - middle[0]) * by
    column = middle[1] + (torch.arange(width) + 0.5 - middle[1]) * by
    at = torch.stack(torch.meshgrid(2 * row / height - 1, 2 * column / width - 1, indexing="ij")[::-1], 2)
    out = functional.grid_sample(fields[None], at[None], align_corners=False, padding_mode="border")[0]
    outside = (row < 0) | (row > height)
    aside = (column < 0) | (column > width)
    for layer in LAYERS:
        out[layer.first] /= by  # distances, in cells
        if layer.small:
            out[layer.place] /= by
        # What was cut off at -1 may have been further away.
        clear(out, layer, (out[layer.first] <= -_FAR / by) | outside[:, None] | aside[None])
    out[:BANDS] = fields[:BANDS]
    return out


def clear(fields: Tensor, layer: Layer, cells: Tensor) -> None:
    """Clear these cells of this layer."""
    fields[layer.first : layer.end, cells] = 0
    fields[layer.first, cells] = -1


def only(fields: Tensor, kept: Mapping[Layer, Tensor]) -> Tensor:
    """Keep these cells of these layers, and clear all others."""
    out = fields.clone()
    for layer in LAYERS:
        clear(out, layer, ~kept[layer] if layer in kept else torch.ones_like(fields[0], dtype=torch.bool))
    return out


def before(fields: Tensor, level: float) -> Tensor:
    """Put one grey, from -1 (black) to 1 (white), behind the things."""
    out = fields.clone()
    out[: LINES.start] = level
    return out


def things(inside: Tensor) -> list[Tensor]:
    """The connected groups of cells [h, w], neighbours at corners too."""
    numbers = torch.arange(1, inside.numel() + 1, dtype=torch.float32).view(inside.shape) * inside
    for _step in range(inside.numel()):
        wider = functional.max_pool2d(numbers[None, None], 3, 1, 1)[0, 0] * inside
        if torch.equal(wider, numbers):
            break
        numbers = wider
    return [numbers == number for number in numbers.unique() if number > 0]


def grown(cells: Tensor, by: int) -> Tensor:
    return functional.max_pool2d(cells.float()[None, None], 2 * by + 1, 1, by)[0, 0] > 0
