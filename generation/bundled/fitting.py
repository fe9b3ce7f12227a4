"""Finds the things in a picture's fields by the places that their cells hold, fits them and writes them exactly.

Inside one thing the place channels are (X - x) / size and (Y - y) / size. So every cell of a kind votes for the middle
and size of its own thing; votes that agree are one thing; a robust fit over its cells gives the three numbers. All of
it is computed in double precision: see `lines`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from .canvas import Curve, Layout, Thing
from .draw import PAINTERS, Stack, brush_for, cover, stack
from .latents import FURTHEST, REACH, Layer, codes

_SEEN: Final = -0.75  # outline distance from which on a cell votes
# The smallest change of place from cell to cell: things are at most 20 cells in half size.
_STEEP: Final = 0.05
_NEAR: Final = 0.35  # of a thing's size: votes that are nearer agree
_SAME: Final = 0.45  # the same, for those that belong to a group
_FEW: Final = 4  # cells: a group of fewer is no thing
_ROUNDS: Final = 5  # of reweighting
_OFF: Final = 0.16  # of a thing's size: how far places may be off their fit, on average
_ALIKE: Final = 0.6  # share of cells that the fit and the old fields both have inside, of those that one has

# The cells of a thing and its margin: row, column, distance to the outline, place [2, N].
Drawn = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Fit:
    """A thing, its colour in -1..1, and the cells that voted for it."""

    thing: Thing
    colour: Tensor
    row: Tensor
    column: Tensor


def find(fields: Tensor, layer: Layer, hidden: Tensor | None = None) -> list[tuple[Fit, Drawn]]:
    """The things of the layer that fit their cells [C, h, w], each with its exact fields there.

    In `hidden` cells [h, w] something else is in front: whether they fit doesn't count.
    """
    fields = fields.double()
    cast = votes(fields, layer, kinds(fields, layer))
    found = []
    for group in _groups(cast):
        fit = _fit(fields, layer, cast, group)
        if fit is None:
            continue
        exact = drawn(fit.thing, layer, fields.shape[2], fields.shape[1])
        if exact and is_like(fields, layer, fit, exact, _ALIKE, hidden):
            found.append((fit, exact))
    return found


def write(fields: Tensor, layer: Layer, things: Sequence[tuple[Fit, Drawn]]) -> None:
    """Put the exact fields of these things into fields [C, h, w]."""
    nearest = torch.full(fields.shape[1:], torch.inf)
    for fit, exact in things:
        won = exact[2] < nearest[exact[0], exact[1]]
        row, column, distance, place = (part[..., won] for part in exact)
        nearest[row, column] = distance
        word = codes(layer)[layer.kinds.index(fit.thing.kind)].to(fields)
        fields[layer.first, row, column] = -distance.clamp(-REACH, REACH).to(fields) / REACH
        fields[layer.code, row, column] = word[:, None].expand(-1, len(row))
        fields[layer.place, row, column] = place.clamp(-FURTHEST, FURTHEST).to(fields)
        fields[layer.colour, row, column] = fit.colour.to(fields)[:, None].expand(-1, len(row))


def clear(fields: Tensor, layer: Layer, fit: Fit) -> None:
    """Clear the cells of a thing in fields [C, h, w]."""
    fields[layer.first : layer.end, fit.row, fit.column] = 0
    fields[layer.first, fit.row, fit.column] = -1


def drawn(thing: Thing, layer: Layer, width: int, height: int) -> Drawn | None:
    """The cells of a thing and its margin on a grid of this size; None where it covers none."""
    things = _alone(thing, width, height)
    number, u, v, index = cover(things, torch.zeros(1, dtype=torch.long), width, height, 1, layer.margin)
    brush = brush_for(things, number, u, v, 1)
    PAINTERS[thing.kind](brush)
    distance = brush.distance * thing.size
    near = distance < layer.margin
    row, column = torch.div(index[near], width, rounding_mode="floor"), index[near] % width
    return (row, column, distance[near], torch.stack((u, v))[:, near]) if len(row) else None


def moved(fit: Fit, x: float, y: float, size: float) -> Fit:
    """The same thing elsewhere, and of another size."""
    return replace(fit, thing=replace(fit.thing, x=x, y=y, size=size))


@dataclass(frozen=True, slots=True)
class Votes:
    """One a row: kind, middle (2) and half size in cells, and the cell it comes from (row, column)."""

    kind: Tensor
    middle: Tensor
    size: Tensor
    row: Tensor
    column: Tensor


def kinds(fields: Tensor, layer: Layer) -> Tensor:
    """The number of the nearest kind in every cell, [h, w]."""
    return torch.einsum("chw,kc->khw", fields[layer.code], codes(layer).to(fields)).argmax(0)


def votes(fields: Tensor, layer: Layer, kinds: Tensor) -> Votes:
    """By the change of place from a cell to its neighbours of the same kind: size first, then the middle."""
    slope = slopes(fields, layer, kinds)
    row, column = (~slope.isnan()).nonzero().unbind(1)
    size = 1 / slope[row, column]
    place = fields[layer.place, row, column].T
    middle = torch.stack((column, row), 1) + 0.5 - place * size[:, None]
    return Votes(kinds[row, column], middle, size, row, column)


def slopes(fields: Tensor, layer: Layer, kinds: Tensor) -> Tensor:
    """How much place changes from each cell of a thing to the next, [h, w]; NaN where no neighbour shows it."""
    there = fields[layer.first] > _SEEN
    across, down = fields[layer.place]
    found = torch.full((4, *kinds.shape), torch.nan, dtype=fields.dtype)
    for number, (place, axis) in enumerate(((across, 1), (down, 0))):
        same = (
            kinds.narrow(axis, 1, kinds.shape[axis] - 1) == kinds.narrow(axis, 0, kinds.shape[axis] - 1)
        ) & (there.narrow(axis, 1, kinds.shape[axis] - 1) & there.narrow(axis, 0, kinds.shape[axis] - 1))
        change = place.diff(dim=axis)
        change = torch.where(same & (change > _STEEP), change, torch.nan)
        found[2 * number].narrow(axis, 0, change.shape[axis]).copy_(change)
        found[2 * number + 1].narrow(axis, 1, change.shape[axis]).copy_(change)
    return found.nanmedian(0).values


def _groups(votes: Votes) -> Iterator[Tensor]:
    """Indices of votes that agree, the largest group first."""
    # Without the product of matrices, whose rounding near 0 is coarse.
    apart = torch.cdist(votes.middle, votes.middle, compute_mode="donot_use_mm_for_euclid_dist")
    same = votes.kind[:, None] == votes.kind[None]
    agree = same & (apart < _NEAR * votes.size[:, None])
    belong = same & (apart < _SAME * votes.size[:, None])
    left = torch.ones(len(votes.kind), dtype=torch.bool)
    while left.any():
        best = int(torch.where(left, (agree & left).sum(1), -1).argmax())
        group = belong[best] & left
        group[best] = True
        left &= ~group
        if int(group.sum()) >= _FEW:
            yield group.nonzero().squeeze(1)


def _fit(fields: Tensor, layer: Layer, votes: Votes, group: Tensor) -> Fit | None:
    """Least squares of size and middle over the cells of a group; what is off counts less, cells inside more."""
    row, column = votes.row[group], votes.column[group]
    cells = torch.stack((column, row), 1).to(fields) + 0.5
    place = fields[layer.place, row, column].T
    inside = (fields[layer.first, row, column] + 1).clamp(min=0.05)
    weight = inside / inside.sum()
    for _ in range(_ROUNDS):
        at, mean_place = weight @ cells, weight @ place
        spread = (weight[:, None] * (cells - at).pow(2)).sum().clamp(min=1e-6)
        slope = float((weight[:, None] * (cells - at) * (place - mean_place)).sum() / spread)
        off = (place - mean_place - slope * (cells - at)).norm(dim=1)
        weight = inside / (0.05 + off)
        weight = weight / weight.sum()
    if slope < _STEEP or float(weight @ off) > _OFF:
        return None
    middle = at - mean_place / slope
    kind = layer.kinds[int(votes.kind[group[0]])]
    thing = Thing(kind, float(middle[0]), float(middle[1]), 1 / slope, (1.0, 1.0, 1.0))
    return Fit(thing, fields[layer.colour, row, column] @ weight, row, column)


def _alone(thing: Thing, width: int, height: int) -> Stack:
    white = ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))
    layout = Layout(width, height, white, white, white, Curve(), Curve(), (1, 1, 1), (1, 1, 1), 0.0, [thing])
    return stack([layout], "cpu")


def is_like(
    fields: Tensor, layer: Layer, fit: Fit, exact: Drawn, share: float, hidden: Tensor | None = None
) -> bool:
    """Whether the exact thing is about where the old fields had it: a fit that grew or moved doesn't count.

    `share` is the least share of cells that both have inside, of those that one of them has; `hidden` ones [h, w]
    aren't asked.
    """
    row, column, distance, _ = exact
    new = torch.zeros_like(fields[0], dtype=torch.bool)
    new[row, column] = distance < 0
    old = torch.zeros_like(new)
    old[fit.row, fit.column] = fields[layer.first, fit.row, fit.column] > 0
    # Thin things have few cells with their middle inside: those within half a cell of the outline count for neither.
    sure = torch.ones_like(new)
    sure[row, column] = distance.abs() > 0.5
    sure[fit.row, fit.column] &= fields[layer.first, fit.row, fit.column].abs() * REACH > 0.5
    if hidden is not None:
        sure &= ~hidden
    new, old = new & sure, old & sure
    either = int((new | old).sum())
    return either == 0 or int((new & old).sum()) >= share * either
