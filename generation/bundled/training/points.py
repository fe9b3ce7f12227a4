"""What the decoder is trained on: single points of drawings at 4K scale, each with one beside it, mostly at edges.

One beside it, because an edge is a difference: where only colours are compared, a soft step costs little more than a
sharp one. Points lie anywhere, between the pixels of any size, since the decoder is asked for any.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from generation.bundled import draw, latents
from generation.bundled.canvas import Layout

from .data import TRAINING, batch
from .loop import Step

CELL: Final = 16  # pixels
PAIRS: Final = 256  # a picture
FINE: Final = (
    160.0  # pixels a cell of what is learned: an edge is one of them wide, half as much again as one of 4K
)
_CANDIDATES: Final = 3  # for each pair
_NEAREST: Final = 1 / 16  # how far one beside is away at least, in pixels of the base size; at most one
_FLAT: Final = 0.1  # how often a pair without an edge is taken beside one with a full one
POOL: Final = 192  # drawn pictures that are kept for the next steps
# What has many edges in few pictures: towers only stand in cities, rain only falls where it rains. How often it is
# looked at beside what is seen everywhere.
RARE: Final[dict[str, float]] = {
    "tower": 12, "pine": 12, "block": 9, "star": 8, "mountain": 5, "cloud": 4, "rainbow": 4, "flake": 3, "blossom": 3,
    "crescent": 2, "coral": 2, "seaweed": 2, "rain": 2, "island": 1, "rock": 1, "tuft": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Points:
    """Fields [B, C, h, w]; rows and columns [B, 2 · PAIRS] of points, first ones, then one beside each; their colours
    [B, 2 · PAIRS, 3] in -1..1. Rows and columns are in pixels of the base size, whole ones in the middle of a pixel.
    """

    fields: Tensor
    rows: Tensor
    columns: Tensor
    colours: Tensor


class Pool:
    """The last drawn scenes with their fields. Each is looked at about ten times, at other points every time.

    A step has to see nearly all kinds of things, or what it learns of some spoils the others; drawing that many scenes
    for each step would take more time than learning from them. `fresh` are drawn anew at each step. With `rare`, only
    scenes and pixels with things of RARE.
    """

    def __init__(self, width: int, height: int, fresh: int, *, rare: bool = False) -> None:
        self.size, self.fresh, self.rare = (width, height), fresh, rare
        self._scenes: deque[tuple[Layout, Tensor, Tensor]] = deque(maxlen=POOL)

    def take(self, at: Step, count: int) -> Points:
        self._draw(at, self.fresh if self._scenes else max(2 * count, 8))
        chosen = [self._scenes[int(torch.randint(len(self._scenes), ()))] for _ in range(count)]
        layouts = [layout for layout, _, _ in chosen]
        fields = torch.stack([fields for _, fields, _ in chosen])
        reach = torch.stack([reach for _, _, reach in chosen])
        rows, columns = self._candidates(reach)
        colours = draw.at(layouts, (columns + 0.5) / CELL, (rows + 0.5) / CELL, FINE)
        own, beside = colours.chunk(2, 1)
        edge = (own - beside).abs().amax(2).clamp(max=0.3) / 0.3
        taken = torch.multinomial(edge + _FLAT, PAIRS)
        both = torch.cat((taken, taken + own.shape[1]), 1)
        return Points(
            fields,
            rows.gather(1, both),
            columns.gather(1, both),
            colours.gather(1, both.unsqueeze(2).expand(-1, -1, 3)) * 2 - 1,
        )

    def _candidates(self, reach: Tensor) -> tuple[Tensor, Tensor]:
        """Rows and columns [B, 2 · _CANDIDATES · PAIRS] of points in pixels that are likely, then one beside each."""
        width, height = (cells * CELL for cells in self.size)
        many = (len(reach), _CANDIDATES * PAIRS)
        index = torch.searchsorted(reach, torch.rand(many, device=reach.device)).clamp(max=reach.shape[1] - 1)
        row = torch.div(index, width, rounding_mode="floor") + torch.rand(many, device=reach.device) - 0.5
        column = index % width + torch.rand(many, device=reach.device) - 0.5
        angle = 2 * math.pi * torch.rand(many, device=reach.device)
        away = _NEAREST ** torch.rand(many, device=reach.device)
        rows = torch.cat((row, row + away * angle.sin()), 1)
        columns = torch.cat((column, column + away * angle.cos()), 1)
        return rows.clamp(0, height - 1), columns.clamp(0, width - 1)

    def _draw(self, at: Step, count: int) -> None:
        layouts = self._layouts(at, count)
        pictures, fields = draw.pictures(layouts, CELL, at.device), latents.fields(layouts, at.device)
        weights = _of_rare_things(pictures, fields) if self.rare else _of_all(pictures, fields)
        reach = weights.flatten(1).cumsum(1)
        self._scenes.extend(zip(layouts, fields, reach / reach[:, -1:], strict=True))

    def _layouts(self, at: Step, count: int) -> list[Layout]:
        layouts: list[Layout] = []
        worker = at.worker + 50
        while len(layouts) < count:
            _, drawn, _ = batch(TRAINING, at.number, worker, count, self.size)
            layouts += [p for p in drawn if not self.rare or any(thing.kind in RARE for thing in p.things)]
            worker += 1000
        return layouts[:count]


def noisy(fields: Tensor) -> Tensor:
    """Three quarters of the fields as they are, the others with noise of up to 0.01: more would blur small parts."""
    noise = torch.rand(len(fields), 1, 1, 1, device=fields.device).clamp(min=0.75).sub(0.75) * 0.04
    return fields + noise * torch.randn_like(fields)


def near(fields: Tensor, layer: latents.Layer, kind: str = "") -> Tensor:
    """1 where a cell is inside or next to a thing of the layer, or of one kind of it; [B, H, W], in pixels."""
    cells = fields[:, layer.first] > -0.4
    if kind:
        code = latents.codes(layer)[layer.kinds.index(kind)].to(fields.device)
        cells &= torch.einsum("bchw,c->bhw", fields[:, layer.code], code) > 0.9 * layer.bits
    return cells.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2).float()


def _of_all(pictures: Tensor, fields: Tensor) -> Tensor:
    """How likely each pixel is looked at, [B, H, W]: anywhere, more at edges, most at those of objects."""
    edges = _edges(pictures)
    objects, behind, scattered = (near(fields, layer) for layer in latents.LAYERS)
    return (
        0.2 * _share(torch.ones_like(edges)) + 0.2 * _share(edges) + 0.1 * _share(objects)
        + 0.35 * _share(objects * edges) + 0.5 * _share(behind * edges) + 0.25 * _share(scattered * edges)
    )  # fmt: skip


def _of_rare_things(pictures: Tensor, fields: Tensor) -> Tensor:
    edges = _edges(pictures)
    weights = torch.full_like(edges, 1e-6)
    for layer in latents.LAYERS:
        for kind in layer.kinds:
            if kind in RARE:
                there = near(fields, layer, kind)
                weights += RARE[kind] * (_share(there * edges) + 0.4 * _share(there))
    return weights


def _share(weight: Tensor) -> Tensor:
    return weight / weight.sum((1, 2), keepdim=True).clamp(min=1e-6)


def _edges(pictures: Tensor) -> Tensor:
    """Largest step of colour to the neighbours right and below, [B, H, W]."""
    right, below = steps(pictures)
    return torch.maximum(right.abs().amax(1), below.abs().amax(1)).clamp(max=0.3)


def steps(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """The change of colour to the neighbour right and to the one below, 0 where there is none; both [B, 3, H, W]."""
    return functional.pad(pictures.diff(dim=3), (0, 1)), functional.pad(pictures.diff(dim=2), (0, 0, 0, 1))
