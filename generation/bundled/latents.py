"""The model's latents: smooth fields that describe in every cell what is there, instead of compressed pixels.

A scene is three bands (sky, far, ground) and three layers of things: objects, the setting's own things behind them, and
small scattered things. A layer says in each cell which kind of thing is nearest, how far its outline is, where in that
thing the cell's centre lies, and its colour. All of it reaches beyond the outline by a margin, so that every pixel of
a thing lies between cells that agree about it, and interpolation gives the decoder exact local coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import torch
from torch import Tensor

from . import objects, scenery
from .canvas import Layout
from .draw import ALL_KINDS, PAINTERS, Stack, bands, brush_for, cover, stack

REACH: Final = 1.5  # cells: distances are cut off here, and divided by it
FURTHEST: Final = 1.7  # local coordinates are cut off here
BANDS: Final = 11  # channels: three colours and two distances
LINES: Final = slice(9, BANDS)  # the distances


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of things and its channels, from `first` on: outline, code, place (2), colour (3)."""

    kinds: tuple[str, ...]
    bits: int
    margin: float  # cells beyond the outline
    first: int
    small: bool = False  # places are measured in cells, not in the thing's own size

    @property
    def code(self) -> slice:
        return slice(self.first + 1, self.first + 1 + self.bits)

    @property
    def place(self) -> slice:
        return slice(self.code.stop, self.code.stop + 2)

    @property
    def colour(self) -> slice:
        return slice(self.place.stop, self.place.stop + 3)

    @property
    def end(self) -> int:
        return self.first + 1 + self.bits + 2 + 3


def _layers() -> tuple[Layer, Layer, Layer]:
    behind = tuple(kind for kind in scenery.PAINTERS if kind not in scenery.SMALL)
    front = Layer(tuple(objects.PAINTERS), 6, 1.5, BANDS)
    middle = Layer(behind, 5, 1.5, front.end)
    return front, middle, Layer(tuple(sorted(scenery.SMALL)), 4, 1.5, middle.end, small=True)


LAYERS: Final = _layers()
OBJECTS, BEHIND, SCATTERED = LAYERS
CHANNELS: Final = SCATTERED.end


def codes(layer: Layer) -> Tensor:
    """One word of ±1 a kind, [kinds, bits], even parity: no two differ in fewer than two places."""
    words = [
        sum(1 << bit for bit in chosen)
        for ones in range(0, layer.bits + 1, 2)
        for chosen in combinations(range(layer.bits), ones)
    ]
    signs = [[1.0 if word >> bit & 1 else -1.0 for bit in range(layer.bits)] for word in words]
    return torch.tensor(signs[: len(layer.kinds)])


def fields(layouts: Sequence[Layout], device: torch.device | str = "cpu") -> Tensor:
    """The latents [B, CHANNELS, height, width], one value a cell, all about -1.7..1.7.

    Channels 0-8: colours of sky, far band and ground; 9-10: signed distance to the far and the ground line, positive
    above it; then the layers. All layouts have one size, in cells.
    """
    width, height = layouts[0].width, layouts[0].height
    sky, far, ground, far_line, ground_line = bands(layouts, 1, device)
    out = torch.zeros(CHANNELS, len(layouts) * height * width, device=device)
    for first, colours in ((0, sky), (3, far), (6, ground)):
        out[first : first + 3] = (
            (colours.expand(-1, -1, height, width) * 2 - 1).permute(1, 0, 2, 3).reshape(3, -1)
        )
    for channel, distance in ((9, far_line), (10, ground_line)):
        out[channel] = distance.clamp(-REACH, REACH).reshape(-1) / REACH
    things = stack(layouts, device)
    for layer in LAYERS:
        out[layer.first] = -1
        _write(out, things, layer, width, height)
    return out.view(CHANNELS, len(layouts), height, width).permute(1, 0, 2, 3).contiguous()


def _write(out: Tensor, things: Stack, layer: Layer, width: int, height: int) -> None:
    points = [_points(things, kind, layer, width, height) for kind in layer.kinds]
    table = torch.cat([p for p in points if p is not None] or [out.new_zeros(6, 0)], 1)
    if not table.shape[1]:
        return
    index, thing = table[0].long(), table[1].long()
    # Inside, a cell belongs to the thing in front; outside of all, to the nearest.
    order = torch.where(table[2] < 0, -1.0 - things.rank[thing], table[2])
    best = order.new_full((out.shape[1],), torch.inf).scatter_reduce_(0, index, order, "amin")
    won = order == best[index]
    index, thing, (_, _, distance, u, v, kind) = index[won], thing[won], table[:, won]
    out[layer.first, index] = -distance.clamp(-REACH, REACH) / REACH
    out[layer.code, index] = codes(layer).to(out.device)[kind.long()].T
    out[layer.place, index] = torch.stack((u, v)).clamp(-FURTHEST, FURTHEST)
    picture = things.picture[thing]
    lit = things.colour[thing] * things.tint[picture]
    hazy = lit + (things.fog[picture] - lit) * things.haze[thing, None]
    out[layer.colour, index] = (hazy * 2 - 1).T


def _points(things: Stack, kind: str, layer: Layer, width: int, height: int) -> Tensor | None:
    """Cells near the things of a kind, [6, N]: index, thing, distance in cells, u, v, number of the kind."""
    chosen = (things.kind == ALL_KINDS.index(kind)).nonzero().squeeze(1)
    if not len(chosen):
        return None
    thing, u, v, index = cover(things, chosen, width, height, 1, layer.margin)
    brush = brush_for(things, thing, u, v, 1)
    PAINTERS[kind](brush)
    size = things.place[thing, 2]
    distance = brush.distance * size
    if layer.small:
        u, v = u * size / REACH, v * size / REACH
    number = torch.full_like(u, layer.kinds.index(kind))
    return torch.stack((index.float(), thing.float(), distance, u, v, number))[:, distance < layer.margin]
