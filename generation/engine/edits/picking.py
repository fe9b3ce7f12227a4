"""What is meant by clicks: a mask of it, by the fields that were stored with a picture or by an operator's model.

The mask is the alpha of a white picture, as masks in documents are: 255 where a pixel belongs to what is meant.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np
import torch
from PIL import Image

from generation.engine import projecting
from generation.engine.composing import Composition, Drawable, points
from generation.engine.contract import ModelUnavailable, NothingThere
from generation.engine.edits import cutting
from generation.engine.edits.original import Original
from generation.engine.families import Family
from generation.engine.finishing import Finish, finish
from generation.engine.pixels.encode import STRIP_ROWS, Pixels
from generation.engine.pixels.laying import Floats, stretched
from generation.engine.pixels.pointwise import levels
from generation.engine.pixels.resample import cover_box
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size

_HIT: Final = 0.5  # a click is on what makes up so much of its pixel
_MOSTLY: Final = 0.5  # of a thing's cells lie in a box that is drawn around it
_DEEP: Final = 0.2  # cells inside of an outline, where nothing shines through
_Point = tuple[int, int]
_Thing = tuple[int, torch.Tensor]  # the number of its layer, and the cells that are nearest to it


class Picker(Protocol):
    """A model that finds what is meant by points and a box."""

    name: str

    def share(
        self,
        look: Callable[[Size], Image.Image],
        size: Size,
        inside: Sequence[_Point],
        outside: Sequence[_Point],
        box: Box | None,
    ) -> Floats:
        """[h, w] from 0 (something else) to 1, of any size; `look` gives the whole picture, of `size`, at another."""
        ...


def picked(
    request: GenerationRequest, entry: Entry, family: Family, reference: Path, stored: Path | None
) -> Finish:
    """Raises ModelUnavailable and NothingThere."""
    edit = request.edit
    assert edit is not None
    if hasattr(family, "share"):
        original, picker = Original.read(reference), cast("Picker", family)
        box = edit.seen if edit.box else None
        whole = Box(0, 0, original.size.width, original.size.height)
        share = picker.share(
            lambda size: original.seen(whole, size), original.size, edit.inside, edit.outside, box
        )
        return _found(_Spread(share, original.size, {"by": picker.name}))
    base, picture = cutting.known(request, entry, stored)
    scene = _Scene(family, entry, picture, base, request.output)
    inside = scene.meant(edit.inside, edit.seen if edit.box else None)
    return _found(_Picked(scene, inside, scene.meant(edit.outside)))


def _found(mask: "_Spread | _Picked") -> Finish:
    if not (mask.small[:, :, 3] > 127).any():
        raise NothingThere("nothing is selected by these points")
    return mask


class _Scene:
    """The fields of a picture, and what can be pointed at in it."""

    def __init__(self, family: Family, entry: Entry, picture: Composition, base: Size, output: Size) -> None:
        self._module = projecting.module_of(entry)
        self._family, self._entry, self._base, self.output = family, entry, base, output
        self._picture, self._fields = picture, picture.fields
        self._seen: dict[int, Any] = {}

    def drawn(self, picture: Drawable) -> Finish:
        return finish(self._family, self._entry, picture, self._base, self.output)

    def meant(self, points: Sequence[_Point], box: Box | None = None) -> list[Any]:
        """The regions that are seen at these pixels, and in a box; what is in its middle where no thing lies in it.

        The things of one layer are one region: however many points there are, each layer is decoded once.
        """
        things = self._in_box(box) if box else []
        if box and not things:
            points = (*points, ((box.left + box.right) // 2, (box.top + box.bottom) // 2))
        bands = {}
        for point in points:
            number = self._layer_at(point)
            if number is None:
                band = self._band_at(point)
                bands[band] = self._bands[band]
            else:
                things.append((number, self._thing_at(number, point)))
        return [*self._together(things), *bands.values()]

    def _together(self, things: Sequence[_Thing]) -> list[Any]:
        cells: dict[int, torch.Tensor] = {}
        for number, nearest in things:
            cells[number] = cells[number] | nearest if number in cells else nearest
        return [self._of_cells(number, nearest) for number, nearest in cells.items()]

    def _of_cells(self, number: int, cells: torch.Tensor) -> Any:
        # What stands before a layer is the same for all of it, and so is decoded once.
        found = self._module.of_cells(self._picture, number, cells)
        return replace(found, front=self._wholes[number].front)

    @cached_property
    def _wholes(self) -> dict[int, Any]:
        return dict(self._module.wholes(self._picture))

    @cached_property
    def _bands(self) -> list[Any]:
        return list(self._module.bands(self._picture))

    @cached_property
    def _things(self) -> list[Any]:
        return [self._module.things_of(self._fields, number) for number in range(len(self._module.ORDER))]

    def _layer_at(self, point: _Point) -> int | None:
        """The number of the front layer that is seen at a pixel, if a thing is."""
        shown = (number for number, whole in self._wholes.items() if self._share_at(whole, point) >= _HIT)
        return next(shown, None)

    def _band_at(self, point: _Point) -> int:
        return max(range(len(self._bands)), key=lambda band: self._share_at(self._bands[band], point))

    def _thing_at(self, number: int, point: _Point) -> torch.Tensor:
        """The cells that are nearest to the thing of a layer that is nearest to a pixel."""
        height, width = self._fields.shape[1:]
        row = point[1] * height // self.output.height
        column = point[0] * width // self.output.width
        found: torch.Tensor = next(
            nearest for _inside, nearest in self._things[number] if nearest[row, column]
        )
        return found

    def _in_box(self, box: Box) -> list[_Thing]:
        """The things that lie in a box, by their cells."""
        height, width = self._fields.shape[1:]
        row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        x = (column + 0.5) / width * self.output.width
        y = (row + 0.5) / height * self.output.height
        covered = (x >= box.left) & (x < box.right) & (y >= box.top) & (y < box.bottom)
        return [
            (number, nearest)
            for number, things in enumerate(self._things)
            for cells, nearest in things
            if cells.any() and float(covered[cells].float().mean()) >= _MOSTLY
        ]

    def _share_at(self, region: Any, point: _Point) -> float:
        covers = [self._colour(opening, point) for opening in _openings_of(region)]
        x, y = point

        def distances(cells: torch.Tensor) -> Floats:
            return stretched(cells.numpy(), y, y + 1, self.whole)[:, x : x + 1]

        return float(share_of(region, (1, 1), covers, distances, self.pixels_a_cell)[0, 0])

    @property
    def whole(self) -> tuple[int, int]:
        return self.output.height, self.output.width

    @property
    def pixels_a_cell(self) -> float:
        return float(self.output.height / self._fields.shape[1])

    def _colour(self, picture: Drawable, point: _Point) -> Pixels:
        """What is drawn at one pixel of the output, [1, 1, 3]. `picture` has to outlive this scene."""
        box = cover_box(self._base, self.output)
        step = (box.right - box.left) / self.output.width
        x, y = (start + (at + 0.5) * step for start, at in zip((box.left, box.top), point, strict=True))
        if id(picture) not in self._seen:
            self._seen[id(picture)] = points(self._family, picture, self._base, self.output)
        if self._seen[id(picture)] is None:
            raise ModelUnavailable(f"{self._entry.id}: its decoder can't be asked for points")
        colours, device = self._seen[id(picture)]
        return levels(colours(*(torch.tensor([at], device=device) for at in (x, y)))[None])


def _openings_of(region: Any) -> list[Drawable]:
    """What has to be drawn to know where a region is seen."""
    return [cover.opening for cover in (region.shown, region.front) if cover is not None]


def share_of(
    region: Any,
    shape: tuple[int, int],
    openings: Sequence[Pixels],
    distances: Callable[[torch.Tensor], Floats],
    scale: float,
) -> Floats:
    """How much of each pixel, of so many rows and columns, shows a region.

    `openings` are what `_openings_of` says, [h, w, 3] each; `distances` says of cells what they are at these pixels, of
    which `scale` are a cell.
    """
    share = np.ones(shape, np.float32)
    drawn = iter(openings)
    for cover, is_shown in ((region.shown, True), (region.front, False)):
        if cover is not None:
            covered = 1 - next(drawn)[:, :, 0] / np.float32(255)
            covered = np.where(distances(cover.depth) > _DEEP, np.float32(1), covered)
            share *= covered if is_shown else 1 - covered
    for line in region.lines:
        share *= np.clip(distances(line) * scale + 0.5, 0, 1)
    return share


class _Picked:
    """The mask of some regions without others. Whatever several of them need is decoded once."""

    channels = 4

    def __init__(self, scene: _Scene, inside: Sequence[Any], outside: Sequence[Any]) -> None:
        self._scene, self._inside, self._outside = scene, inside, outside
        needed = {id(one): one for region in (*inside, *outside) for one in _openings_of(region)}
        self._openings = {key: scene.drawn(one) for key, one in needed.items()}
        first = next(iter(self._openings.values()))
        self.every: int | None = first.every
        height, width = first.small.shape[:2]
        self.small = self._mask(
            [part.small for part in self._openings.values()], (0, height), (height, width)
        )
        what = sorted({name for region in inside for name in region.what})
        self.stages: tuple[dict[str, Any], ...] = ({"stage": "segment", "by": "fields", "what": what},)

    def strips(self) -> Generator[Pixels]:
        top = 0
        for parts in zip(*(part.strips() for part in self._openings.values()), strict=True):
            rows = (top, top + len(parts[0]))
            yield self._mask(parts, rows, self._scene.whole)
            top = rows[1]

    def _mask(self, parts: Sequence[Pixels], rows: _Point, whole: tuple[int, int]) -> Pixels:
        drawn = dict(zip(self._openings, parts, strict=True))
        scale = self._scene.pixels_a_cell * whole[0] / self._scene.output.height

        def distances(cells: torch.Tensor) -> Floats:
            return stretched(cells.numpy(), *rows, whole)

        def shared(region: Any) -> Floats:
            mine = [drawn[id(one)] for one in _openings_of(region)]
            return share_of(region, parts[0].shape[:2], mine, distances, scale)

        share = np.maximum.reduce([shared(region) for region in self._inside])
        for other in self._outside:
            share = share * (1 - shared(other))
        return mask_of(share)


class _Spread:
    """A mask that a model found in a smaller picture, enlarged."""

    channels = 4
    every: int | None = None

    def __init__(self, share: Floats, size: Size, how: dict[str, Any]) -> None:
        self._share, self._size = share, size
        self.small = mask_of(share)
        self.stages: tuple[dict[str, Any], ...] = ({"stage": "segment", **how},)

    def strips(self) -> Generator[Pixels]:
        whole = (self._size.height, self._size.width)
        for top in range(0, whole[0], STRIP_ROWS):
            yield mask_of(stretched(self._share, top, min(top + STRIP_ROWS, whole[0]), whole))


def mask_of(share: Floats) -> Pixels:
    """Shares [h, w] as the alpha of white; what is invisible is black, as in every file here."""
    alpha = np.rint(share.clip(0, 1) * 255).astype(np.uint8)[:, :, None]
    out: Pixels = np.concatenate(
        [np.where(alpha > 0, np.uint8(255), np.uint8(0)).repeat(3, axis=2), alpha], axis=2
    )
    return out
