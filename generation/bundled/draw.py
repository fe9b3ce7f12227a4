"""Draws layouts in batches, at any size, on any device.

All things of one kind in a batch are painted by one call over the flat list of the points they cover; then the lists
are laid over each other, back to front, one rank of all pictures at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import torch
from torch import Tensor

from . import objects, scenery
from .brush import Brush
from .canvas import Curve, Layout

PAINTERS: Final = objects.PAINTERS | scenery.PAINTERS
ALL_KINDS: Final = tuple(PAINTERS)


@dataclass(frozen=True, slots=True)
class Stack:
    """The things of a batch as tensors [T], and per picture values [B, ...]."""

    picture: Tensor
    kind: Tensor
    rank: Tensor
    place: Tensor  # [T, 3] x, y, size
    colour: Tensor  # [T, 3]
    haze: Tensor  # [T]
    tint: Tensor  # [B, 3]
    fog: Tensor  # [B, 3]
    night: Tensor  # [B]


def pictures(layouts: Sequence[Layout], scale: int, device: torch.device | str = "cpu") -> Tensor:
    """[B, 3, height * scale, width * scale] in 0..1; scale is pixels a cell. All layouts have one size."""
    width, height = layouts[0].width, layouts[0].height
    flat = background(layouts, scale, device).permute(1, 0, 2, 3).reshape(3, -1)
    things = stack(layouts, device)
    _lay_over(flat, things, lambda chosen: cover(things, chosen, width, height, scale), scale)
    whole = flat.clamp_(0, 1).view(3, len(layouts), height * scale, width * scale)
    return whole.permute(1, 0, 2, 3).contiguous()


def at(layouts: Sequence[Layout], x: Tensor, y: Tensor, scale: float) -> Tensor:
    """The colours [B, N, 3] in 0..1 of points x, y [B, N], in cells, as in a picture of `scale` pixels a cell."""
    sky, far, ground, far_line, ground_line = _bands(layouts, x.unsqueeze(1), y.unsqueeze(1), x.device)
    colours = _over(_over(sky, far, far_line * scale), ground, ground_line * scale)  # [B, 3, 1, N]
    return over(colours[:, :, 0].permute(0, 2, 1), layouts, x, y, scale)


def over(colours: Tensor, layouts: Sequence[Layout], x: Tensor, y: Tensor, scale: float) -> Tensor:
    """The layouts' things over colours [B, N, 3] of points x, y [B, N], in cells; bands are left out."""
    flat = colours.permute(2, 0, 1).reshape(3, -1).clone()
    things = stack(layouts, x.device)
    _lay_over(flat, things, lambda chosen: _cover_points(things, chosen, x, y), scale)
    return flat.clamp_(0, 1).view(3, *x.shape).permute(1, 2, 0).contiguous()


def background(layouts: Sequence[Layout], scale: int, device: torch.device | str = "cpu") -> Tensor:
    """Sky, far band and ground without things: colours [B, 3, H, W]."""
    sky, far, ground, far_line, ground_line = bands(layouts, scale, device)
    return _over(_over(sky, far, far_line * scale), ground, ground_line * scale)


def bands(
    layouts: Sequence[Layout], scale: int, device: torch.device | str = "cpu"
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Colours of sky, far band and ground [B, 3, H, 1], and distances above the far and the ground line [B, H, W]."""
    width, height = layouts[0].width, layouts[0].height
    y = ((torch.arange(height * scale, device=device) + 0.5) / scale).view(1, -1, 1)
    x = ((torch.arange(width * scale, device=device) + 0.5) / scale).view(1, 1, -1)
    return _bands(layouts, x, y, device)


def _bands(
    layouts: Sequence[Layout], x: Tensor, y: Tensor, device: torch.device | str
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The same for any places, in cells."""
    height = layouts[0].height
    far_line, far_base = _line([p.far_line for p in layouts], x, y, device)
    ground_line, ground_base = _line([p.ground_line for p in layouts], x, y, device)
    end = torch.minimum(torch.minimum(far_base, ground_base), torch.tensor(float(height), device=device))
    sky = _gradient([p.sky for p in layouts], y / end, device)
    far = _gradient([p.far for p in layouts], (y - far_base) / (ground_base - far_base).clamp(min=1), device)
    bottom = (height - ground_base).clamp(min=1)
    ground = _gradient([p.ground for p in layouts], (y - ground_base) / bottom, device)
    return sky, far, ground, far_line, ground_line


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
    return torch.lerp(under, over, (0.5 - distance).clamp_(0, 1).unsqueeze(1))


def stack(layouts: Sequence[Layout], device: torch.device | str) -> Stack:
    index = {kind: i for i, kind in enumerate(ALL_KINDS)}
    rows = [
        (b, index[t.kind], rank, t.x, t.y, t.size, *t.colour, t.haze)
        for b, p in enumerate(layouts)
        for rank, t in enumerate(p.things)
    ]
    table = torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, 10)
    whole = table[:, :3].long()
    return Stack(
        whole[:, 0], whole[:, 1], whole[:, 2], table[:, 3:6], table[:, 6:9], table[:, 9],
        torch.tensor([p.tint for p in layouts], device=device),
        torch.tensor([p.haze for p in layouts], device=device),
        torch.tensor([p.night for p in layouts], device=device),
    )  # fmt: skip


def brush_for(things: Stack, thing: Tensor, u: Tensor, v: Tensor, scale: float) -> Brush:
    """A brush over points of the given things, in their own light."""
    px = 1 / (scale * things.place[:, 2])
    tint, night = things.tint[things.picture], things.night[things.picture]
    return Brush(u, v, px[thing], _columns(things.colour, thing), _columns(tint, thing), night[thing])


def _columns(rows: Tensor, chosen: Tensor) -> Tensor:
    """The chosen rows as contiguous columns, [3, N]: what follows runs along N."""
    return rows.T.contiguous().index_select(1, chosen)


# Chosen things of one kind → thing, u, v and index into the flat canvas of all points that they may cover.
Covering = Callable[[Tensor], tuple[Tensor, Tensor, Tensor, Tensor]]


def _lay_over(flat: Tensor, things: Stack, covering: Covering, scale: float) -> None:
    """Paint the things over the points of a flat canvas [3, N], back to front."""
    for index, rgb, alpha in _ranks(things, covering, scale):
        flat[:, index] = flat[:, index] * (1 - alpha) + rgb


def _ranks(things: Stack, covering: Covering, scale: float) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Points painted by the things, rank by rank: index into the flat canvas, rgb, alpha."""
    parts: list[tuple[Tensor, Tensor, Tensor, Tensor]] = []
    for kind, name in enumerate(ALL_KINDS):
        chosen = (things.kind == kind).nonzero().squeeze(1)
        if not len(chosen):
            continue
        thing, u, v, index = covering(chosen)
        brush = brush_for(things, thing, u, v, scale)
        PAINTERS[name](brush)
        keep = brush.alpha.nonzero().squeeze(1)
        thing, alpha, rgb = thing[keep], brush.alpha[keep], brush.rgb.index_select(1, keep)
        fog = _columns(things.fog[things.picture], thing)
        rgb = torch.lerp(rgb, fog * alpha, things.haze[thing])
        parts.append((things.rank[thing], index[keep], rgb, alpha))
    if not parts:
        return []
    rank, order = torch.cat([p[0] for p in parts]).sort(stable=True)
    index, alpha = (torch.cat([p[i] for p in parts]) for i in (1, 3))
    rgb = torch.cat([p[2] for p in parts], 1)
    split = order.split([n for n in torch.bincount(rank).tolist() if n])
    return [(index[o], rgb[:, o], alpha[o]) for o in split]


def cover(
    things: Stack, chosen: Tensor, width: int, height: int, scale: int, margin: float = 0.0
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """All points in the boxes around the chosen things of one kind: thing, u, v, index into the flat canvas.

    The boxes reach a margin, in cells, beyond what is painted.
    """
    x, y, size = things.place[chosen].unbind(1)
    wide, above, below = _extent(ALL_KINDS[int(things.kind[chosen[0]])])
    left = ((x - wide * size - margin) * scale).floor().clamp(0, width * scale).long()
    right = ((x + wide * size + margin) * scale).ceil().clamp(0, width * scale).long()
    top = ((y - above * size - margin) * scale).floor().clamp(0, height * scale).long()
    bottom = ((y + below * size + margin) * scale).ceil().clamp(0, height * scale).long()
    across = (right - left).clamp(min=0)
    count = across * (bottom - top).clamp(min=0)
    own = torch.repeat_interleave(torch.arange(len(chosen), device=x.device), count)
    nth = torch.arange(len(own), device=x.device) - (count.cumsum(0) - count)[own]
    row = torch.div(nth.int(), across.int()[own], rounding_mode="floor")
    column = nth - row * across[own]
    # All that depends on the thing is one number a coordinate: a gather over all points costs more than arithmetic.
    step = 1 / (scale * size)
    u = column * step[own] + (((left + 0.5) / scale - x) / size)[own]
    v = row * step[own] + (((top + 0.5) / scale - y) / size)[own]
    corner = (things.picture[chosen] * (height * scale) + top) * (width * scale) + left
    index = row * (width * scale) + column + corner[own]
    return chosen[own], u, v, index


def _cover_points(
    things: Stack, chosen: Tensor, x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Like `cover`, for single points [B, N]."""
    at, picture = things.place[chosen], things.picture[chosen]
    wide, above, below = _extent(ALL_KINDS[int(things.kind[chosen[0]])])
    u = (x[picture] - at[:, :1]) / at[:, 2:]
    v = (y[picture] - at[:, 1:2]) / at[:, 2:]
    own, point = ((u.abs() <= wide) & (v >= -above) & (v <= below)).nonzero().unbind(1)
    return chosen[own], u[own, point], v[own, point], picture[own] * x.shape[1] + point


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
