"""Pictures with opacity: the main thing without its background, and a picture taken apart into layers."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np
from PIL import Image

from generation.engine import projecting
from generation.engine.composing import Composition
from generation.engine.contract import ModelUnavailable, NothingThere
from generation.engine.edits import fields
from generation.engine.edits.original import Original
from generation.engine.families import Family
from generation.engine.finishing import Finish, finish
from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.laying import stretched
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size

_BEYOND: Final = 0.08  # cells that the decoder's edge of a band is wide, beyond its line
_LOOKED_AT: Final = 2048  # pixels a side of what a cutter is given


class Cutter(Protocol):
    """A model that separates the main thing of a picture from its background."""

    name: str

    def opacity(self, picture: Image.Image) -> np.typing.NDArray[np.float32]:
        """An RGB picture → [h, w] from 0 (background) to 1, of the model's own size."""
        ...


def without_background(
    request: GenerationRequest, entry: Entry, family: Family, reference: Path, stored: Path | None
) -> Finish:
    """By the fields stored with the picture, or the operator's model. Raises ModelUnavailable and NothingThere."""
    if hasattr(family, "opacity"):
        return _ByModel(Original.read(reference), cast("Cutter", family))
    base, picture = known(request, entry, stored)
    cut = projecting.module_of(entry).foreground(picture)
    if cut is None:
        raise NothingThere("nothing stands before the background")
    return Matted(family, entry, cut, base, request.output)


def layers(request: GenerationRequest, entry: Entry, family: Family, stored: Path | None) -> list[Finish]:
    """From the back to the front, at most as many as were ordered. Raises ModelUnavailable and NothingThere."""
    base, picture = known(request, entry, stored)
    cuts = projecting.module_of(entry).layers(picture, request.count)
    if not cuts:
        raise NothingThere("there is nothing but the background")
    lowest = finish(family, entry, cuts[0].behind, base, request.output)
    if cuts[0].kinds_behind:
        what = list(cuts[0].kinds_behind)
        lowest.stages = (*lowest.stages, {"stage": "cut_out", "by": "fields", "what": what})
    return [lowest, *(_layer(family, entry, cut, base, request.output) for cut in cuts)]


def known(request: GenerationRequest, entry: Entry, stored: Path | None) -> tuple[Size, Composition]:
    """The size that the picture was drawn at, and what its stored fields compose. Raises ModelUnavailable."""
    base = entry.base_size(request.shape)
    found = fields.composed(entry, stored, base)
    if found is None:
        raise ModelUnavailable(f"{entry.id}: nothing is stored with this picture about what stands where")
    return base, found


class Matted:
    """Things without what is behind them.

    Their colours are the picture's, with what is behind them taken out: laid over that again, they give the picture.
    """

    channels = 4
    every: int | None = None

    def __init__(self, family: Family, entry: Entry, cut: Any, base: Size, output: Size) -> None:
        wanted = (projecting.module_of(entry).opening(cut.alone), cut.whole, cut.behind)
        self._parts = [finish(family, entry, picture, base, output) for picture in wanted]
        self.small = matted(*(part.small for part in self._parts))
        self.stages: tuple[dict[str, Any], ...] = (
            *self._parts[0].stages,
            {"stage": "cut_out", "by": "fields", **_what(cut)},
        )

    def strips(self) -> Generator[Pixels]:
        for parts in zip(*(part.strips() for part in self._parts), strict=True):
            yield matted(*parts)


def _layer(family: Family, entry: Entry, cut: Any, base: Size, output: Size) -> Finish:
    kind = Matted if cut.line is None else _Band
    return kind(family, entry, cut, base, output)


class _Band:
    """The ground or the far band without what is behind: its edge is a line, whose distances are known.

    It reaches a little beyond its line, as far as the decoder's own edge does, so nothing is missing between layers.
    """

    channels = 4

    def __init__(self, family: Family, entry: Entry, cut: Any, base: Size, output: Size) -> None:
        self._whole = finish(family, entry, cut.whole, base, output)
        self._line, self._size = cut.line, (output.height, output.width)
        self.every: int | None = self._whole.every
        height, width = self._whole.small.shape[:2]
        self.small = self._within(self._whole.small, 0, (height, width))
        self.stages: tuple[dict[str, Any], ...] = (
            *self._whole.stages,
            {"stage": "cut_out", "by": "fields", **_what(cut)},
        )

    def strips(self) -> Generator[Pixels]:
        top = 0
        for strip in self._whole.strips():
            yield self._within(strip, top, self._size)
            top += len(strip)

    def _within(self, rows: Pixels, top: int, whole: tuple[int, int]) -> Pixels:
        distance = stretched(self._line.numpy(), top, top + len(rows), whole)
        pixels_a_cell = whole[0] / self._line.shape[0]
        share = np.clip((distance + _BEYOND) * pixels_a_cell + 0.5, 0, 1)
        alpha = np.rint(share * 255).astype(np.uint8)[:, :, None]
        out: Pixels = np.concatenate([np.where(alpha > 0, rows, 0), alpha], axis=2).astype(np.uint8)
        return out


def _what(cut: Any) -> dict[str, Any]:
    """What a layer shows, where that is known."""
    return {"what": list(cut.kinds)} if cut.kinds else {}


def matted(through: Pixels, whole: Pixels, behind: Pixels) -> Pixels:
    """What shines through things, the picture and what is behind them, [h, w, 3] each → [h, w, 4]."""
    alpha = 255 - through[:, :, :1]
    share = alpha / np.float32(255)
    colour = behind + (whole.astype(np.float32) - behind) / np.maximum(share, np.float32(1 / 255))
    # What is invisible is black, as in every file here.
    colours = np.where(alpha > 0, colour.clip(0, 255).round(), 0)
    out: Pixels = np.concatenate([colours, alpha], axis=2).astype(np.uint8)
    return out


class _ByModel:
    """The picture's own colours, with the opacity that a model gives it."""

    channels = 4
    every: int | None = None

    def __init__(self, original: Original, cutter: Cutter) -> None:
        self._original = original
        # At most so large: the model shrinks it further, to a size of its own.
        self._share = cutter.opacity(original.seen(_whole(original.size), original.size.fit(_LOOKED_AT)))
        self.small = original.sampled()
        self.stages: tuple[dict[str, Any], ...] = ({"stage": "cut_out", "by": cutter.name},)

    def strips(self) -> Generator[Pixels]:
        size = (self._original.size.height, self._original.size.width)
        window = self._original.rows()
        for top in range(0, size[0], STRIP_ROWS):
            rows = window.between(top, min(top + STRIP_ROWS, size[0]))
            share = stretched(self._share, top, top + len(rows), size).clip(0, 1)
            was = rows[:, :, 3] if rows.shape[2] == 4 else np.float32(255)
            alpha = np.rint(share * was).astype(np.uint8)[:, :, None]
            yield np.concatenate([np.where(alpha > 0, rows[:, :, :3], 0), alpha], axis=2).astype(np.uint8)


def _whole(size: Size) -> Box:
    return Box(0, 0, size.width, size.height)
