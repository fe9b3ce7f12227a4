"""From a drawn picture's latents to rows of exactly the size that was asked for."""

from collections.abc import Generator
from typing import Any, Protocol

import numpy as np
import torch
from PIL import Image

from generation.engine.composing import Drawable, points
from generation.engine.contract import ModelUnavailable
from generation.engine.families import Family
from generation.engine.pixels import registering, scalers, upscale
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.refining import Refined
from generation.requests.catalogue import NATIVE, Entry
from generation.requests.sizes import Size


class Finish(Protocol):
    """How one picture gets its size: stages of its recipe, its small preview, and its rows, top down.

    Rows have `channels`: 3, or 4 with opacity. What it looks like before may come without; with `every`, its pixels are
    every so many-th of the picture's from the first on, else means of their squares.
    """

    channels: int
    every: int | None
    stages: tuple[dict[str, Any], ...]
    small: Pixels

    def strips(self) -> Generator[Pixels]: ...


def finish(
    family: Family,
    entry: Entry,
    picture: torch.Tensor | Drawable,
    base: Size,
    output: Size,
    like: Image.Image | None = None,
) -> Finish:
    """Decode one picture, or draw its composition, whole or as far as its small preview needs.

    Raises ModelUnavailable. With `like`, of the size `base`, what is drawn is moved to where that shows the same.
    """
    if entry.scaler == NATIVE:
        return _Native(family, entry, picture, base, output)
    pixels = _at_its_size(family, entry, picture, base)
    if like is None:
        return _Enlarged(pixels, entry, output)
    found = registering.found(np.asarray(like.convert("RGB")), pixels)
    return _Enlarged(registering.moved(pixels, found), entry, output, registering.stage(found))


def _at_its_size(family: Family, entry: Entry, picture: torch.Tensor | Drawable, base: Size) -> Pixels:
    if isinstance(picture, torch.Tensor):
        return family.decode(picture, base)
    return np.concatenate(list(_refined(family, entry, picture, base, base).strips()))


def _refined(
    family: Family, entry: Entry, picture: torch.Tensor | Drawable, base: Size, output: Size
) -> Refined:
    """Raises ModelUnavailable."""
    found = points(family, picture, base, output)
    if found is None:
        raise ModelUnavailable(
            f"{entry.id}: its decoder can't draw at any size; set scaler to one of {scalers.OF_PIXELS}"
        )
    return Refined(found[0], base, output, found[1])


class _Native:
    """Drawn at the output's size, by the decoder and, as far as it is composed, by painters."""

    channels = 3

    def __init__(
        self, family: Family, entry: Entry, picture: torch.Tensor | Drawable, base: Size, output: Size
    ) -> None:
        self._refined = _refined(family, entry, picture, base, output)
        self.stages: tuple[dict[str, Any], ...] = (
            {"stage": "decode", "width": output.width, "height": output.height},
        )
        self.small = self._refined.coarse()
        self.every: int | None = self._refined.side

    def strips(self) -> Generator[Pixels]:
        yield from self._refined.strips()


class _Enlarged:
    """The whole picture is decoded at its base size, and enlarged by a network or by Lanczos."""

    every: int | None = None

    def __init__(self, pixels: Pixels, entry: Entry, output: Size, *before: dict[str, Any]) -> None:
        self.small, self._output = pixels, output
        self.channels = int(pixels.shape[2])
        self._scaler = scalers.for_entry(entry)
        base = Size(pixels.shape[1], pixels.shape[0])
        self.stages: tuple[dict[str, Any], ...] = (
            *before,
            scalers.stage(self._scaler, upscale.passes(base, output, self._scaler)),
        )

    def strips(self) -> Generator[Pixels]:
        return upscale.upscaled(self.small, self._output, self._scaler)


def thumbnail(picture: Finish, side: int) -> Image.Image:
    """What a picture looks like before it has its size, at most `side` pixels wide and high."""
    small = Image.fromarray(picture.small)
    small.thumbnail((side, side))
    return small
