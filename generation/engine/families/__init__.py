"""One self-contained file per family of models; what they have in common is this small protocol."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, cast

import torch
from PIL import Image

from generation.engine.families.noise import TileNoise
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.pointwise import Canvas
from generation.requests.catalogue import FAMILIES, Entry
from generation.requests.sizes import Size

# text_to_image: words alone; image_to_image: `reference`; inpaint: and `mask`; edit: `references`; layers: `layers`.
KINDS_OF_RUN: Final = frozenset({"text_to_image", "image_to_image", "inpaint", "edit", "layers"})


@dataclass(frozen=True, slots=True)
class Lead:
    """What leads a drawing: the kind of its map, the map (RGB), and how strongly (what the network adds, times it)."""

    kind: str
    picture: Image.Image
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pictures that are drawn together: one prompt and one seed each, all else in common.

    What is set says what is wanted. Nothing: a picture from words. `reference`: a picture from a picture. `reference`
    and `mask`: a part of it redrawn. `references`: an instruction about one to `Family.max_references` pictures, the
    first of which is the one to change. `layers`: `reference` taken apart into so many, from the back to the front.
    """

    prompts: tuple[str, ...]
    negative_prompts: tuple[str, ...]
    seeds: tuple[int, ...]
    size: Size
    steps: int
    guidance: float
    reference: Image.Image | None = None
    strength: float | None = None
    # "L", of the reference's size. 255: drawn from the first step on; lower: later (see `inpainting`); 0: never.
    mask: Image.Image | None = None
    # [channels, h, w]: the latents of `reference`, where they are known better than by encoding it.
    latents: torch.Tensor | None = None
    # [channels, h, w]: the mask's levels for each of them, where that is known better than by the mask.
    levels: torch.Tensor | None = None
    references: tuple[Image.Image, ...] = ()
    layers: int = 0
    # Of one picture alone: what `reference` is noised by, where that is a tile of a larger picture.
    noise: TileNoise | None = None
    # For pictures from words, or from a picture, with a family that has loaded weights for this kind.
    lead: Lead | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """After `step` of `of` steps; `preview(i)` draws what picture i looks like so far, 256 px wide or high, when asked.

    It is decoded smaller than it is shown where that is cheaper.
    """

    step: int
    of: int
    preview: Callable[[int], Image.Image]


class Family(Protocol):
    """A loaded model: what it can do (`KINDS_OF_RUN`, also limited by its entry), with how many references at most."""

    capabilities: frozenset[str]
    max_references: int
    revision: str

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        """Latents [pictures, …]; with layers [pictures × layers, …], those of one picture next to each other.

        Where the mask is 0, latents are the picture's own if the family can do that; pixels are laid back by the
        engine. What `on_step` raises ends the run and leaves the model as it was.
        """
        ...

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        """The latents of one picture → uint8 [size.height, size.width, 3], or 4 with opacity."""
        ...

    def canvas(self, latents: torch.Tensor, size: Size) -> Canvas | None:
        """The same picture as a function of places in `size`, or None where its decoder looks at whole pictures."""
        ...


def load(entry: Entry) -> Family:
    """Import the family's file and load the entry's weights with it. Raises ModelUnavailable."""
    module = importlib.import_module(FAMILIES[entry.family])
    return cast("Family", module.load(entry))
