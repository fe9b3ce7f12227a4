"""What is meant by clicks: a mask of it, by the fields that were stored with a picture or by an operator's model.

The mask is the alpha of a white picture, as masks in documents are: 255 where a pixel belongs to what is meant.
"""

from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol, cast

import numpy as np
import torch
from PIL import Image

from generation.engine import projecting
from generation.engine.contract import NothingThere
from generation.engine.edits import cutting
from generation.engine.edits.cutting import LIGHT
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
    base, fields = cutting.known(request, entry, stored)
    scene = _Scene(family, entry, fields, base, request.output)
    inside = scene.in_box(edit.seen) if edit.box else []
    inside += [scene.at(point) for point in edit.inside]
    return _found(_Picked(scene, inside, [scene.at(point) for point in edit.outside]))


def _found(mask: "_Spread | _Picked") -> Finish:
    if not (mask.small[:, :, 3] > 127).any():
        raise NothingThere("nothing is selected by these points")
    return mask


class _Scene:
    """The fields of a picture, and what can be pointed at in it."""

    def __init__(self, family: Family, entry: Entry, fields: torch.Tensor, base: Size, output: Size) -> None:
        self._module = projecting.module_of(entry)
        self._family, self._entry, self._base, self.output = family, entry, base, output
        self._fields = fields
        self._greys = self._module.greys(fields, LIGHT)

    @cached_property
    def greys(self) -> list[Finish]:
        return [self.decoded(grey) for grey in self._greys]

    def decoded(self, fields: torch.Tensor) -> Finish:
        return finish(self._family, self._entry, fields, self._base, self.output)

    def at(self, point: _Point) -> Any:
        """The region that is seen at a pixel: of things that one whose cells are nearest."""
        for number, whole in self._module.wholes(self._fields, LIGHT):
            if self._share_at(whole, point) >= _HIT:
                return self._thing(number, point)
        return max(self._module.bands(self._fields, LIGHT), key=lambda band: self._share_at(band, point))

    def in_box(self, box: Box) -> list[Any]:
        """The things that lie in a box, by their cells; where there is none, what is seen in its middle."""
        height, width = self._fields.shape[1:]
        row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        x = (column + 0.5) / width * self.output.width
        y = (row + 0.5) / height * self.output.height
        covered = (x >= box.left) & (x < box.right) & (y >= box.top) & (y < box.bottom)
        found = [
            self._module.of_cells(self._fields, number, nearest, LIGHT)
            for number in range(len(self._module.ORDER))
            for cells, nearest in self._module.things_of(self._fields, number)
            if cells.any() and float(covered[cells].float().mean()) >= _MOSTLY
        ]
        return found or [self.at(((box.left + box.right) // 2, (box.top + box.bottom) // 2))]

    def _share_at(self, region: Any, point: _Point) -> float:
        greys = [self._colour(grey, point) for grey in self._greys]
        covers = [self._colour(fields, point) for fields in _decoded_of(region)]
        x, y = point

        def distances(cells: torch.Tensor) -> Floats:
            return stretched(cells.numpy(), y, y + 1, self.whole)[:, x : x + 1]

        return float(share_of(region, greys, covers, distances, self.pixels_a_cell)[0, 0])

    @property
    def whole(self) -> tuple[int, int]:
        return self.output.height, self.output.width

    @property
    def pixels_a_cell(self) -> float:
        return float(self.output.height / self._fields.shape[1])

    def _colour(self, fields: torch.Tensor, point: _Point) -> Pixels:
        """What is decoded at one pixel of the output, [1, 1, 3]."""
        box = cover_box(self._base, self.output)
        step = (box.right - box.left) / self.output.width
        x, y = (start + (at + 0.5) * step for start, at in zip((box.left, box.top), point, strict=True))
        canvas = self._family.canvas(fields, self._base)
        if canvas is None:
            return self._family.decode(fields, self._base)[int(y) : int(y) + 1, int(x) : int(x) + 1]
        places = (torch.tensor([at], device=canvas.values.device) for at in (x, y))
        return levels(canvas.colours(*places)[None])

    def _thing(self, number: int, point: _Point) -> Any:
        height, width = self._fields.shape[1:]
        row = point[1] * height // self.output.height
        column = point[0] * width // self.output.width
        things = self._module.things_of(self._fields, number)
        nearest = next(cells for _inside, cells in things if cells[row, column])
        return self._module.of_cells(self._fields, number, nearest, LIGHT)


class _Shares:
    """How much of each pixel shows a region: small at once, and in strips."""

    def __init__(self, scene: _Scene, region: Any) -> None:
        self._scene, self._region = scene, region
        self._covers = [scene.decoded(fields) for fields in _decoded_of(region)]
        small = [part.small for part in self._covers]
        height, width = scene.greys[0].small.shape[:2]
        self.small = self._share([grey.small for grey in scene.greys], small, (0, height), (height, width))

    def strips(self) -> Generator[Floats]:
        top = 0
        for parts in zip(*(part.strips() for part in (*self._scene.greys, *self._covers)), strict=True):
            rows = (top, top + len(parts[0]))
            yield self._share(parts[:2], parts[2:], rows, self._scene.whole)
            top = rows[1]

    def _share(
        self, greys: Sequence[Pixels], covers: Sequence[Pixels], rows: _Point, whole: tuple[int, int]
    ) -> Floats:
        def distances(cells: torch.Tensor) -> Floats:
            return stretched(cells.numpy(), *rows, whole)

        scale = self._scene.pixels_a_cell * whole[0] / self._scene.output.height
        return share_of(self._region, greys, covers, distances, scale)


def _decoded_of(region: Any) -> list[torch.Tensor]:
    """What has to be decoded to know where a region is seen."""
    covers = [cover for cover in (region.shown, region.front) if cover is not None]
    return [fields for cover in covers for fields in (cover.light, cover.dark)]


def share_of(
    region: Any,
    greys: Sequence[Pixels],
    covers: Sequence[Pixels],
    distances: Callable[[torch.Tensor], Floats],
    scale: float,
) -> Floats:
    """How much of each pixel [h, w] shows a region.

    `greys` are the empty scene in light and dark, `covers` what `_decoded_of` says, [h, w, 3] each; `distances` says of
    cells what they are at these pixels, of which `scale` are a cell.
    """
    share = np.ones(greys[0].shape[:2], np.float32)
    pairs = iter(covers)
    for cover, is_shown in ((region.shown, True), (region.front, False)):
        if cover is not None:
            through = cutting.varying(next(pairs), next(pairs), *greys)
            covered = np.where(distances(cover.depth) > _DEEP, np.float32(1), cutting.clear_cut(1 - through))
            share *= covered if is_shown else 1 - covered
    for line in region.lines:
        share *= np.clip(distances(line) * scale + 0.5, 0, 1)
    return share


class _Picked:
    """The mask of some regions without others."""

    channels = 4

    def __init__(self, scene: _Scene, inside: Sequence[Any], outside: Sequence[Any]) -> None:
        self._inside = [_Shares(scene, region) for region in inside]
        self._outside = [_Shares(scene, region) for region in outside]
        self.every: int | None = scene.greys[0].every
        self.small = self._mask([each.small for each in self._inside], [each.small for each in self._outside])
        what = sorted({name for region in inside for name in region.what})
        self.stages: tuple[dict[str, Any], ...] = ({"stage": "segment", "by": "fields", "what": what},)

    def strips(self) -> Generator[Pixels]:
        count = len(self._inside)
        for shares in zip(*(each.strips() for each in (*self._inside, *self._outside)), strict=True):
            yield self._mask(shares[:count], shares[count:])

    def _mask(self, inside: Sequence[Floats], outside: Sequence[Floats]) -> Pixels:
        share = np.maximum.reduce(inside)
        for other in outside:
            share = share * (1 - other)
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
