"""Puts a picture's fields on a larger canvas: they are continued beyond its rim, and things are drawn where it is new.

Bands of colour go on sideways, lines as the waves that they are. A thing that the rim cuts is whole on the canvas where
it can be fitted, and completed beyond the rim where its cells roughly agree. One that can't is left to the denoiser,
which sees the rest of it, and rounded off where that left it cut (`rims`).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from . import fitting, lines, rims
from .fitting import Drawn, Fit
from .latents import BANDS, BEHIND, LAYERS, LINES, OBJECTS, Layer
from .parts import clear, grown, things

_FAR: Final = 0.98  # distances are cut off at 1
_HAIR: Final = 0.01  # of a cell: so little of the old picture in it is ignored
_MARGIN: Final = 2  # cells: what is drawn ends so far before the old picture, or goes on from it
_SMALL_MARGIN: Final = 1  # the same, for things of about a cell

_Things = list[tuple[Layer, list[tuple[Fit, Drawn]]]]


@dataclass(frozen=True, slots=True)
class Widened:
    """The fields of the canvas [C, h, w] before anything new is drawn, what a run begins with, and its levels."""

    fields: Tensor
    seen: Tensor
    levels: Tensor
    is_new: Tensor  # [h, w]: cells in which nothing of the old picture is

    @torch.no_grad()
    def whole(self, drawn: Tensor) -> Tensor:
        """The fields with what was drawn, without new things that the old picture would cut."""
        drawn = drawn.to(self.fields)
        free = self.levels[-1] > 0
        out = torch.where(self.levels > 0, drawn, self.fields)
        for layer in LAYERS:
            margin = _SMALL_MARGIN if layer.small else _MARGIN
            near = grown(~free, margin) & free
            for thing in things(out[layer.first] > 0):
                is_new = not bool((thing & ~free).any())
                if is_new and bool((thing & near).any()):
                    clear(out, layer, grown(thing, margin) & free)
            rims.continue_into(out, layer, self.is_new)
        return out


@torch.no_grad()
def widened(fields: Tensor, size: tuple[int, int], step: float, left: float, top: float) -> Widened:
    """Fields [C, h, w] on a canvas of so many columns and rows.

    A new cell is `step` old ones wide, and the corner of the first is at (left, top) in old cells.
    """
    columns, rows = size
    y, x = top + step * lines.middles(rows), left + step * lines.middles(columns)
    rest = fields.clone()
    whole, rough = _whole_things(fields, rest, step, left, top, size)
    out = _placed(rest, x, y, step)
    for channel in range(LINES.start, LINES.stop):
        if line := lines.find(fields[channel]):
            out[channel] = lines.distances(line, x, y, step).to(out)
    outside = _outside(y, step, fields.shape[1])[:, None] | _outside(x, step, fields.shape[2])
    is_new = outside.expand(rows, columns)
    for layer in LAYERS:
        clear(out, layer, is_new)
    stays = torch.zeros_like(is_new)
    for layer, moved in (*whole, *((layer, _only(is_new, moved)) for layer, moved in rough)):
        fitting.write(out, layer, moved)
        for _fit, (row, column, distance, _place) in moved:
            stays[row, column] |= distance < 1
    levels = (is_new & ~stays).to(out).expand(len(out), -1, -1).clone()
    levels[:BANDS] = 0
    return Widened(out, out.clone(), levels, is_new)


def _outside(middles: Tensor, step: float, length: int) -> Tensor:
    """Whether nothing of 0..length is in the new cells with these middles."""
    return (middles + step / 2 <= _HAIR) | (middles - step / 2 >= length - _HAIR)


def _whole_things(
    fields: Tensor, rest: Tensor, step: float, left: float, top: float, size: tuple[int, int]
) -> tuple[_Things, _Things]:
    """The things that fit, as they are on the canvas, taken out of `rest`; and those at the rim that fit roughly."""
    whole, rough = [], []
    for layer in (OBJECTS, BEHIND):
        found = fitting.find(fields, layer)
        moved = []
        for fit, _exact in found:
            if here := _moved(fit, layer, step, left, top, size):
                fitting.clear(rest, layer, fit)
                moved.append(here)
        whole.append((layer, moved))
        at_the_rim = (_moved(fit, layer, step, left, top, size) for fit in rims.rough(fields, layer, found))
        rough.append((layer, [here for here in at_the_rim if here]))
    return whole, rough


def _moved(
    fit: Fit, layer: Layer, step: float, left: float, top: float, size: tuple[int, int]
) -> tuple[Fit, Drawn] | None:
    """A thing of the picture on the canvas; None where nothing of it is there."""
    thing = fit.thing
    here = fitting.moved(fit, (thing.x - left) / step, (thing.y - top) / step, thing.size / step)
    exact = fitting.drawn(here.thing, layer, *size)
    return (here, exact) if exact else None


def _only(cells: Tensor, things_: list[tuple[Fit, Drawn]]) -> list[tuple[Fit, Drawn]]:
    """What these things are in some cells [h, w]."""
    found = []
    for fit, exact in things_:
        row, column, distance, place = exact
        here = cells[row, column]
        found.append((fit, (row[here], column[here], distance[here], place[:, here])))
    return found


def _placed(fields: Tensor, x: Tensor, y: Tensor, step: float) -> Tensor:
    """Each new cell takes the value of the old ones at its middle, or at the rim next to it."""
    _, height, width = fields.shape
    at = torch.stack(torch.meshgrid(2 * y / height - 1, 2 * x / width - 1, indexing="ij")[::-1], 2)
    out = functional.grid_sample(
        fields[None], at[None].to(fields), align_corners=False, padding_mode="border"
    )[0]
    for channel in range(LINES.start, LINES.stop):
        out[channel] = _scaled(out[channel], step)
    for layer in LAYERS:
        out[layer.first] = _scaled(out[layer.first], step)
        if layer.small:
            out[layer.place] /= step
        clear(out, layer, out[layer.first] <= -1)
    return out


def _scaled(distance: Tensor, step: float) -> Tensor:
    """Distances in new cells. What was cut off at the end of the scale may be further away than it says."""
    far = distance.abs() >= _FAR
    return torch.where(far, distance.sign(), distance / step).clamp(-1, 1)
