"""What can be pointed at in the fields of a picture: a thing of one of the layers, or the sky, the far band, the ground.

How much of each pixel belongs to it is asked of the decoder: what stands behind a thing, or the colours of a band, are
decoded in a light and in a dark grey, and what differs between the two is the answer.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from . import apart
from .latents import BEHIND, OBJECTS, SCATTERED
from .parts import things

# From the front to the back. Small things stand on what is behind the objects.
ORDER: Final = (OBJECTS, SCATTERED, BEHIND)
BANDS: Final = ("sky", "far", "ground")


@dataclass(frozen=True, slots=True)
class Factor:
    """Two fields [C, h, w]. Their difference, as a share of that of the empty scene, is how much of a pixel varies.

    With `is_cover` what counts is the rest: the share of what stands before all that varies.
    """

    light: Tensor
    dark: Tensor
    is_cover: bool


@dataclass(frozen=True, slots=True)
class Region:
    """Something that can be pointed at. How much of a pixel shows it is the product of its factors."""

    what: tuple[str, ...]
    factors: tuple[Factor, ...]


@torch.no_grad()
def greys(fields: Tensor, level: float) -> tuple[Tensor, Tensor]:
    """The empty scene, all light and all dark: what the factors are shares of."""
    empty = apart.emptied(fields)
    return apart.before(empty, level), apart.before(empty, -level)


@torch.no_grad()
def wholes(fields: Tensor, level: float) -> list[tuple[int, Region]]:
    """Each layer that has something in it, with its number, the one in front first."""
    everywhere = torch.ones_like(fields[0], dtype=torch.bool)
    return [
        (number, of_cells(fields, number, everywhere, level))
        for number, layer in enumerate(ORDER)
        if bool((fields[layer.first] > 0).any())
    ]


@torch.no_grad()
def of_cells(fields: Tensor, number: int, cells: Tensor, level: float) -> Region:
    """What a layer of `ORDER` has in these cells [h, w], as far as no object stands before it."""
    layer = ORDER[number]
    alone = apart.only(fields, {layer: cells})
    factors = [_cover(alone, level)]
    if layer is not OBJECTS and bool((fields[OBJECTS.first] > 0).any()):
        objects = apart.only(fields, {OBJECTS: torch.ones_like(cells)})
        factors.append(Factor(apart.before(objects, level), apart.before(objects, -level), is_cover=False))
    return Region(apart.kinds_of(alone), tuple(factors))


@torch.no_grad()
def things_of(fields: Tensor, number: int) -> list[tuple[Tensor, Tensor]]:
    """The things of a layer of `ORDER`: the cells [h, w] inside of each, and all cells that are nearest to it."""
    layer = ORDER[number]
    # Parts of one thing, a sail and its hull, are less than a cell apart; small things stand that close together.
    inside = fields[layer.first] > (apart.NEAR if layer is OBJECTS else 0)
    found = things(inside) if bool(inside.any()) else []
    nearest = apart.nearest_of(found, torch.ones_like(inside))
    return [(cells & (fields[layer.first] > 0), nearest == index) for index, cells in enumerate(found)]


@torch.no_grad()
def bands(fields: Tensor, level: float) -> list[Region]:
    """The ground, the far band and the sky, as far as nothing stands before them."""
    return [
        Region((name,), (Factor(*(_coloured(fields, index, grey) for grey in (level, -level)), False),))
        for index, name in reversed(tuple(enumerate(BANDS)))
    ]


def _cover(alone: Tensor, level: float) -> Factor:
    return Factor(apart.before(alone, level), apart.before(alone, -level), is_cover=True)


def _coloured(fields: Tensor, band: int, level: float) -> Tensor:
    out = fields.clone()
    out[3 * band : 3 * band + 3] = level
    return out
