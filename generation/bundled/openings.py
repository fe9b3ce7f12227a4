"""How much of what is behind shines through the things of a picture.

A painter says how much of a point it covers. Of what the decoder draws it is seen: things are decoded before a light
and before a dark grey, and so is the empty scene; what differs between the two greys, by what differs without the
things, shines through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from .composition import Composition
from .painting import FAINT, GREY, Colours, Painting, cover, parts_left

_FLOOR: Final = 1 / 255


@dataclass(frozen=True, slots=True)
class Opening:
    """The share of what is behind that shines through a composition's things, as a picture of three equal channels."""

    things: Composition

    @property
    def fields(self) -> Tensor:
        return self.things.fields

    @property
    def painting(self) -> Painting | None:
        return self.things.painting

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """The fields, [C, h, w] each, that a decoder has to draw: the things and the empty scene, light and dark."""
        empty = self.things.empty()
        greys = [picture.before(level) for picture in (self.things, empty) for level in (GREY, -GREY)]
        if self.painting is None:
            return tuple(grey.fields for grey in greys)
        _, *small = parts_left(self.painting)
        return (*(parts_left(grey.painting)[0] for grey in greys if grey.painting), *small)

    def colours(self, decoded: Sequence[Colours], scale: float) -> Colours:
        """The share at places, [N, 3]; `decoded` are those of `parts`."""
        light, dark, all_light, all_dark = decoded[:4]

        def through(x: Tensor, y: Tensor) -> Tensor:
            lit = all_light(x, y) - all_dark(x, y)
            seen = (light(x, y) - dark(x, y)).sum(1) / lit.sum(1).clamp(min=_FLOOR)
            # What is noise of the decoder at both ends is rounded.
            return ((seen - FAINT) / (1 - 2 * FAINT)).clamp(0, 1)

        share = cover(self.painting, through, decoded[4:], scale) if self.painting else through

        @torch.inference_mode()
        def at(x: Tensor, y: Tensor) -> Tensor:
            return share(x, y)[:, None].expand(-1, 3)

        return at
