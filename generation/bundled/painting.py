"""Paints the part of a picture that fits a drawing by the drawing's own painters, and leaves the rest to the decoder.

Fields hold one thing a cell and layer, so where two things of a layer meet, points between their cells get a mixture of
both, from which nothing can be drawn: that, and not the decoder, bends and smears outlines there. What was fitted
(`fitting`, `lines`) is known everywhere; `reading` finds it. See docs/decisions/0086.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from . import draw, fitting, lines, palette, parts
from .canvas import Curve, Layout, Thing
from .latents import BEHIND, OBJECTS, SCATTERED, Layer

# Colours [N, 3] in 0..1 of places x, y [N], in pixels of the base size.
Colours = Callable[[Tensor, Tensor], Tensor]

_CELL: Final = 16  # pixels of the base size
# How much of a picture's fog lies over what stands or hangs behind its objects.
_HAZY: Final = {
    "sun": 0.4, "moon": 0.4, "crescent": 0.4, "mountain": 0.5, "pine": 0.5, "block": 0.5, "tower": 0.5,
}  # fmt: skip
GREY: Final = (
    0.6  # the greys before which small things are decoded: near enough to what the decoder was trained on
)
FAINT: Final = 0.2  # a share of less is noise of the decoder
_LEFT: Final = (-0.8, -0.4)  # outline distance from which on a point begins to be the decoder's, and is
_SMALL: Final = (-0.6, -0.45)  # the same for small things, of which nothing is seen below -0.4
_HUNG: Final = frozenset(
    ("star", "bubble")
)  # small things that are drawn before what stands behind the objects
_OWN: Final = 0.5  # of a thing's cells: more of them have to be kept for it to be


@dataclass(frozen=True, slots=True)
class Lit:
    """The light of a picture, and how much fog is in it."""

    light: palette.Light
    fog: float = 0.0


@dataclass(frozen=True, slots=True)
class Painting:
    """What fits of fields [C, h, w]: lines (None: there is none) and things of three layers, back to front.

    `rest` are the fields without objects that fit, and `unfit` those without anything that does.
    """

    bands: Tensor  # [9, h]: colours of sky, far band and ground in 0..1, one a row
    far: lines.Line | None
    ground: lines.Line | None
    lit: Lit
    behind: tuple[fitting.Fit, ...]
    small: tuple[fitting.Fit, ...]
    objects: tuple[fitting.Fit, ...]
    rest: Tensor
    unfit: Tensor

    def only(self, kept: Mapping[Layer, Tensor]) -> "Painting":
        """The things of which most cells are among those kept [h, w], and these cells of the rest."""
        return replace(
            self,
            behind=_within(self.behind, kept.get(BEHIND)),
            small=_within(self.small, kept.get(SCATTERED)),
            objects=_within(self.objects, kept.get(OBJECTS)),
            rest=parts.only(self.rest, kept),
            unfit=parts.only(self.unfit, kept),
        )

    def before(self, level: float) -> "Painting":
        """The things, in their own light, before one grey from -1 (black) to 1 (white)."""
        bands = torch.full_like(self.bands, (level + 1) / 2)
        return replace(self, bands=bands, rest=parts.before(self.rest, level))


def parts_left(painting: Painting) -> tuple[Tensor, ...]:
    """Fields [C, h, w] that a decoder has to draw: what is left, and small things before a light and a dark grey."""
    everywhere = torch.ones_like(painting.rest[0], dtype=torch.bool)
    large = parts.only(painting.rest, {OBJECTS: everywhere, BEHIND: everywhere})
    if not bool((painting.unfit[SCATTERED.first] > _SMALL[0]).any()):
        return (large,)
    small = parts.only(painting.unfit, {SCATTERED: everywhere})
    return (large, *(parts.before(small, level) for level in (GREY, -GREY)))


def colours(painting: Painting, decoded: Sequence[Colours], scale: float) -> Colours:
    """The picture's colours as in one of `scale` pixels a cell; `decoded` are those of `parts_left`."""
    under, over, objects = _layouts(painting)
    large, *small = decoded

    @torch.inference_mode()
    def at(x: Tensor, y: Tensor) -> Tensor:
        across, down = x[None] / _CELL, y[None] / _CELL
        out = draw.over(_background(painting, across[0], down[0], scale)[None], [under], across, down, scale)
        some, share = _unfit(painting, across[0], down[0])
        if len(some):
            out[0, some] = torch.lerp(out[0, some], large(x[some], y[some]), share[:, None])
        out = draw.over(out, [over], across, down, scale)
        some, own, opacity = _small(painting, small, x, y)
        if len(some):
            out[0, some] = torch.lerp(out[0, some], own, opacity[:, None])
        return draw.over(out, [objects], across, down, scale)[0]

    return at


def cover(
    painting: Painting, through: Callable[[Tensor, Tensor], Tensor], small: Sequence[Colours], scale: float
) -> Callable[[Tensor, Tensor], Tensor]:
    """The share [N] of the background that shines through all things; `through` says it of what the decoder draws.

    `small` are the colours of small things before a light and a dark grey.
    """
    under, over, objects = _layouts(painting)

    @torch.inference_mode()
    def at(x: Tensor, y: Tensor) -> Tensor:
        across, down = x[None] / _CELL, y[None] / _CELL
        share = _open(under, across, down, scale)
        some, left = _unfit(painting, across[0], down[0])
        if len(some):
            share[some] = torch.lerp(share[some], through(x[some], y[some]), left)
        some, _own, opacity = _small(painting, small, x, y)
        if len(some):
            share[some] *= 1 - opacity
        return share * _open(over, across, down, scale) * _open(objects, across, down, scale)

    return at


def _layouts(painting: Painting) -> tuple[Layout, Layout, Layout]:
    """What hangs and stands behind; small things, which stand on it; objects. Stars hang behind everything."""
    hung = [fit for fit in painting.small if fit.thing.kind in _HUNG]
    strewn = [fit for fit in painting.small if fit.thing.kind not in _HUNG]
    return (
        _layout([*hung, *painting.behind], painting),
        _layout(strewn, painting),
        _layout(painting.objects, painting),
    )


def _open(layout: Layout, across: Tensor, down: Tensor, scale: float) -> Tensor:
    """The share [N] of points that painted things leave open."""
    if not layout.things:
        return torch.ones(across.shape[1])
    dark = torch.zeros(1, across.shape[1], 3)
    before = (draw.over(level, [layout], across, down, scale)[0, :, 0] for level in (dark + 1, dark))
    white, black = before
    return white - black


def _unfit(painting: Painting, across: Tensor, down: Tensor) -> tuple[Tensor, Tensor]:
    """Which of the points [N] are the decoder's, near large things that don't fit, and how much of each."""
    left = torch.stack([painting.unfit[layer.first] for layer in (OBJECTS, BEHIND)]).amax(0)
    share = _left(left, across, down, _LEFT)
    some = share.nonzero().squeeze(1)
    return some, share[some]


def _small(
    painting: Painting, greys: Sequence[Colours], x: Tensor, y: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Which of the points [N] may be small things', their colours [n, 3] there, and how much of each they cover.

    They are decoded before a light and a dark grey: what differs between the two shines through.
    """
    near = _left(painting.unfit[SCATTERED.first], x / _CELL, y / _CELL, _SMALL) if greys else torch.zeros(0)
    some = near.nonzero().squeeze(1)
    if not len(some):
        return some, torch.zeros(0, 3), some
    light, dark = (grey(x[some], y[some]) for grey in greys)
    seen = 1 - (light - dark).mean(1) / GREY
    own = dark - (1 - seen[:, None]) * (1 - GREY) / 2
    opacity = ((seen - FAINT) / (1 - 2 * FAINT)).clamp(0, 1) * near[some]
    return some, (own / seen[:, None].clamp(min=FAINT)).clamp(0, 1), opacity


def _background(painting: Painting, x: Tensor, y: Tensor, scale: float) -> Tensor:
    """Sky, far band and ground, [N, 3], at places [N] in cells."""
    bands = _rows(painting.bands, y).view(3, 3, -1).transpose(1, 2)
    colours: Tensor = bands[0]
    for band, line in ((bands[1], painting.far), (bands[2], painting.ground)):
        if line is not None:
            heights, slopes = line.at(x.double())
            distance = ((heights - y) / torch.sqrt(1 + slopes * slopes)).float() * scale
            colours = torch.lerp(colours, band, (0.5 - distance).clamp(0, 1)[:, None])
    return colours.clamp(0, 1)


def _rows(bands: Tensor, y: Tensor) -> Tensor:
    """The values of rows [9, h] at heights [N] in cells: two straight pieces where a gradient ends between two rows."""
    last = bands.shape[1] - 1
    before = (y - 0.5).floor().long().clamp(0, last - 1)
    share = y - 0.5 - before
    here, after = bands[:, before], bands[:, before + 1]
    above, below = bands[:, (before - 1).clamp(min=0)], bands[:, (before + 2).clamp(max=last)]
    rise = torch.where(before > 0, here - above, after - here)
    fall = torch.where(before < last - 1, below - after, after - here)
    down, up = here + rise * share, after - fall * (1 - share)
    bent, end = after - fall - here, here + rise - after
    pieces = torch.where(bent > 0, torch.minimum(down, up), torch.maximum(down, up))
    is_bent = (bent * end > 0) & (share >= 0) & (share <= 1)
    return torch.where(is_bent, pieces, torch.lerp(here, after, share))


def _left(left: Tensor, x: Tensor, y: Tensor, ends: tuple[float, float]) -> Tensor:
    """How much of points [N] is the decoder's: 1 near what doesn't fit."""
    height, width = left.shape
    grid = torch.stack((x * 2 / width - 1, y * 2 / height - 1), 1)[None, None]
    near = functional.grid_sample(left[None, None], grid, padding_mode="border", align_corners=False)[0, 0, 0]
    return ((near - ends[0]) / (ends[1] - ends[0])).clamp(0, 1)


def _within(fits: Sequence[fitting.Fit], kept: Tensor | None) -> tuple[fitting.Fit, ...]:
    if kept is None:
        return ()
    return tuple(fit for fit in fits if float(kept[fit.row, fit.column].float().mean()) > _OWN)


def _layout(fits: Sequence[fitting.Fit], painting: Painting) -> Layout:
    """The things alone, in the light of the whole picture."""
    light = painting.lit.light
    nothing = (light.haze, light.haze)
    things = [_thing(fit, painting.lit) for fit in fits]
    height, width = painting.rest.shape[1:]
    return Layout(
        width,
        height,
        nothing,
        nothing,
        nothing,
        Curve(),
        Curve(),
        light.tint,
        light.haze,
        light.night,
        things,
    )


def _thing(fit: fitting.Fit, lit: Lit) -> Thing:
    """The fitted thing with the colour that under this light and fog becomes the one seen."""
    fog = lit.fog * _HAZY.get(fit.thing.kind, 0.0)
    seen = ((fit.colour + 1) / 2).tolist()
    clear = [(value - fog * haze) / (1 - fog) for value, haze in zip(seen, lit.light.haze, strict=True)]
    r, g, b = (value / tint for value, tint in zip(clear, lit.light.tint, strict=True))
    return replace(fit.thing, colour=(r, g, b), haze=fog)
