"""Draws layouts in batches, at any size, on any device: pictures, and the fields that the model's latents are.

All things of one kind in a batch are painted by one call over the flat list of the points they cover; then the lists
are laid over each other, back to front, one rank of all pictures at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Final

import torch
from torch import Tensor

from . import objects, scenery
from .brush import Brush
from .canvas import Curve, Layout

PAINTERS: Final = objects.PAINTERS | scenery.PAINTERS
ALL_KINDS: Final = tuple(PAINTERS)
CODE_BITS: Final = 7
FIELDS: Final = 3 + 2 + CODE_BITS + 2 + 3  # channels of a latent: see `fields`
_SMALL: Final = torch.tensor([kind in scenery.SMALL for kind in ALL_KINDS])


def _codes() -> Tensor:
    """One word of ±1 a kind, even parity: no two differ in fewer than two places."""
    words = [0] + [sum(1 << b for b in bits) for k in (2, 4, 6) for bits in combinations(range(CODE_BITS), k)]
    bits = [[1.0 if word >> b & 1 else -1.0 for b in range(CODE_BITS)] for word in words]
    return torch.tensor(bits[: len(ALL_KINDS)])


CODES: Final = _codes()


@dataclass(frozen=True, slots=True)
class _Stack:
    """The things of a batch as tensors [T], and per picture values [B, ...]."""

    picture: Tensor
    kind: Tensor
    rank: Tensor
    place: Tensor  # [T, 4] x, y, size, flip
    colour: Tensor  # [T, 3]
    haze: Tensor  # [T]
    tint: Tensor  # [B, 3]
    fog: Tensor  # [B, 3]
    night: Tensor  # [B]


def pictures(layouts: Sequence[Layout], scale: int, device: torch.device | str = "cpu") -> Tensor:
    """[B, 3, height * scale, width * scale] in 0..1; scale is pixels a cell. All layouts have one size."""
    width, height = layouts[0].width, layouts[0].height
    canvas = background(layouts, scale, device)[0]
    flat = canvas.permute(1, 0, 2, 3).reshape(3, -1)
    stack = _stack(layouts, device)
    for points, index, rgb, alpha in _ranks(stack, width, height, scale, margin=0.0):
        del points
        flat[:, index] = flat[:, index] * (1 - alpha) + rgb
    return (
        flat.view(3, len(layouts), height * scale, width * scale).permute(1, 0, 2, 3).clamp(0, 1).contiguous()
    )


def fields(layouts: Sequence[Layout], device: torch.device | str = "cpu") -> Tensor:
    """The latents [B, FIELDS, height, width], one value a cell, all about -1..1.

    Channels: 0-2 colour behind the things; 3-4 signed distance to the far and the ground line in cells, clamped;
    5-11 code of the kind of thing in the cell (zero: none); 12-13 the cell centre's place inside the thing;
    14-16 its colour.
    """
    width, height = layouts[0].width, layouts[0].height
    colours, far, ground = background(layouts, 1, device)
    out = torch.zeros(FIELDS, len(layouts) * height * width, device=device)
    out[0:3] = (colours.permute(1, 0, 2, 3) * 2 - 1).reshape(3, -1)
    out[3], out[4] = far.reshape(-1).clamp(-1, 1), ground.reshape(-1).clamp(-1, 1)
    stack = _stack(layouts, device)
    codes = CODES.to(device)
    for points, index, _, _ in _ranks(stack, width, height, 1, margin=0.5):
        thing, u, v = points
        out[5 : 5 + CODE_BITS, index] = codes[stack.kind[thing]].T
        out[12, index], out[13, index] = u.clamp(-1.3, 1.3), v.clamp(-1.3, 1.3)
        lit = stack.colour[thing] * stack.tint[stack.picture[thing]]
        haze = stack.haze[thing, None]
        out[14:17, index] = ((lit + (stack.fog[stack.picture[thing]] - lit) * haze) * 2 - 1).T
    return out.view(FIELDS, len(layouts), height, width).permute(1, 0, 2, 3).contiguous()


def background(
    layouts: Sequence[Layout], scale: int, device: torch.device | str = "cpu"
) -> tuple[Tensor, Tensor, Tensor]:
    """Sky, far band and ground without things: colours [B, 3, H, W] and the two distances [B, H, W] in cells."""
    width, height = layouts[0].width, layouts[0].height
    y = ((torch.arange(height * scale, device=device) + 0.5) / scale).view(1, -1, 1)
    x = ((torch.arange(width * scale, device=device) + 0.5) / scale).view(1, 1, -1)
    far, far_base = _line([p.far_line for p in layouts], x, y, device)
    ground, ground_base = _line([p.ground_line for p in layouts], x, y, device)
    end = torch.minimum(torch.minimum(far_base, ground_base), torch.tensor(float(height), device=device))
    out = _gradient([p.sky for p in layouts], y / end, device)
    out = _over(
        out,
        _gradient([p.far for p in layouts], (y - far_base) / (ground_base - far_base).clamp(min=1), device),
        far * scale,
    )
    bottom = (height - ground_base).clamp(min=1)
    out = _over(
        out, _gradient([p.ground for p in layouts], (y - ground_base) / bottom, device), ground * scale
    )
    return out, far, ground


def _line(curves: list[Curve], x: Tensor, y: Tensor, device: torch.device | str) -> tuple[Tensor, Tensor]:
    """Distance above (negative below) a wavy line, to first order, [B, H, W]; and the base heights [B, 1, 1]."""
    values = torch.tensor([[c.base, *c.waves[0], *c.waves[1]] for c in curves], device=device)
    base, a, f, p, b, g, q = (values[:, i].view(-1, 1, 1) for i in range(7))
    height = base + a * torch.sin(f * x + p) + b * torch.sin(g * x + q)
    slope = a * f * torch.cos(f * x + p) + b * g * torch.cos(g * x + q)
    return (height - y) / torch.sqrt(1 + slope * slope), base


def _gradient(
    pairs: list[tuple[tuple[float, float, float], ...]], t: Tensor, device: torch.device | str
) -> Tensor:
    ends = torch.tensor(pairs, device=device)  # [B, 2, 3]
    a, b = ends[:, 0, :, None, None], ends[:, 1, :, None, None]
    return a + (b - a) * t.clamp(0, 1).unsqueeze(1)


def _over(under: Tensor, over: Tensor, distance: Tensor) -> Tensor:
    cover = (0.5 - distance).clamp(0, 1).unsqueeze(1)
    return under + (over - under) * cover


def _stack(layouts: Sequence[Layout], device: torch.device | str) -> _Stack:
    index = {kind: i for i, kind in enumerate(ALL_KINDS)}
    rows = [
        (b, index[t.kind], rank, t.x, t.y, t.size, t.flip, *t.colour, t.haze)
        for b, p in enumerate(layouts)
        for rank, t in enumerate(p.things)
    ]
    table = torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, 11)
    whole = table[:, :3].long()
    return _Stack(
        whole[:, 0], whole[:, 1], whole[:, 2], table[:, 3:7], table[:, 7:10], table[:, 10],
        torch.tensor([p.tint for p in layouts], device=device),
        torch.tensor([p.haze for p in layouts], device=device),
        torch.tensor([p.night for p in layouts], device=device),
    )  # fmt: skip


_Points = tuple[Tensor, Tensor, Tensor]  # thing, u, v


def _ranks(
    stack: _Stack, width: int, height: int, scale: int, margin: float
) -> list[tuple[_Points, Tensor, Tensor, Tensor]]:
    """Points covered by the things, rank by rank: (thing, u, v), index into the flat canvas, rgb, alpha.

    With a margin (in cells) the points are those within it of the outline, for the fields; without, those painted.
    """
    parts: list[tuple[_Points, Tensor, Tensor, Tensor]] = []
    small = _SMALL.to(stack.kind.device)
    for kind, name in enumerate(ALL_KINDS):
        chosen = (stack.kind == kind).nonzero().squeeze(1)
        if not len(chosen):
            continue
        thing, u, v, index = _cover(stack, chosen, width, height, scale, margin)
        picture = stack.picture[thing]
        size = stack.place[thing, 2]
        brush = Brush(
            u, v, 1 / (scale * size), stack.colour[thing].T, stack.tint[picture].T, stack.night[picture]
        )
        PAINTERS[name](brush)
        if margin and bool(small[kind]):
            reach = 1.0 if name == "wave" else 0.5
            keep = ((u * size).abs() <= reach) & ((v * size).abs() <= 0.5)
        elif margin:
            keep = brush.distance * size < margin
        else:
            keep = brush.alpha > 0
        alpha = brush.alpha[keep]
        rgb = brush.rgb[:, keep]
        fade = stack.haze[thing[keep]]
        rgb = rgb + (stack.fog[picture[keep]].T * alpha - rgb) * fade
        parts.append(((thing[keep], u[keep], v[keep]), index[keep], rgb, alpha))
    if not parts:
        return []
    thing, u, v = (torch.cat([p[0][i] for p in parts]) for i in range(3))
    index, alpha = torch.cat([p[1] for p in parts]), torch.cat([p[3] for p in parts])
    rgb = torch.cat([p[2] for p in parts], 1)
    rank, order = stack.rank[thing].sort(stable=True)
    sizes = torch.bincount(rank).tolist()
    split = order.split([n for n in sizes if n])
    return [((thing[o], u[o], v[o]), index[o], rgb[:, o], alpha[o]) for o in split]


def _cover(
    stack: _Stack, chosen: Tensor, width: int, height: int, scale: int, margin: float
) -> tuple[Tensor, ...]:
    """All points in the boxes around the chosen things of one kind: thing, u, v, index into the flat canvas."""
    x, y, size, flip = stack.place[chosen].unbind(1)
    wide, above, below = _extent(ALL_KINDS[int(stack.kind[chosen[0]])])
    left = ((x - wide * size - margin) * scale).floor().clamp(0, width * scale).long()
    right = ((x + wide * size + margin) * scale).ceil().clamp(0, width * scale).long()
    top = ((y - above * size - margin) * scale).floor().clamp(0, height * scale).long()
    bottom = ((y + below * size + margin) * scale).ceil().clamp(0, height * scale).long()
    across = (right - left).clamp(min=0)
    count = across * (bottom - top).clamp(min=0)
    own = torch.repeat_interleave(torch.arange(len(chosen), device=x.device), count)
    nth = torch.arange(len(own), device=x.device) - (count.cumsum(0) - count)[own]
    row = torch.div(nth, across[own], rounding_mode="floor")
    column = nth - row * across[own] + left[own]
    row = row + top[own]
    u = ((column + 0.5) / scale - x[own]) / size[own] * flip[own]
    v = ((row + 0.5) / scale - y[own]) / size[own]
    index = (stack.picture[chosen][own] * (height * scale) + row) * (width * scale) + column
    return chosen[own], u, v, index


@cache
def _extent(kind: str) -> tuple[float, float, float]:
    """How far a kind's picture reaches sideways, up and down in local units, found by painting it once."""
    line = torch.linspace(-1.1, 1.1, 111)
    v, u = (grid.flatten() for grid in torch.meshgrid(line, line, indexing="ij"))
    white = torch.ones(3, len(u))
    brush = Brush(u, v, torch.full_like(u, 0.04), white, white, torch.zeros_like(u))
    PAINTERS[kind](brush)
    seen = brush.alpha > 0
    return float(u[seen].abs().max()) + 0.03, 0.03 - float(v[seen].min()), float(v[seen].max()) + 0.03
