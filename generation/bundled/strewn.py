"""Finds the small scattered things in a picture's fields, as `fitting` does large ones.

Their cells hold how far the thing's middle is, in cells, so every cell votes for a middle. The size is the one whose
distances to the outline are nearest to those of the cells.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import torch
from torch import Tensor

from .canvas import Curve, Layout, Thing
from .draw import ALL_KINDS, PAINTERS, brush_for, cover, stack
from .fitting import Drawn, Fit, kinds
from .latents import FURTHEST, REACH, SCATTERED
from .scatter import SIZES

_SEEN: Final = -0.75  # outline distance from which on a cell votes
_NEAR: Final = 0.4  # cells: votes that are nearer agree
_FEW: Final = 4  # cells: fewer are no thing
_OFF: Final = 0.2  # cells that distances may be off, on average
_SCALES: Final = tuple(0.8 + 0.05 * step for step in range(8))  # of a kind's usual size
_ROUNDS: Final = 4  # of reweighting
_WHITE: Final = ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))


def find(fields: Tensor) -> list[tuple[Fit, Drawn]]:
    """The small things that fit their cells [C, h, w], each with its exact fields there."""
    fields = fields.double()
    found = []
    groups = list(_groups(fields))
    candidates = [
        Thing(kind, float(middle[0]), float(middle[1]), SIZES[kind] * scale, (1.0, 1.0, 1.0))
        for kind, middle, _, _ in groups
        for scale in _SCALES
    ]
    exact = _drawn(candidates, fields.shape[2], fields.shape[1])
    for number, (_, _, row, column) in enumerate(groups):
        tries = range(number * len(_SCALES), (number + 1) * len(_SCALES))
        off, best = min((_off(fields, exact[at], row, column), at) for at in tries)
        if off > _OFF / REACH:
            continue
        weight = (fields[SCATTERED.first, row, column] + 1).clamp(min=0.05)
        colour = fields[SCATTERED.colour, row, column] @ (weight / weight.sum())
        found.append((Fit(candidates[best], colour, row, column), exact[best]))
    return found


def _groups(fields: Tensor) -> Iterator[tuple[str, Tensor, Tensor, Tensor]]:
    """Kind, middle (2) in cells, and the cells (row, column) that agree about it, the largest group first."""
    kind = kinds(fields, SCATTERED)
    row, column = (fields[SCATTERED.first] > _SEEN).nonzero().unbind(1)
    own = kind[row, column]
    votes = torch.stack((column, row), 1) + 0.5 - fields[SCATTERED.place, row, column].T * REACH
    agree = torch.cdist(votes, votes, compute_mode="donot_use_mm_for_euclid_dist") < _NEAR
    agree &= own[:, None] == own[None]
    left = torch.ones(len(row), dtype=torch.bool)
    while left.any():
        best = int(torch.where(left, (agree & left).sum(1), -1).argmax())
        group = agree[best] & left
        group[best] = True
        left &= ~group
        if int(group.sum()) >= _FEW:
            inside = fields[SCATTERED.first, row[group], column[group]] + 1
            middle = _middle(votes[group], inside.clamp(min=0.05))
            yield SCATTERED.kinds[int(own[best])], middle, row[group], column[group]


def _middle(votes: Tensor, inside: Tensor) -> Tensor:
    """The mean of votes [n, 2]: those from inside count more, those that are off less."""
    weight = inside / inside.sum()
    for _ in range(_ROUNDS):
        off = (votes - weight @ votes).norm(dim=1)
        weight = inside / (0.02 + off)
        weight = weight / weight.sum()
    return weight @ votes


def _off(fields: Tensor, exact: Drawn, row: Tensor, column: Tensor) -> float:
    """How far the outline distances of these cells are from the exact ones, on average, as fields have them."""
    drawn = torch.full(fields.shape[1:], -1.0, dtype=fields.dtype)
    drawn[exact[0], exact[1]] = (-exact[2].clamp(-REACH, REACH) / REACH).to(fields)
    return float((drawn - fields[SCATTERED.first])[row, column].abs().mean())


def _drawn(things: Sequence[Thing], width: int, height: int) -> list[Drawn]:
    """The cells of each thing and its margin on a grid of this size, with places as fields have them."""
    layout = Layout(
        width, height, _WHITE, _WHITE, _WHITE, Curve(), Curve(), (1, 1, 1), (1, 1, 1), 0.0, [*things]
    )
    stacked = stack([layout], "cpu")
    empty = torch.zeros(0, dtype=torch.long)
    found: list[Drawn] = [(empty, empty, torch.zeros(0), torch.zeros(2, 0))] * len(things)
    for name in SCATTERED.kinds:
        chosen = (stacked.kind == ALL_KINDS.index(name)).nonzero().squeeze(1)
        if not len(chosen):
            continue
        thing, u, v, index = cover(stacked, chosen, width, height, 1, SCATTERED.margin)
        brush = brush_for(stacked, thing, u, v, 1)
        PAINTERS[name](brush)
        size = stacked.place[thing, 2]
        distance, place = (
            brush.distance * size,
            (torch.stack((u, v)) * size / REACH).clamp(-FURTHEST, FURTHEST),
        )
        near = distance < SCATTERED.margin
        for number in chosen.tolist():
            own = near & (thing == number)
            row = torch.div(index[own], width, rounding_mode="floor")
            found[number] = (row, index[own] % width, distance[own], place[:, own])
    return found
