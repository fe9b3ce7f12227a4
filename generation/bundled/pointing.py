"""What can be pointed at in the fields of a picture: a thing of a layer, or the sky, the far band, the ground.

How much of each pixel a thing covers is said by what shines through it. Well inside of an outline nothing does,
whatever the decoder makes of a bright window there. Where the bands meet is said by the distances to their lines.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from . import apart
from .composition import FAR_LINE, GROUND_LINE, Composition
from .latents import BEHIND, LAYERS, OBJECTS, REACH, SCATTERED
from .openings import Opening
from .parts import things

# From the front to the back. Small things stand on what is behind the objects.
ORDER: Final = (OBJECTS, SCATTERED, BEHIND)
BANDS: Final = ("sky", "far", "ground")


@dataclass(frozen=True, slots=True)
class Cover:
    """What shines through things, and how far inside of an outline a cell is, in cells."""

    opening: Opening
    depth: Tensor


@dataclass(frozen=True, slots=True)
class Region:
    """Something that can be pointed at: what `shown` covers and `front` doesn't, on the inner side of all `lines`.

    Lines are distances [h, w] in cells, positive inside. Without `shown` it is all that nothing is in front of.
    """

    what: tuple[str, ...]
    shown: Cover | None
    front: Cover | None
    lines: tuple[Tensor, ...] = ()


@torch.no_grad()
def wholes(picture: Composition) -> list[tuple[int, Region]]:
    """Each layer that has something in it, with its number, the one in front first."""
    everywhere = torch.ones_like(picture.fields[0], dtype=torch.bool)
    return [
        (number, of_cells(picture, number, everywhere))
        for number, layer in enumerate(ORDER)
        if bool((picture.fields[layer.first] > 0).any())
    ]


@torch.no_grad()
def of_cells(picture: Composition, number: int, cells: Tensor) -> Region:
    """What a layer of `ORDER` has in these cells [h, w], as far as no object stands before it."""
    layer = ORDER[number]
    alone = picture.only({layer: cells})
    front = None
    if layer is not OBJECTS and bool((picture.fields[OBJECTS.first] > 0).any()):
        front = _cover(picture.only({OBJECTS: torch.ones_like(cells)}))
    return Region(apart.kinds_of(alone.fields), _cover(alone), front)


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
def bands(picture: Composition) -> list[Region]:
    """The sky, the far band and the ground, as far as nothing stands before them."""
    far, ground = (picture.fields[line] * REACH for line in (FAR_LINE, GROUND_LINE))
    front = _cover(picture)
    lines = ((far, ground), (-far, ground), (-ground,))
    return [Region((name,), None, front, inner) for name, inner in zip(BANDS, lines, strict=True)]


def _cover(alone: Composition) -> Cover:
    depth = torch.stack([alone.fields[layer.first] for layer in LAYERS if not layer.small]).amax(0) * REACH
    return Cover(Opening(alone), depth)
