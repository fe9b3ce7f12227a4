"""One self-contained file per family of models; what they have in common is this small protocol."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from PIL import Image

from generation.catalogue import FAMILIES, Entry
from generation.engine.encode import Pixels
from generation.sizes import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pictures that are drawn together: one prompt and one seed each, all else in common.

    With a mask, of the reference's size, only what is white in it is redrawn: see `engine.inpainting`.
    """

    prompts: tuple[str, ...]
    negative_prompts: tuple[str, ...]
    seeds: tuple[int, ...]
    size: Size
    steps: int
    guidance: float
    reference: Image.Image | None = None
    strength: float | None = None
    mask: Image.Image | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """After `step` of `of` steps; `preview(i)` draws what picture i looks like so far, about 256 px, when asked."""

    step: int
    of: int
    preview: Callable[[int], Image.Image]


class Family(Protocol):
    """A loaded model. `run` gives latents, one a picture; what `on_step` raises ends it and leaves it as it was."""

    capabilities: frozenset[str]
    revision: str

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor: ...

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        """The latents of one picture [channels, h, w] → uint8 [size.height, size.width, 3]."""
        ...


def load(entry: Entry) -> Family:
    """Import the family's file and load the entry's weights with it. Raises ModelUnavailable."""
    module = importlib.import_module(FAMILIES[entry.family])
    return cast("Family", module.load(entry))
