"""A picture whose latents are understood: some of it is painted at any size, and the decoder draws the rest."""

from collections.abc import Sequence
from typing import Protocol

import torch

from generation.engine.families import Family
from generation.engine.pixels.pointwise import Canvas
from generation.engine.pixels.refining import Colours
from generation.engine.pixels.resample import cover_box
from generation.requests.sizes import Size


class Drawable(Protocol):
    """What is drawn at any size from latents [C, h, w], which are called fields where they are understood."""

    @property
    def fields(self) -> torch.Tensor: ...

    @property
    def parts(self) -> tuple[torch.Tensor, ...]:
        """The fields, [C, h, w] each, that the decoder has to draw."""
        ...

    @property
    def painting(self) -> object | None:
        """What is painted; None where the decoder draws it all."""
        ...

    def colours(self, decoded: Sequence[Colours], scale: float) -> Colours:
        """Its colours as in a picture of `scale` pixels a cell; `decoded` are those of `parts`."""
        ...


class Composition(Drawable, Protocol):
    """A picture whose things are known."""

    @property
    def painted(self) -> int:
        """How many things are painted."""
        ...

    def before(self, level: float) -> "Composition":
        """Its things before one grey, from -1 (black) to 1 (white)."""
        ...


def points(
    family: Family, picture: torch.Tensor | Drawable, base: Size, output: Size
) -> tuple[Colours, torch.device] | None:
    """Colours of places in pixels of `base`, for a picture of the size `output`, and the device that has to ask.

    None for decoders that aren't a function of points. Painters work on the processor.
    """
    if isinstance(picture, torch.Tensor):
        plain = family.canvas(picture, base)
        return (plain.colours, plain.values.device) if plain else None
    canvases = [family.canvas(part, base) for part in picture.parts]
    found = [canvas for canvas in canvases if canvas]
    if len(found) < len(canvases):
        return None
    first = found[0]
    box = cover_box(base, output)
    cell = first.width / picture.fields.shape[2]
    colours = picture.colours(
        [_from_its_corner(canvas) for canvas in found], cell * output.width / (box.right - box.left)
    )
    return lambda x, y: colours(x + first.left, y + first.top), torch.device("cpu")


def _from_its_corner(canvas: Canvas) -> Colours:
    """Its colours at places from the corner of the whole that the decoder draws, asked by the processor."""
    device = canvas.values.device

    def at(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return canvas.colours((x - canvas.left).to(device), (y - canvas.top).to(device)).cpu()

    return at
