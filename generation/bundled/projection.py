"""Denoised fields become the fields of a drawing, where they are nearly those already: straight walls, round moons.

What the denoiser leaves in the fields is a little noise, and noise in places bends outlines. But the truth is simple.
Inside one thing the place channels are (X - x) / size and (Y - y) / size. So every cell of a kind votes for the
middle and size of its own thing; votes that agree are one thing; a robust fit over its cells gives the three numbers,
and the thing's exact fields are written back. Lines are sums of two waves, and bands have one colour a row. What does
not fit well keeps the fields that it has, as do small scattered things.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import tau
from typing import Final

import torch
from torch import Tensor

from . import apart, latents, parts
from .canvas import Curve, Layout, Thing
from .draw import PAINTERS, Stack, brush_for, cover, stack
from .latents import FURTHEST, REACH, Layer, codes

_SEEN: Final = -0.75  # a cell's outline from which on it has a vote
_STEEP: Final = (
    0.05  # the smallest change of place from cell to cell: things are at most 20 cells in half size
)
_NEAR: Final = 0.35  # of a thing's size: votes that are nearer agree
_SAME: Final = 0.45  # the same, for those that belong to a group
_FEW: Final = 4  # cells that make no thing
_ROUNDS: Final = 5  # of reweighting
_OFF: Final = 0.16  # of a thing's size: how far places may be off their fit, on average
_ALIKE: Final = 0.6  # share of cells that the fit and the old fields both have inside, of those that one has
_WAVES: Final = 10  # frequencies tried for each wave
_BENT: Final = 0.12  # cells that a line may be off its fit
_STRAIGHT: Final = 0.06  # cells that a line may be off a straight one to be one
_SPOTTED: Final = 0.08  # how far the colours of a band's row may be from their middle

CHANNELS: Final = latents.CHANNELS
part: Final = parts.part
before: Final = apart.before
emptied: Final = apart.emptied
foreground: Final = apart.foreground
layers: Final = apart.layers


@dataclass(frozen=True, slots=True)
class Projected:
    """Fields [C, h, w], and how many things and lines in them are exact now."""

    fields: Tensor
    things: int
    lines: int


@torch.no_grad()
def project(fields: Tensor) -> Projected:
    """The fields of one picture [C, h, w], as a drawing would have them where they fit one. The input stays."""
    out = fields.detach().float().cpu().clone()
    _level_bands(out)
    lines = sum(_straighten(out, channel) for channel in range(latents.LINES.start, latents.LINES.stop))
    things = sum(_set_things(out, layer) for layer in (latents.OBJECTS, latents.BEHIND))
    return Projected(out.to(fields), things, lines)


@dataclass(frozen=True, slots=True)
class _Votes:
    """One a row: kind, middle (2) and half size in cells, and the cell it comes from (row, column)."""

    kind: Tensor
    middle: Tensor
    size: Tensor
    row: Tensor
    column: Tensor


@dataclass(frozen=True, slots=True)
class _Fit:
    """A thing, its colour in -1..1, and the cells that voted for it."""

    thing: Thing
    colour: Tensor
    row: Tensor
    column: Tensor


def _set_things(fields: Tensor, layer: Layer) -> int:
    """Write the exact fields of every thing of the layer that fits; return how many did."""
    kinds = _kinds(fields, layer)
    before = fields.clone()
    votes = _votes(before, layer, kinds)
    exact = []
    for group in _groups(votes):
        fit = _fit(before, layer, votes, group)
        if fit and (drawn := _drawn(before, layer, fit.thing)) and _is_like(before, layer, kinds, fit, drawn):
            exact.append((fit, drawn))
    for fit, _ in exact:
        fields[layer.first : layer.end, fit.row, fit.column] = 0
        fields[layer.first, fit.row, fit.column] = -1
    nearest = torch.full(fields.shape[1:], torch.inf)
    for fit, drawn in exact:
        won = drawn[2] < nearest[drawn[0], drawn[1]]
        row, column, distance, place = (part[..., won] for part in drawn)
        nearest[row, column] = distance
        fields[layer.first, row, column] = -distance.clamp(-REACH, REACH) / REACH
        fields[layer.code, row, column] = codes(layer)[layer.kinds.index(fit.thing.kind)][:, None].expand(
            -1, len(row)
        )
        fields[layer.place, row, column] = place.clamp(-FURTHEST, FURTHEST)
        fields[layer.colour, row, column] = fit.colour[:, None].expand(-1, len(row))
    return len(exact)


def _kinds(fields: Tensor, layer: Layer) -> Tensor:
    """The number of the nearest kind in every cell, [h, w]."""
    return torch.einsum("chw,kc->khw", fields[layer.code], codes(layer)).argmax(0)


def _votes(fields: Tensor, layer: Layer, kinds: Tensor) -> _Votes:
    """By the change of place from a cell to its neighbours of the same kind: size first, then the middle."""
    there = fields[layer.first] > _SEEN
    across, down = fields[layer.place]
    slopes = torch.full((4, *kinds.shape), torch.nan)
    for number, (place, axis) in enumerate(((across, 1), (down, 0))):
        same = (
            kinds.narrow(axis, 1, kinds.shape[axis] - 1) == kinds.narrow(axis, 0, kinds.shape[axis] - 1)
        ) & (there.narrow(axis, 1, kinds.shape[axis] - 1) & there.narrow(axis, 0, kinds.shape[axis] - 1))
        change = place.diff(dim=axis)
        change = torch.where(same & (change > _STEEP), change, torch.nan)
        slopes[2 * number].narrow(axis, 0, change.shape[axis]).copy_(change)
        slopes[2 * number + 1].narrow(axis, 1, change.shape[axis]).copy_(change)
    slope = slopes.nanmedian(0).values
    row, column = (there & ~slope.isnan()).nonzero().unbind(1)
    size = 1 / slope[row, column]
    place = torch.stack((across[row, column], down[row, column]), 1)
    middle = torch.stack((column, row), 1) + 0.5 - place * size[:, None]
    return _Votes(kinds[row, column], middle, size, row, column)


def _groups(votes: _Votes) -> Iterator[Tensor]:
    """Indices of votes that agree, the largest group first."""
    apart = torch.cdist(votes.middle, votes.middle)
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


def _fit(fields: Tensor, layer: Layer, votes: _Votes, group: Tensor) -> _Fit | None:
    """Least squares of size and middle over the cells of a group; what is off counts less, cells inside more."""
    row, column = votes.row[group], votes.column[group]
    cells = torch.stack((column, row), 1) + 0.5
    place = fields[layer.place, row, column].T
    inside = (fields[layer.first, row, column] + 1).clamp(min=0.05)
    weight = inside / inside.sum()
    for _ in range(_ROUNDS):
        at, told = weight @ cells, weight @ place
        spread = (weight[:, None] * (cells - at).pow(2)).sum().clamp(min=1e-6)
        slope = float((weight[:, None] * (cells - at) * (place - told)).sum() / spread)
        off = (place - told - slope * (cells - at)).norm(dim=1)
        weight = inside / (0.05 + off)
        weight = weight / weight.sum()
    if slope < _STEEP or float(weight @ off) > _OFF:
        return None
    middle = at - told / slope
    kind = layer.kinds[int(votes.kind[group[0]])]
    thing = Thing(kind, float(middle[0]), float(middle[1]), 1 / slope, (1.0, 1.0, 1.0))
    return _Fit(thing, fields[layer.colour, row, column] @ weight, row, column)


_Drawn = tuple[Tensor, Tensor, Tensor, Tensor]


def _drawn(fields: Tensor, layer: Layer, thing: Thing) -> _Drawn | None:
    """The cells of a thing and its margin: row, column, distance to the outline, place [2, N]; None for no cell."""
    height, width = fields.shape[1:]
    things = _alone(thing, width, height)
    number, u, v, index = cover(things, torch.zeros(1, dtype=torch.long), width, height, 1, layer.margin)
    brush = brush_for(things, number, u, v, 1)
    PAINTERS[thing.kind](brush)
    distance = brush.distance * thing.size
    near = distance < layer.margin
    row, column = torch.div(index[near], width, rounding_mode="floor"), index[near] % width
    return (row, column, distance[near], torch.stack((u, v))[:, near]) if len(row) else None


def _alone(thing: Thing, width: int, height: int) -> Stack:
    white = ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))
    layout = Layout(width, height, white, white, white, Curve(), Curve(), (1, 1, 1), (1, 1, 1), 0.0, [thing])
    return stack([layout], "cpu")


def _is_like(fields: Tensor, layer: Layer, kinds: Tensor, fit: _Fit, drawn: _Drawn) -> bool:
    """Whether the exact thing is about where the old fields had it: a fit that grew or moved is none."""
    row, column, distance, _ = drawn
    exact = torch.zeros_like(kinds, dtype=torch.bool)
    exact[row, column] = distance < 0
    old = torch.zeros_like(exact)
    old[fit.row, fit.column] = fields[layer.first, fit.row, fit.column] > 0
    # Thin things have few cells with their middle inside: those within half a cell of the outline count for neither.
    sure = torch.ones_like(exact)
    sure[row, column] = distance.abs() > 0.5
    sure[fit.row, fit.column] &= fields[layer.first, fit.row, fit.column].abs() * REACH > 0.5
    exact, old = exact & sure, old & sure
    either = int((exact | old).sum())
    return either == 0 or int((exact & old).sum()) >= _ALIKE * either


def _level_bands(fields: Tensor) -> None:
    """Sky, far band and ground have one colour a row: its median, where the row is of one colour nearly."""
    bands = fields[: latents.LINES.start]
    middle = bands.median(dim=2, keepdim=True).values
    level = (bands - middle).abs().mean(2, keepdim=True) < _SPOTTED
    fields[: latents.LINES.start] = torch.where(level, middle, bands)


def _straighten(fields: Tensor, channel: int) -> bool:
    """Write the exact distances to a line that is a sum of two waves nearly; say whether it was one."""
    distance = fields[channel]
    height = _crossings(distance)
    if height is None:
        return False
    fitted, slope, off = _waves(height)
    if off > _BENT:
        return False
    rows = torch.arange(distance.shape[0])[:, None] + 0.5
    exact = (fitted - rows) / torch.sqrt(1 + slope * slope)
    fields[channel] = exact.clamp(-REACH, REACH) / REACH
    return True


def _crossings(distance: Tensor) -> Tensor | None:
    """How far down the line is in every column, in cells [w]; None where it is in some column outside."""
    above, below = distance[:-1], distance[1:]
    crosses = (above > 0) & (below <= 0)
    if not bool((crosses.sum(0) == 1).all()):
        return None
    row = crosses.float().argmax(0)
    column = torch.arange(distance.shape[1])
    over, under = above[row, column], below[row, column]
    return row + 0.5 + over / (over - under)


def _waves(height: Tensor) -> tuple[Tensor, Tensor, float]:
    """The best sum of a base and two waves of the frequencies that lines have: heights, slopes, how far it is off."""
    x = torch.arange(len(height)) + 0.5
    base = height.mean()
    if float((height - base).abs().mean()) < _STRAIGHT:
        return base.expand(len(height)), torch.zeros_like(x), 0.0
    best: tuple[Tensor, Tensor, float] = (height, torch.zeros_like(x), torch.inf)
    for first in torch.linspace(0.5, 1.1, _WAVES) * tau / 14:
        for second in torch.linspace(1.2, 2.2, _WAVES) * tau / 14:
            angles = torch.stack((first * x, second * x))
            sines, cosines = angles.sin(), angles.cos()
            parts = torch.stack((torch.ones_like(x), *sines, *cosines), 1)
            found = torch.linalg.lstsq(parts, height[:, None]).solution[:, 0]
            fitted = parts @ found
            off = float((height - fitted).abs().mean())
            if off < best[2]:
                slopes = (first * cosines[0], second * cosines[1], -first * sines[0], -second * sines[1])
                change = torch.stack((torch.zeros_like(x), *slopes), 1)
                best = (fitted, change @ found, off)
    return best
