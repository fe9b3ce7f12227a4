"""Paints the part of a picture that fits a drawing by the drawing's own painters, and leaves the rest to the decoder.

Fields hold one thing a cell and layer, so where two things of a layer meet, points between their cells get a mixture of
both, from which nothing can be drawn: that, and not the decoder, bends and smears outlines there. What was fitted
(`fitting`, `lines`) is known everywhere. See docs/decisions/0086.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from . import draw, fitting, lines, palette
from .canvas import Curve, Layout, Thing
from .latents import BEHIND, LAYERS, LINES, OBJECTS, Layer

# Colours [N, 3] in 0..1 of places x, y [N], in pixels of the base size.
Colours = Callable[[Tensor, Tensor], Tensor]

_CELL: Final = 16  # pixels of the base size
_GREY: Final = (0.66, 0.71, 0.77)
# How much of the sky's colours a weather turns into grey, and its lower one into haze.
_WEATHERS: Final = ((0.0, 0.0), (0.12, 0.0), (0.50, 0.0), (0.35, 0.0), (0.6, 0.62))
# How much of a picture's fog lies over what stands or hangs behind its objects.
_HAZY: Final = {
    "sun": 0.4, "moon": 0.4, "crescent": 0.4, "mountain": 0.5, "pine": 0.5, "block": 0.5, "tower": 0.5,
}  # fmt: skip
_PLAIN: Final = palette.Light((0, 0, 0), (0, 0, 0), (1, 1, 1), (1, 1, 1), 0.0)
_UNKNOWN: Final = 0.5  # sum of six differences of colour from which on a sky is none that is drawn
_ALIKE: Final = 0.06  # how far the colours of far band and ground may be apart in a plain picture
_SAME: Final = 0.1  # how far the place in a cell may be from that of a fitted thing to be its own
_NO_LINE: Final = 0.5  # least distance to a line that lies below the picture: noise doesn't make it one
_LEFT: Final = (-0.8, -0.4)  # outline distance from which on a point begins to be the decoder's, and is


@dataclass(frozen=True, slots=True)
class Lit:
    """The light of a picture, and how much fog is in it."""

    light: palette.Light
    fog: float = 0.0


@dataclass(frozen=True, slots=True)
class Painting:
    """What fits of fields [C, h, w]: lines (None: there is none) and things of two layers, back to front.

    `rest` are the fields without objects that fit; `left` [h, w] says how near a cell is to what does not, from -1
    to 1, as outline distances do.
    """

    bands: Tensor  # [9, h]: colours of sky, far band and ground in 0..1, one a row
    far: lines.Line | None
    ground: lines.Line | None
    behind: Layout
    objects: Layout
    rest: Tensor
    left: Tensor


@torch.no_grad()
def read(fields: Tensor) -> Painting | None:
    """What fits of fields [C, h, w]; None where lines or light don't: then the decoder has to draw it all."""
    fields = fields.detach().float().cpu()
    bands = (fields[: LINES.start].mean(2) + 1) / 2
    found = [lines.find(fields[channel]) for channel in range(LINES.start, LINES.stop)]
    seen = [bool((fields[channel] < _NO_LINE).any()) for channel in range(LINES.start, LINES.stop)]
    light = _light(bands) if any(seen) or not _is_plain(bands) else Lit(_PLAIN)
    if light is None or any(line is None and there for line, there in zip(found, seen, strict=True)):
        return None
    unfit, rest = fields.clone(), fields.clone()
    layouts = []
    for layer in (BEHIND, OBJECTS):
        fits = _found(fields, layer)
        for fit, exact in fits:
            own = _own(fields[layer.place], fit, exact)
            fitting.clear(unfit, layer, own)
            if layer is OBJECTS:
                fitting.clear(rest, layer, own)
        ordered = _back_to_front(fits, fields[layer.place])
        layouts.append(_layout(ordered, light, fields.shape[2], fields.shape[1]))
    left = torch.stack([unfit[layer.first] for layer in LAYERS]).amax(0)
    far, ground = (line if there else None for line, there in zip(found, seen, strict=True))
    return Painting(bands, far, ground, layouts[0], layouts[1], rest, left)


def colours(painting: Painting, decoded: Colours, scale: float) -> Colours:
    """The picture's colours as in one of `scale` pixels a cell; `decoded` are those of `rest`."""

    @torch.inference_mode()
    def at(x: Tensor, y: Tensor) -> Tensor:
        across, down = x[None] / _CELL, y[None] / _CELL
        out = draw.over(
            _background(painting, across[0], down[0], scale)[None], [painting.behind], across, down, scale
        )
        share = _left(painting.left, across[0], down[0])
        some = share.nonzero().squeeze(1)
        if len(some):
            out[0, some] = torch.lerp(out[0, some], decoded(x[some], y[some]), share[some, None])
        return draw.over(out, [painting.objects], across, down, scale)[0]

    return at


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


def _left(left: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """How much of points [N] is the decoder's: 1 near what doesn't fit."""
    height, width = left.shape
    grid = torch.stack((x * 2 / width - 1, y * 2 / height - 1), 1)[None, None]
    near = functional.grid_sample(left[None, None], grid, padding_mode="border", align_corners=False)[0, 0, 0]
    return ((near - _LEFT[0]) / (_LEFT[1] - _LEFT[0])).clamp(0, 1)


def _light(bands: Tensor) -> Lit | None:
    """The light and fog whose sky has these colours [9, h] at its top and its bottom; None where none is alike."""
    seen = torch.cat((1.5 * bands[:3, 0] - 0.5 * bands[:3, 1], bands[:3, -1]))
    lights = (*palette.LIGHTS.values(), palette.SPACE, palette.UNDERWATER)
    skies = [(_sky(light, *weather), Lit(light, weather[1])) for light in lights for weather in _WEATHERS]
    off, lit = min(((float((sky - seen).abs().sum()), lit) for sky, lit in skies), key=lambda pair: pair[0])
    return lit if off < _UNKNOWN else None


def _is_plain(bands: Tensor) -> bool:
    """Whether a picture without lines is one colour, which its far band and its ground have too."""
    return bool((bands[3:6] - bands[6:]).abs().max() < _ALIKE)


def _sky(light: palette.Light, dull: float, fog: float) -> Tensor:
    """Its top and bottom [6] in this light, with so much grey and fog."""
    grey = palette.lit(_GREY, light.tint)
    bottom = palette.mix(palette.mix(light.sky_bottom, grey, dull), light.haze, fog)
    return torch.tensor((*palette.mix(light.sky_top, grey, dull), *bottom))


def _layout(fits: Sequence[fitting.Fit], lit: Lit, width: int, height: int) -> Layout:
    """The things alone, in this light."""
    nothing, light = (lit.light.haze, lit.light.haze), lit.light
    things = [_thing(fit, lit) for fit in fits]
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


def _found(fields: Tensor, layer: Layer) -> list[tuple[fitting.Fit, fitting.Drawn]]:
    """The things of the layer that fit, and those that do where nothing of the first is in front of them."""
    found = fitting.find(fields, layer)
    others = fields.clone()
    hidden = torch.zeros_like(fields[0], dtype=torch.bool)
    for fit, (row, column, distance, _) in found:
        fitting.clear(others, layer, fit)
        hidden[row, column] |= distance < 0
    return found + fitting.find(others, layer, hidden) if found else found


def _own(place: Tensor, fit: fitting.Fit, drawn: fitting.Drawn) -> fitting.Fit:
    """The fit with all cells that hold its thing's places [2, h, w], not only those that voted for it."""
    row, column, _, exact = drawn
    same = (place[:, row, column] - exact).abs().amax(0) < _SAME
    return replace(fit, row=torch.cat((fit.row, row[same])), column=torch.cat((fit.column, column[same])))


def _back_to_front(found: Sequence[tuple[fitting.Fit, fitting.Drawn]], place: Tensor) -> list[fitting.Fit]:
    """The fits in the order of drawing: of two that cover a cell, the one whose place [2, h, w] it has is in front."""
    apart = [_inside(drawn, place) for _, drawn in found]
    left, order = set(range(len(found))), []
    while left:
        free = [i for i in left if not any(_is_before(apart[i], apart[j]) for j in left - {i})]
        rearmost = min(free or left, key=lambda i: (found[i][0].thing.y, i))
        left.discard(rearmost)
        order.append(found[rearmost][0])
    return order


def _inside(drawn: fitting.Drawn, place: Tensor) -> tuple[Tensor, Tensor]:
    """The cells [h, w] inside a thing, and how far the places there are from its own."""
    row, column, distance, own = drawn
    inside, off = torch.zeros_like(place[0], dtype=torch.bool), torch.zeros_like(place[0])
    inside[row, column] = distance < 0
    off[row, column] = (place[:, row, column] - own).abs().sum(0).to(off)
    return inside, off


def _is_before(one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> bool:
    both = one[0] & other[0]
    return bool(both.any()) and 2 * int((one[1] < other[1])[both].sum()) > int(both.sum())
