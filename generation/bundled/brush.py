"""A brush over a flat list of points: signed distances in, antialiased colour out.

Every point belongs to one drawn thing and carries its own local coordinates, so that all houses of a whole batch of
pictures, of any size and place, are painted by one call.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

Paint = Sequence[float] | Tensor


@dataclass
class Brush:
    """Points [N] of many instances of one kind of thing, and the picture that grows on them.

    u, v: local coordinates, right and down, about -1..1 over the thing. px: size of a picture's pixel in these units.
    colour [3, N]: the thing's own colour. tint [3, N]: light of the time of day. night [N]: 0 by day, 1 by night.
    """

    u: Tensor
    v: Tensor
    px: Tensor
    colour: Tensor
    tint: Tensor
    night: Tensor
    rgb: Tensor = field(init=False)
    alpha: Tensor = field(init=False)
    distance: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.rgb = torch.zeros_like(self.colour)
        self.alpha = torch.zeros_like(self.u)
        self.distance = torch.full_like(self.u, 9.0)

    def fill(self, d: Tensor, paint: Paint | None = None, shade: float = 1.0) -> None:
        """A part of the outline: everything where d < 0, in a paint (or the thing's own colour) under the light."""
        self.distance = torch.minimum(self.distance, d)
        self._blend(d, self._lit(paint, shade))

    def detail(self, d: Tensor, paint: Paint | None = None, shade: float = 1.0) -> None:
        """As `fill`, for parts inside the outline."""
        self._blend(d, self._lit(paint, shade))

    def glow(self, d: Tensor, paint: Paint, opacity: float = 1.0) -> None:
        """A part that gives off light itself: daylight doesn't change it."""
        self.distance = torch.minimum(self.distance, d)
        self._blend(d, _paint(paint, self.u), opacity)

    def window(self, d: Tensor) -> None:
        """A pane: pale blue by day, warm light by night."""
        by_day = _paint((0.70, 0.88, 0.97), self.u) * self.tint
        by_night = _paint((1.0, 0.86, 0.45), self.u)
        self._blend(d, by_day + (by_night - by_day) * self.night)

    def shadow(self, d: Tensor, strength: float = 0.14) -> None:
        """Darkens what was painted already, where d < 0."""
        self.rgb = self.rgb * (1 - self._cover(d) * strength)

    def highlight(self, d: Tensor, strength: float = 0.25) -> None:
        """Lightens what was painted already, where d < 0."""
        cover = self._cover(d) * strength
        self.rgb = self.rgb + (self.tint * self.alpha - self.rgb).clamp(min=0) * cover

    def _cover(self, d: Tensor) -> Tensor:
        return (0.5 - d / self.px).clamp_(0, 1)

    def _lit(self, paint: Paint | None, shade: float) -> Tensor:
        base = self.colour if paint is None else _paint(paint, self.u)
        return (base if shade == 1 else (base * shade).clamp(0, 1)) * self.tint

    def _blend(self, d: Tensor, rgb: Tensor, opacity: float = 1.0) -> None:
        cover = self._cover(d)
        if opacity < 1:
            cover *= opacity
        self.rgb = torch.lerp(self.rgb, rgb, cover)
        self.alpha = torch.lerp(self.alpha, self.alpha.new_ones(()), cover)


def _paint(paint: Paint, like: Tensor) -> Tensor:
    if isinstance(paint, Tensor):
        return paint
    return torch.tensor(paint, dtype=like.dtype, device=like.device).view(3, 1)


# Signed distances (negative inside). Formulas: Inigo Quilez, «2D distance functions».


def circle(u: Tensor, v: Tensor, x: float, y: float, r: float) -> Tensor:
    return torch.hypot(u - x, v - y) - r


def ellipse(u: Tensor, v: Tensor, x: float, y: float, rx: float, ry: float) -> Tensor:
    """First-order distance to an ellipse (exact at its edge, which is all that antialiasing needs)."""
    p, q = (u - x) / rx, (v - y) / ry
    k = torch.hypot(p, q)
    return k * (k - 1) / torch.hypot(p / rx, q / ry).clamp(min=1e-4)


def box(u: Tensor, v: Tensor, x: float, y: float, hx: float, hy: float, r: float = 0.0) -> Tensor:
    """A rectangle by centre and half sizes, corners rounded by r."""
    p, q = (u - x).abs() - (hx - r), (v - y).abs() - (hy - r)
    return torch.hypot(p.clamp(min=0), q.clamp(min=0)) + torch.maximum(p, q).clamp(max=0) - r


def line(u: Tensor, v: Tensor, x0: float, y0: float, x1: float, y1: float, r: float) -> Tensor:
    """A stroke with round ends and half width r."""
    dx, dy = x1 - x0, y1 - y0
    t = (((u - x0) * dx + (v - y0) * dy) / (dx * dx + dy * dy)).clamp(0, 1)
    return torch.hypot(u - x0 - t * dx, v - y0 - t * dy) - r


def polygon(u: Tensor, v: Tensor, *corners: tuple[float, float]) -> Tensor:
    """A convex polygon, corners in either order: half planes, sharp corners."""
    d: Tensor | None = None
    sides = list(zip(corners, (*corners[1:], corners[0]), strict=True))
    turn = 1.0 if sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in sides) > 0 else -1.0
    for (x0, y0), (x1, y1) in sides:
        dx, dy = turn * (x1 - x0), turn * (y1 - y0)
        side = ((u - x0) * dy - (v - y0) * dx) / (dx * dx + dy * dy) ** 0.5
        d = side if d is None else torch.maximum(d, side)
    assert d is not None
    return d


def both(a: Tensor, b: Tensor) -> Tensor:
    return torch.maximum(a, b)


def either(a: Tensor, *others: Tensor) -> Tensor:
    for b in others:
        a = torch.minimum(a, b)
    return a


def without(a: Tensor, b: Tensor) -> Tensor:
    return torch.maximum(a, -b)


def ring(d: Tensor, half_width: float) -> Tensor:
    return d.abs() - half_width
