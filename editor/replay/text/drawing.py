"""A text's pixels: its glyphs' outlines filled by the kernels, with outline and shadow.

The twin of worker/text/drawing.js.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isqrt
from typing import Final

import numpy as np

from editor.replay.engine import Kernels, OutOfFuel
from editor.replay.geometry import following
from editor.replay.geometry.warping import warped
from editor.replay.layers import Impossible
from editor.replay.planes import TILE, Box, Plane, intersection, places
from editor.replay.text import harfbuzz as shaping
from editor.replay.text.description import Text
from editor.replay.text.harfbuzz import HarfBuzz
from editor.replay.text.layout import Matrix, Placed, placed

PIXELS: Final = TILE * TILE
MOST_FILLS: Final = 400_000  # glyphs times the tiles that each lies on
_MOST_FACTOR, _MOST_SHIFT = 1 << 38, 1 << 53  # of what `path_fill` takes
_MOST_PEN: Final = 1 << 18
_MOST_BLUR: Final = 250
_ROUND: Final = (1, 1, 256, 0, 0, 0)  # cap, join, limit, no dashes
_FINER: Final = 2  # how much larger a text is drawn that is then seen in perspective
_TAKES: Final = (1, 1, 2, 3, 0)  # points of each verb of an outline


@dataclass(frozen=True, slots=True)
class _Path:
    """A glyph in the kernels' memory: its path's arguments, the style of its outline or 0, the pixels it may touch."""

    path: tuple[int, int, int, int, int]  # verbs, n, points, count, m
    style: int
    box: Box


def drawn(kernels: Kernels, text: Text, place: following.Place, size: tuple[int, int]) -> Plane:
    """Return the pixels of a text layer of a document of this size. Raises Impossible, OutOfFuel."""
    area = (-size[0], -size[1], 2 * size[0], 2 * size[1])
    try:
        harfbuzz = shaping.instance()
        glyphs = placed(harfbuzz, text)
        if following.is_affine(place):
            return _Drawing(kernels, harfbuzz, text, glyphs, following.forward(place), area).plane()
        flat = _Drawing(kernels, harfbuzz, text, glyphs, _larger(), (-8192, -8192, 8192, 8192)).plane()
    except OutOfFuel:
        shaping.drop()
        raise
    finer = tuple(value * _FINER if index < 6 else value for index, value in enumerate(place))
    return warped(kernels, flat, finer, area, "bicubic")


def _larger() -> Matrix:
    return (_FINER << 32, 0, 0, 0, _FINER << 32, 0)


class _Drawing:
    """One text as it is drawn; `way` leads from its plane to the document, `area` bounds what is kept."""

    def __init__(
        self,
        kernels: Kernels,
        harfbuzz: HarfBuzz,
        text: Text,
        glyphs: list[Placed],
        way: following.Place,
        area: Box,
    ) -> None:
        self._kernels, self._text, self._area = kernels, text, area
        self._scale = isqrt(abs(way[0] * way[4] - way[1] * way[3]))
        self._way = way
        self._pen = text.get("outline", {}).get("width", 0)
        kernels.reset()
        self._outlines: dict[tuple[str, int], tuple[int, int, int, int, Box] | None] = {}
        self._paths = list(self._all(harfbuzz, glyphs))
        self._mark = kernels.room(0)
        self._fills = 0

    def plane(self) -> Plane:
        """Return the pixels: shadow, outline, letters."""
        out = Plane()
        text, shadow = self._text, self._text.get("shadow")
        if shadow:
            dx, dy, radius = self._cast(shadow)
            mask = self._cover(moved=(dx, dy), outlined=True)
            self._paint(out, self._softened(mask, radius), shadow["rgba"])
        if self._pen:
            self._paint(out, self._cover(outlined=True, filled=False), text["outline"]["rgba"])
        self._paint(out, self._cover(), text["rgba"])
        return out

    def _cast(self, shadow: Text) -> tuple[int, int, int]:
        """Where a shadow falls, in 2^-32 of a pixel, and the radius of the boxes that soften it."""
        dx, dy = shadow["dx"] << 28, shadow["dy"] << 28
        way = self._way
        return (
            (way[0] * dx + way[1] * dy) >> 32,
            (way[3] * dx + way[4] * dy) >> 32,
            min(_MOST_BLUR, (shadow["blur"] * self._scale + (1 << 36)) >> 37),
        )

    def _all(self, harfbuzz: HarfBuzz, glyphs: list[Placed]) -> Iterator[_Path]:
        for glyph in glyphs:
            key = glyph.font, glyph.glyph
            if key not in self._outlines:
                self._outlines[key] = _put(self._kernels, harfbuzz.outline(*key))
            found = self._outlines[key]
            if found is None:
                continue
            *path, box = found
            matrix = _joined(self._way, glyph.matrix)
            if any(abs(matrix[i]) > (_MOST_SHIFT if i % 3 == 2 else _MOST_FACTOR) for i in range(6)):
                continue
            at = self._kernels.put(np.array(matrix, np.int64))
            yield _Path((*path, at), self._style(glyph.units), self._reach(matrix, box))  # type: ignore[arg-type]

    def _style(self, units: int) -> int:
        """The pen of an outline: as wide again inside of the letter, where the letter hides it."""
        if not self._pen:
            return 0
        width = min(_MOST_PEN, max(1, 32 * self._pen * units // self._text["size"]))
        return self._kernels.put(np.array([width, *_ROUND], np.int32))

    def _reach(self, matrix: Matrix, box: Box) -> Box:
        """The pixels that a path may touch."""
        corners = [(box[0], box[1]), (box[2], box[1]), (box[0], box[3]), (box[2], box[3])]
        xs = [(matrix[0] * x + matrix[1] * y + matrix[2]) >> 32 for x, y in corners]
        ys = [(matrix[3] * x + matrix[4] * y + matrix[5]) >> 32 for x, y in corners]
        more = 2 + self._stretch()
        return min(xs) - more, min(ys) - more, max(xs) + more, max(ys) + more

    def _stretch(self) -> int:
        """How far an outline reaches beyond its letter, in pixels, in whatever direction."""
        longest = max(abs(self._way[i]) for i in (0, 1, 3, 4))
        return (2 * self._pen * longest >> 36) + 1 if self._pen else 0

    def _cover(
        self, *, moved: tuple[int, int] = (0, 0), outlined: bool = False, filled: bool = True
    ) -> Plane:
        """How much of each pixel the letters cover, or what is drawn around them."""
        mask = Plane((0,))
        dx, dy = moved[0] >> 32, moved[1] >> 32
        by_place: dict[tuple[int, int], list[_Path]] = {}
        for path in self._paths:
            box = (path.box[0] + dx, path.box[1] + dy, path.box[2] + dx + 1, path.box[3] + dy + 1)
            for place in places(intersection(box, self._area)):
                by_place.setdefault(place, []).append(path)
                self._fills += 1
                if self._fills > MOST_FILLS:
                    raise Impossible("This text is too large to be drawn. Make it shorter or smaller.")
        for place, paths in by_place.items():
            mask.put(place, self._tile(place, paths, moved, outlined=outlined, filled=filled))
        return mask

    def _tile(
        self,
        place: tuple[int, int],
        paths: list[_Path],
        moved: tuple[int, int],
        *,
        outlined: bool,
        filled: bool,
    ) -> np.ndarray:
        kernels = self._kernels
        kernels.reset(self._mark)
        cells, out = kernels.room(8 * (TILE + 2) * TILE), kernels.room(PIXELS)
        window = (cells, place[0] * TILE, place[1] * TILE, TILE, TILE)
        kernels.call("path_clear", cells, TILE, TILE)
        for path in paths:
            *outline, m = path.path
            if moved != (0, 0):
                matrix = kernels.view(m, (6,), np.int64).copy()
                matrix[2] += moved[0]
                matrix[5] += moved[1]
                m = kernels.put(matrix)
            if filled:
                kernels.call("path_fill", *window, *outline, m)
            if outlined and path.style:
                kernels.call("path_stroke", *window, *outline, m, path.style)
        kernels.call("path_cover", out, cells, TILE, TILE, 0)
        return kernels.view(out, (TILE, TILE))

    def _paint(self, out: Plane, mask: Plane, rgba: int) -> None:
        kernels = self._kernels
        for place in mask.tiles:
            kernels.reset(self._mark)
            target = kernels.put(np.ascontiguousarray(out.get(place)))
            source, cover = kernels.room(4 * PIXELS), kernels.put(np.ascontiguousarray(mask.get(place)))
            kernels.view(source, (PIXELS,), np.uint32)[...] = rgba
            kernels.call("composite", target, source, cover, PIXELS, 255, 0)
            out.put(place, kernels.view(target, (TILE, TILE, 4)))

    def _softened(self, mask: Plane, radius: int) -> Plane:
        """A mask blurred by three boxes, tile by tile, each from all that counts for it."""
        bounds, margin, kernels = mask.bounds(), 3 * radius, self._kernels
        if radius == 0 or bounds is None:
            return mask
        out = Plane((0,))
        wide = (bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
        for place in places(intersection(wide, self._area)):
            x, y = place[0] * TILE - margin, place[1] * TILE - margin
            side = TILE + 2 * margin
            values = mask.read((x, y, x + side, y + side))
            if not values.any():
                continue
            kernels.reset(self._mark)
            at = kernels.put(values)
            kernels.call("mask_feather", at, kernels.room(values.size), side, side, radius, 0)
            out.put(place, kernels.view(at, (side, side))[margin:-margin, margin:-margin])
        return out


def _joined(way: following.Place, matrix: Matrix) -> Matrix:
    """The way of a glyph to the document: first onto the text's plane."""
    a, b, c, d, e, f = matrix
    return (
        *((way[0] * a + way[1] * d) >> 32, (way[0] * b + way[1] * e) >> 32),
        ((way[0] * c + way[1] * f) >> 32) + way[2],
        *((way[3] * a + way[4] * d) >> 32, (way[3] * b + way[4] * e) >> 32),
        ((way[3] * c + way[4] * f) >> 32) + way[5],
    )


def _put(kernels: Kernels, outline: np.ndarray) -> tuple[int, int, int, int, Box] | None:
    """Copy an outline into the kernels' memory as verbs and points; None where a glyph has none, as a space."""
    verbs: list[int] = []
    points: list[int] = []
    numbers, at = outline.tolist(), 0
    while at < len(numbers):
        verb = numbers[at]
        verbs.append(verb)
        points += numbers[at + 1 : at + 1 + 2 * _TAKES[verb]]
        at += 1 + 2 * _TAKES[verb]
    if not points:
        return None
    box = (min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2]))
    first, second = kernels.put(np.array(verbs, np.uint8)), kernels.put(np.array(points, np.int32))
    return first, len(verbs), second, len(points) // 2, box
