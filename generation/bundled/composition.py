"""A picture as its fields and what of them is painted: things can be taken out of it, and a grey put behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from . import parts, reading
from .latents import LINES, Layer
from .painting import Colours, Painting, colours, parts_left

FAR_LINE = LINES.start
GROUND_LINE = LINES.start + 1


@dataclass(frozen=True, slots=True)
class Composition:
    """Fields [C, h, w], and what of them is painted; without a painting the decoder draws it all."""

    fields: Tensor
    painting: Painting | None = None

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """The fields, [C, h, w] each, that the decoder has to draw."""
        return parts_left(self.painting) if self.painting else (self.fields,)

    @property
    def painted(self) -> int:
        """How many things are painted."""
        painting = self.painting
        return len(painting.behind) + len(painting.small) + len(painting.objects) if painting else 0

    def colours(self, decoded: Sequence[Colours], scale: float) -> Colours:
        """Its colours as in a picture of `scale` pixels a cell; `decoded` are those of `parts`.

        Places are in pixels of the decoder's own picture, 16 a cell.
        """
        return colours(self.painting, decoded, scale) if self.painting else decoded[0]

    @torch.no_grad()
    def only(self, kept: Mapping[Layer, Tensor]) -> "Composition":
        """Keep these cells [h, w] of these layers, and clear all others."""
        return Composition(parts.only(self.fields, kept), self.painting and self.painting.only(kept))

    @torch.no_grad()
    def before(self, level: float) -> "Composition":
        """Put one grey, from -1 (black) to 1 (white), behind the things."""
        return Composition(parts.before(self.fields, level), self.painting and self.painting.before(level))

    def empty(self) -> "Composition":
        """The scene without anything in it."""
        return self.only({})

    def without_ground(self) -> "Composition":
        painting = self.painting and replace(self.painting, ground=None)
        return _lowered(self.fields, painting, GROUND_LINE)

    def without_far(self) -> "Composition":
        painting = self.painting and replace(self.painting, far=None)
        return _lowered(self.fields, painting, FAR_LINE)


def composed(fields: Tensor, *, painted: bool) -> Composition:
    """The composition of fields [C, h, w]: painted as far as they fit a drawing, or all the decoder's."""
    return Composition(fields, reading.read(fields) if painted else None)


def _lowered(fields: Tensor, painting: Painting | None, line: int) -> Composition:
    """With one of the lines below the picture."""
    whole = fields.clone()
    whole[line] = 1
    if painting is None:
        return Composition(whole)
    rest, unfit = painting.rest.clone(), painting.unfit.clone()
    rest[line] = unfit[line] = 1
    return Composition(whole, replace(painting, rest=rest, unfit=unfit))
