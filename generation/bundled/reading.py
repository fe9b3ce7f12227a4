"""Finds what of a picture's fields fits a drawing: light, bands, lines, and things with their order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import torch
from torch import Tensor

from . import fitting, lines, palette, strewn
from .latents import BEHIND, FURTHEST, LINES, OBJECTS, SCATTERED, Layer
from .painting import Lit, Painting

_GREY: Final = (0.66, 0.71, 0.77)
# How much of the sky's colours a weather turns into grey, and its lower one into haze.
_WEATHERS: Final = ((0.0, 0.0), (0.12, 0.0), (0.50, 0.0), (0.35, 0.0), (0.6, 0.62))
_PLAIN: Final = palette.Light((0, 0, 0), (0, 0, 0), (1, 1, 1), (1, 1, 1), 0.0)
_UNKNOWN: Final = 0.5  # sum of six differences of colour from which on a sky is none that is drawn
_ALIKE: Final = 0.06  # how far the colours of far band and ground may be apart in a plain picture
_SAME: Final = 0.1  # how far the place in a cell may be from that of a fitted thing to be its own
_NO_LINE: Final = 0.5  # least distance to a line that lies below the picture: noise doesn't make it one


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
    things = []
    for layer in (BEHIND, OBJECTS):
        fits = _found(fields, layer)
        for fit, exact in fits:
            own = _own(fields[layer.place], fit, exact)
            fitting.clear(unfit, layer, own)
            if layer is OBJECTS:
                fitting.clear(rest, layer, own)
        things.append(tuple(_back_to_front(fits, fields[layer.place])))
    strewn_things = strewn.find(fields)
    for fit, exact in strewn_things:
        fitting.clear(unfit, SCATTERED, _own(fields[SCATTERED.place], fit, exact))
    far, ground = (line if there else None for line, there in zip(found, seen, strict=True))
    small = tuple(fit for fit, _ in strewn_things)
    return Painting(bands, far, ground, light, things[0], small, things[1], rest, unfit)


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
    same = (place[:, row, column] - exact.clamp(-FURTHEST, FURTHEST)).abs().amax(0) < _SAME
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
