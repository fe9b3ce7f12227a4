"""Replaces denoised fields with those of an exact drawing where they are close to one: straight walls, round moons.

What the denoiser leaves in the fields is a little noise, and noise in places bends outlines. But what they describe is
simple: things have a middle and a size (`fitting`), lines are sums of two waves (`lines`), and bands have one colour a
row. So the exact fields are written back. What does not fit well keeps the fields that it has, as do small scattered
things.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from . import apart, composition, fitting, latents, lines, openings, parts, pointing, widening

_SPOTTED: Final = 0.08  # how far the colours of a band's row may be from their middle

CHANNELS: Final = latents.CHANNELS
part: Final = parts.part
widened: Final = widening.widened
composed: Final = composition.composed
opening: Final = openings.Opening
foreground: Final = apart.foreground
inside: Final = apart.inside
layers: Final = apart.layers
ORDER: Final = pointing.ORDER
wholes: Final = pointing.wholes
things_of: Final = pointing.things_of
bands: Final = pointing.bands
of_cells: Final = pointing.of_cells


@dataclass(frozen=True, slots=True)
class Projected:
    """Fields [C, h, w], and how many things and lines in them are exact now."""

    fields: Tensor
    things: int
    lines: int


@torch.no_grad()
def project(fields: Tensor) -> Projected:
    """The fields of one picture [C, h, w], as a drawing would have them where they fit one. The input stays."""
    out = fields.detach().float().cpu().clone()
    _level_bands(out)
    straight = sum(_straighten(out, channel) for channel in range(latents.LINES.start, latents.LINES.stop))
    things = 0
    for layer in (latents.OBJECTS, latents.BEHIND):
        found = fitting.find(out, layer)
        for fit, _exact in found:
            fitting.clear(out, layer, fit)
        fitting.write(out, layer, found)
        things += len(found)
    return Projected(out.to(fields), things, straight)


def _level_bands(fields: Tensor) -> None:
    """Sky, far band and ground have one colour a row: its median, where the row is of one colour nearly."""
    bands = fields[: latents.LINES.start]
    middle = bands.median(dim=2, keepdim=True).values
    level = (bands - middle).abs().mean(2, keepdim=True) < _SPOTTED
    fields[: latents.LINES.start] = torch.where(level, middle, bands)


def _straighten(fields: Tensor, channel: int) -> bool:
    """Write the exact distances to a line that is a sum of two waves nearly; say whether it was one."""
    line = lines.find(fields[channel])
    if line is None:
        return False
    _, height, width = fields.shape
    fields[channel] = lines.distances(line, lines.middles(width), lines.middles(height)).to(fields)
    return True
