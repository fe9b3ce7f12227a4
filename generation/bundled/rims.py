"""Continues what reaches the rim of a picture of fields beyond it, also where the thing can't be fitted.

Two ways, the better first. The cells of a thing say what it is and where: where they don't agree well enough to write
the thing anew, what most of them say still completes it beyond the rim. And a distance to an outline changes by no more
than the distance between two places: what lies a cell deep in a thing has that thing around it for a cell. So a thing
that would end in a straight cut goes on for as far as it was deep, and ends round.
"""

from math import hypot
from typing import Final

import torch
from torch import Tensor

from . import fitting
from .canvas import Thing
from .fitting import Drawn, Fit
from .latents import FURTHEST, REACH, Layer
from .parts import things

_ROUGHLY: Final = 0.4  # share of cells that the completed thing and the old fields must both have inside
_FEW: Final = 2  # cells: fewer don't give size and middle
_SIZES: Final = (0.5, 20.0)  # cells: half the size of anything that is drawn
_AROUND: Final = 2  # cells: distances reach no further
_CLEAR: Final = 0.1  # of REACH: what differs by less is noise
_STEP: Final = 0.5  # change of place from cell to cell where a thing's own is unknown


def rough(fields: Tensor, layer: Layer, found: list[tuple[Fit, Drawn]]) -> list[Fit]:
    """Things of the layer at the rim of fields [C, h, w] that are none of those found, by what most cells say."""
    fields = fields.double()
    kinds = fitting.kinds(fields, layer)
    votes = fitting.votes(fields, layer, kinds)
    known = torch.zeros_like(kinds, dtype=torch.bool)
    for other, _exact in found:
        known[other.row, other.column] = True
    fits = []
    for thing in things(fields[layer.first] > 0):
        if bool((thing & known).any()) or not _is_at_the_rim(thing):
            continue
        fit = _by_most(fields, layer, votes, thing)
        if fit is None:
            continue
        exact = fitting.drawn(fit.thing, layer, fields.shape[2], fields.shape[1])
        if exact and fitting.is_like(fields, layer, fit, exact, _ROUGHLY):
            fits.append(fit)
    return fits


def _is_at_the_rim(thing: Tensor) -> bool:
    return bool(thing[0].any() or thing[-1].any() or thing[:, 0].any() or thing[:, -1].any())


def _by_most(fields: Tensor, layer: Layer, votes: fitting.Votes, thing: Tensor) -> Fit | None:
    """The commonest kind of its cells, and the medians of middle and size; None where too few have a say."""
    chosen = thing[votes.row, votes.column]
    if int(chosen.sum()) < _FEW:
        return None
    kind = votes.kind[chosen].mode().values
    chosen &= votes.kind == kind
    middle = votes.middle[chosen].median(0).values
    size = float(votes.size[chosen].median())
    if not _SIZES[0] <= size <= _SIZES[1]:
        return None
    row, column = thing.nonzero().unbind(1)
    found = Thing(layer.kinds[int(kind)], float(middle[0]), float(middle[1]), size, (1.0, 1.0, 1.0))
    return Fit(found, fields[layer.colour, row, column].median(1).values, row, column)


def continue_into(fields: Tensor, layer: Layer, is_new: Tensor) -> None:
    """Write into the new cells [h, w] of fields [C, h, w] what the old ones say must go on there."""
    known = torch.where(is_new, -torch.inf, fields[layer.first])
    deepest, down, across = _deepest(known)
    goes_on = is_new & (deepest > -1) & (deepest > fields[layer.first] + _CLEAR)
    row, column = goes_on.nonzero().unbind(1)
    if not len(row):
        return
    way = torch.stack((across[row, column], down[row, column]))
    source = (row - way[1], column - way[0])
    step = torch.full_like(known, 1 / REACH) if layer.small else _steps(fields, layer)
    place = fields[layer.place, source[0], source[1]] + way * step[source]
    fields[layer.code, row, column] = fields[layer.code, source[0], source[1]]
    fields[layer.colour, row, column] = fields[layer.colour, source[0], source[1]]
    fields[layer.place, row, column] = place.clamp(-FURTHEST, FURTHEST)
    fields[layer.first, row, column] = deepest[row, column]


def _deepest(known: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The least depth that any known cell around implies for a cell, and how far below and right of that one it is."""
    deepest = torch.full_like(known, -torch.inf)
    down, across = (torch.zeros_like(known, dtype=torch.long) for _ in range(2))
    for rows in range(-_AROUND, _AROUND + 1):
        for columns in range(-_AROUND, _AROUND + 1):
            implied = _shifted(known, rows, columns) - hypot(rows, columns) / REACH
            deeper = implied > deepest
            deepest = torch.where(deeper, implied, deepest)
            down = torch.where(deeper, rows, down)
            across = torch.where(deeper, columns, across)
    return deepest, down, across


def _shifted(cells: Tensor, down: int, right: int) -> Tensor:
    """Cells [h, w] moved; what comes in from outside is minus infinity."""
    out = torch.full_like(cells, -torch.inf)
    height, width = cells.shape
    target = (
        slice(max(0, down), height + min(0, down)),
        slice(max(0, right), width + min(0, right)),
    )
    source = (
        slice(max(0, -down), height + min(0, -down)),
        slice(max(0, -right), width + min(0, -right)),
    )
    out[target] = cells[source]
    return out


def _steps(fields: Tensor, layer: Layer) -> Tensor:
    """How much place changes from cell to cell, [h, w]."""
    double = fields.double()
    slope = fitting.slopes(double, layer, fitting.kinds(double, layer))
    usual = slope[~slope.isnan()]
    most = float(usual.median()) if len(usual) else _STEP
    return torch.where(slope.isnan(), most, slope).to(fields)
