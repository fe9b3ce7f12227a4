"""Where each glyph of a text stands, in whole numbers. The twin of worker/text/layout.js.

Lengths here are 2^-32 of a pixel. A glyph's outline is in sixteenths of font units, y upwards; `matrix` places it
on the text's own plane: x' = m0 x + m1 y + m2, y' = m3 x + m4 y + m5, as `path_fill` of the kernels takes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import isqrt
from typing import Final

from editor.fonts import catalogue
from editor.replay.text.description import Text
from editor.replay.text.harfbuzz import Glyph, HarfBuzz

Matrix = tuple[int, int, int, int, int, int]

ONE: Final = 1 << 32
_SIXTEENTH: Final = 1 << 28
_PIECES: Final = 32  # lines that a curve of a path becomes


@dataclass(frozen=True, slots=True)
class Placed:
    """A glyph where it is drawn. `units`: font units of an em."""

    font: str
    glyph: int
    units: int
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Glyphs that belong together, how far they lead and how large they are."""

    font: str
    units: int
    scale: int  # of a sixteenth of a font unit
    glyphs: tuple[Glyph, ...]
    advance: int


def placed(harfbuzz: HarfBuzz, text: Text) -> list[Placed]:
    """Return the glyphs of a text, line by line, from left to right. Raises Impossible, OutOfFuel."""
    measures = harfbuzz.measures(catalogue.font_of(text["family"], text["weight"]))
    size = text["size"] * _SIXTEENTH
    ascent, descent = size * measures.ascent // measures.em, size * measures.descent // measures.em
    height = size * text["leading"] // 100
    first = (height - (ascent - descent)) // 2 + ascent
    letters = [ord(letter) for letter in text["content"]]
    way = _Way(text["path"]) if "path" in text else None
    out: list[Placed] = []
    for index, line in enumerate(text["lines"]):
        clusters = [cluster for run in line for cluster in _clusters(harfbuzz, text, letters, run)]
        length = sum(cluster.advance for cluster in clusters)
        if way is None:
            x = text["x"] * _SIXTEENTH + _before(text, text.get("width", 0) * _SIXTEENTH, length)
            out += _along(clusters, x, text["y"] * _SIXTEENTH + first + index * height)
        else:
            out += way.along(clusters, _before(text, way.length, length), index * height)
    return out


def _before(text: Text, room: int, length: int) -> int:
    """How far a line begins into its room."""
    return {"left": 0, "center": (room - length) // 2, "right": room - length}[text["align"]]


def _clusters(harfbuzz: HarfBuzz, text: Text, letters: list[int], run: list[object]) -> Iterator[_Cluster]:
    start, end, font, script, direction = run
    assert isinstance(start, int)
    assert isinstance(end, int)
    assert isinstance(font, str)
    spaced, units = text["tracking"] != 0, harfbuzz.measures(font).em
    glyphs = harfbuzz.shape(font, letters, start, end, str(script), rtl=direction == 1, spaced=spaced)
    space = text["size"] * _SIXTEENTH * text["tracking"] // 1000
    scale = text["size"] * _SIXTEENTH // (16 * units)
    for _cluster, together in groupby(glyphs, lambda glyph: glyph.cluster):
        own = tuple(together)
        lead = sum(glyph.advance for glyph in own)
        yield _Cluster(font, units, scale, own, text["size"] * _SIXTEENTH * lead // units + space)


def _along(clusters: list[_Cluster], x: int, y: int) -> Iterator[Placed]:
    for cluster in clusters:
        yield from _glyphs(cluster, x, y, ONE, 0)
        x += cluster.advance


def _glyphs(cluster: _Cluster, x: int, y: int, right: int, down: int) -> Iterator[Placed]:
    """The glyphs of a cluster from a point of its baseline on, which leads in the direction (right, down) / ONE."""
    across, fall = cluster.scale * right // ONE, cluster.scale * down // ONE
    lead = 0
    for glyph in cluster.glyphs:
        dx, dy = 16 * (lead + glyph.dx), 16 * glyph.dy
        matrix = (
            *(across, fall, x + across * dx + fall * dy),
            *(fall, -across, y + fall * dx - across * dy),
        )
        yield Placed(cluster.font, glyph.id, cluster.units, matrix)
        lead += glyph.advance


class _Way:
    """A path that a line of text follows: as lines, whose ends are in 256ths of a pixel."""

    def __init__(self, path: list[list[int]]) -> None:
        self._points = [(16 * path[0][0], 16 * path[0][1])]
        for curve in path[1:]:
            ends = [self._points[-1], *((16 * curve[at], 16 * curve[at + 1]) for at in (0, 2, 4))]
            self._points += [_at(ends, piece) for piece in range(1, _PIECES + 1)]
        self._lines: list[tuple[int, int, int, int, int]] = []  # x, y, dx, dy, length
        self._begins: list[int] = []
        total = 0
        for (x0, y0), (x1, y1) in pairwise(self._points):
            length = isqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
            if length:
                self._lines.append((x0, y0, x1 - x0, y1 - y0, length))
                self._begins.append(total)
                total += length
        self._total = total
        self._closed = self._points[0] == self._points[-1]
        if not self._lines:
            self._lines, self._begins = [(*self._points[0], 256, 0, 256)], [0]

    @property
    def length(self) -> int:
        """In 2^-32 of a pixel."""
        return self._total << 24

    def along(self, clusters: list[_Cluster], at: int, below: int) -> Iterator[Placed]:
        """Each cluster stands upright on the path below its middle, so far below the first line."""
        for cluster in clusters:
            x, y, right, down = self._point(at + cluster.advance // 2)
            half = cluster.advance // 2
            x += (-half * right - below * down) // ONE
            y += (-half * down + below * right) // ONE
            yield from _glyphs(cluster, x, y, right, down)
            at += cluster.advance

    def _point(self, at: int) -> tuple[int, int, int, int]:
        """A point so far along, and the direction there. An open path goes straight on at both ends."""
        if self._closed and self._total:
            at %= self._total << 24
        index = max(0, bisect_right(self._begins, at >> 24) - 1)
        x, y, dx, dy, length = self._lines[index]
        right, down = dx * ONE // length, dy * ONE // length
        rest = at - (self._begins[index] << 24)
        return (x << 24) + rest * right // ONE, (y << 24) + rest * down // ONE, right, down


def _at(ends: list[tuple[int, int]], piece: int) -> tuple[int, int]:
    """The point at so many 32nds of a cubic curve."""
    back = _PIECES - piece
    parts = (back**3, 3 * back * back * piece, 3 * back * piece * piece, piece**3)
    x, y = (sum(part * end[axis] for part, end in zip(parts, ends, strict=True)) for axis in (0, 1))
    half = _PIECES**3 // 2
    return (x + half) // _PIECES**3, (y + half) // _PIECES**3
