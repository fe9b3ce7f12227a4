"""What the kernels of paths compute, in whole numbers of any size: the fifth part of reference.py.

A path is a list of verbs, each with its points in the caller's unit; k1-paths.c says what the units and numbers mean.
Nothing is left out here of what lies beside the window, as the kernels do: the same pixels come of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels.reference import Bytes
from editor.kernels.reference_areas import _quotient

Point = tuple[int, int]
Window = tuple[int, int, int, int]  # x0, y0, w, rows
Path = Sequence[tuple[int, Sequence[Point]]]  # verbs with the points that they take

MOVE, LINE, QUADRATIC, CUBIC, CLOSE = range(5)
TAKES: Final = (1, 1, 2, 3, 0)
BUTT, ROUND_CAP, SQUARE = range(3)
MITER, ROUND, BEVEL = range(3)
ONE: Final = 1 << 24  # the length of a direction
_MOST_UNITS: Final = 1 << 22
_MOST_PLACE: Final = 1 << 31
_MOST_HALVINGS: Final = 10


# --- edges to masks -------------------------------------------------------------------------------------------


class Cells:
    """What edges leave in each pixel of a window: how far down they went there, and twice the area left of them."""

    def __init__(self, window: Window) -> None:
        self.window = window
        _, _, w, rows = window
        self.height, self.area = np.zeros((rows, w + 1), np.int64), np.zeros((rows, w + 1), np.int64)

    def edge(self, a: Point, b: Point) -> None:
        """Add an edge between two places in 256ths of a pixel."""
        x0, y0, _, rows = self.window
        down = a[1] <= b[1]
        (x1, y1), (x2, y2) = (a, b) if down else (b, a)
        for row in range(max(y0, y1 >> 8), min(y0 + rows, -(-y2 // 256))):
            ends = [max(y1, row * 256), min(y2, row * 256 + 256)]
            if ends[0] >= ends[1]:
                continue
            above, under = (
                (x1 - x0 * 256 + _quotient((x2 - x1) * (y - y1), y2 - y1), y - row * 256) for y in ends
            )
            self._piece(row - y0, *((above, under) if down else (under, above)))

    def _piece(self, row: int, a: Point, b: Point) -> None:
        """A piece within one row, pixel after pixel; what is left of the window counts in its first column."""
        (x1, y1), (x2, y2) = a, b
        step, done = 1 if x2 >= x1 else -1, 0
        for x in range(x1 >> 8, (x2 >> 8) + step, step):
            last = x == x2 >> 8
            enter = x1 - x * 256 if x == x1 >> 8 else 0 if step > 0 else 256
            leave = x2 - x * 256 if last else 256 if step > 0 else 0
            upto = y2 - y1 if last else _quotient((y2 - y1) * (x * 256 + leave - x1), x2 - x1)
            if x < self.window[2]:
                self.height[row, max(0, x)] += upto - done
                self.area[row, max(0, x)] += (upto - done) * (enter + leave) if x >= 0 else 0
            done = upto

    def numbers(self) -> NDArray[np.int32]:
        """What `cells` hold, as the kernels write them."""
        _, _, w, rows = self.window
        out = np.zeros((rows, w + 2, 2), np.int32)
        out[:, : w + 1, 0], out[:, : w + 1, 1] = self.height, self.area
        return out


def path_cover(cells: NDArray[np.int32], rule: int) -> Bytes:
    """How much of each pixel is covered: what went down left of it, less what lies left of the edges within it."""
    area = np.abs(cells[:, :-2, 0].astype(np.int64).cumsum(axis=1) * 512 - cells[:, :-2, 1])
    if rule:
        area &= 262143
        area = np.where(area > 131072, 262144 - area, area)
    covered: Bytes = ((np.minimum(area, 131072) * 255 + 65536) >> 17).astype(np.uint8)
    return covered


# --- places and curves ------------------------------------------------------------------------------------------


def _within(value: int, most: int) -> int:
    return max(-most, min(most, value))


def placed(m: Sequence[int], p: Point) -> Point:
    """The place in 65536ths of a pixel of a point in 256ths of a unit; floors where the kernel has to."""
    (xh, xl), (yh, yl) = divmod(p[0], 256), divmod(p[1], 256)
    x, y = (
        m[k] * xh + m[k + 1] * yh + m[k + 2] + ((m[k] * xl + m[k + 1] * yl) // 256) + 32768 for k in (0, 3)
    )
    return _within(x >> 16, _MOST_PLACE), _within(y >> 16, _MOST_PLACE)


def _spot(place: Point) -> Point:
    return (place[0] + 128) >> 8, (place[1] + 128) >> 8


def halvings(p: Sequence[Point]) -> int:
    """How often a curve is halved, by how far its control points are from straight; in 65536ths of a pixel."""
    bends = []
    for a, b, c in zip(p, p[1:], p[2:], strict=False):
        x, y = abs(a[0] - 2 * b[0] + c[0]), abs(a[1] - 2 * b[1] + c[1])
        bends.append(max(x, y) + min(x, y) // 2)
    bend = max(bends, default=0) * (3 if len(p) == 4 else 1)
    return next((k for k in range(_MOST_HALVINGS) if 1024 << 2 * k >= bend), _MOST_HALVINGS)


def along(p: Sequence[Point], k: int) -> Iterator[Point]:
    """The points of a curve after its first one: Bernstein's polynomials at i / 2^k, rounded."""
    degree, n = len(p) - 1, 1 << k
    binomial = ((1, 1), (1, 2, 1), (1, 3, 3, 1))[degree - 1]
    half = 1 << (degree * k - 1) if k else 0
    for i in range(1, n + 1):
        weights = [b * (n - i) ** (degree - e) * i**e for e, b in enumerate(binomial)]
        x, y = (sum(w * q[axis] for w, q in zip(weights, p, strict=True)) + half for axis in (0, 1))
        yield x >> degree * k, y >> degree * k


def _clamped(points: Sequence[Point]) -> list[Point]:
    return [(_within(x, _MOST_UNITS), _within(y, _MOST_UNITS)) for x, y in points]


def path_fill(cells: Cells, path: Path, m: Sequence[int]) -> None:
    """Add the inside of a path: each contour is closed where it ends."""
    at = begun = placed(m, (0, 0))
    for verb, points in path:
        there = [placed(m, (256 * x, 256 * y)) for x, y in _clamped(points)]
        if verb in (MOVE, CLOSE):
            cells.edge(_spot(at), _spot(begun))
            at = begun = there[0] if there else begun
            continue
        p = [at, *there]
        for to in along(p, halvings(p)):
            cells.edge(_spot(at), _spot(to))
            at = to
    cells.edge(_spot(at), _spot(begun))


# --- strokes ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Style:
    """How a pen draws; lengths in the path's unit, `limit` in 64ths."""

    width: int
    cap: int = BUTT
    join: int = MITER
    limit: int = 256
    offset: int = 0
    dashes: tuple[int, ...] = ()

    def numbers(self) -> list[int]:
        """What the kernel takes."""
        return [self.width, self.cap, self.join, self.limit, self.offset, len(self.dashes), *self.dashes]


def unit(x: int, y: int) -> Point:
    """The direction of (x, y), of length ONE."""
    more = max(abs(x), abs(y)).bit_length() - 30
    x, y = (x >> more, y >> more) if more > 0 else (x << -more, y << -more)
    length = isqrt(x * x + y * y)
    return _quotient(x * ONE, length), _quotient(y * ONE, length)


def _normal(u: Point) -> Point:
    return u[1], -u[0]


def _negative(u: Point) -> Point:
    return -u[0], -u[1]


def _moved(p: Point, u: Point, by: int) -> Point:
    return p[0] + ((u[0] * by + ONE // 2) >> 24), p[1] + ((u[1] * by + ONE // 2) >> 24)


@dataclass
class _Contour:
    """The lines of one contour or dash, as they come: points, directions, and the join at the beginning of each."""

    points: list[Point]
    joins: list[int] = field(default_factory=list)
    begun: bool = False

    def line(self, to: Point, join: int) -> None:
        self.begun = True
        if to != self.points[-1]:
            self.points.append(to)
            self.joins.append(join)


class _Pen:
    def __init__(self, cells: Cells, m: Sequence[int], style: Style) -> None:
        self.cells, self.m, self.cap, self.join = cells, m, style.cap, style.join
        self.r = max(1, min(style.width, 1 << 18)) << 7
        self.limit = max(64, min(style.limit, 2048))
        scale = max(abs(m[0]) + abs(m[1]), abs(m[3]) + abs(m[4]))
        self.wide = (self.r * (scale >> 8)) >> 24
        self.turned = (m[0] >> 8) * (m[4] >> 8) < (m[1] >> 8) * (m[3] >> 8)

    def outline(self, chain: Sequence[Point], *, back: bool = False) -> None:
        """Draw the edges of a part of an outline, given by points in the path's plane."""
        spots = [_spot(placed(self.m, p)) for p in chain]
        for a, b in itertools.pairwise(spots):
            self.cells.edge(*((b, a) if back != self.turned else (a, b)))

    def is_flat(self, a: Point, b: Point) -> bool:
        square = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
        return self.wide * (square >> 20) <= 8 << 28

    def arc(self, around: Point, a: Point, b: Point, depth: int = _MOST_HALVINGS) -> list[Point]:
        if depth == 0 or self.is_flat(a, b):
            return [_moved(around, b, self.r)]
        middle = unit(a[0] + b[0], a[1] + b[1])
        return self.arc(around, a, middle, depth - 1) + self.arc(around, middle, b, depth - 1)

    def capped(self, p: Point, u: Point) -> None:
        n, r = _normal(u), self.r
        chain = [_moved(p, n, r)]
        if self.cap == ROUND_CAP:
            chain += self.arc(p, n, u) + self.arc(p, u, _negative(n))
        elif self.cap == SQUARE:
            chain += [_moved(_moved(p, n, r), u, r), _moved(_moved(p, n, -r), u, r)]
        self.outline([*chain, _moved(p, n, -r)])

    def rounded(self, p: Point, u: Point, v: Point, side: int) -> list[Point]:
        a, b = (_negative(_normal(each)) if side else _normal(each) for each in (u, v))
        if a[0] * b[0] + a[1] * b[1] >= 0:
            return self.arc(p, a, b)
        middle = unit(u[0] - v[0], u[1] - v[1])
        return self.arc(p, a, middle) + self.arc(p, middle, b)

    def corner(self, p: Point, u: Point, v: Point, half: int, join: int) -> tuple[list[Point], list[Point]]:
        """The points of the left and of the right side at a corner from the direction u to v."""
        n1, n2 = _normal(u), _normal(v)
        cross, dot = u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1]
        both = (ONE * ONE + dot) >> 24
        outer, meets = int(cross < 0), both >= 1 << 14
        meet = (
            tuple(_quotient(self.r * (a + b), both) for a, b in zip(n1, n2, strict=True)) if meets else (0, 0)
        )
        within = meets and self.r * (abs(cross) >> 24) <= half * both
        if join == MITER:
            sharp = meets and self.limit**2 * both >= ONE * 8192
        else:
            sharp = meets and join == ROUND and both >= ONE and self.is_flat(n1, n2)
        sides = []
        for side, sign in ((0, 1), (1, -1)):
            if sharp if side == outer else within:
                sides.append([(p[0] + sign * meet[0], p[1] + sign * meet[1])])
                continue
            between = [p] if side != outer else self.rounded(p, u, v, side) if join == ROUND else []
            sides.append([_moved(p, n1, sign * self.r), *between, _moved(p, n2, sign * self.r)])
        return sides[0], sides[1]

    def draw(self, contour: _Contour, u: Point, *, closed: bool = False) -> None:
        """Draw a contour; one that goes nowhere leaves a dot of the direction u."""
        points, joins = contour.points, contour.joins
        pairs = list(itertools.pairwise(points))
        if not pairs:
            if (contour.begun or closed) and self.cap != BUTT:
                self.capped(points[0], u)
                self.capped(points[0], _negative(u))
            return
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairs]
        ways, lengths = [unit(*step) for step in steps], [isqrt(x * x + y * y) for x, y in steps]
        corners = [
            self.corner(points[i], ways[i - 1], ways[i], min(lengths[i - 1], lengths[i]) // 2, joins[i])
            for i in range(1, len(ways))
        ]
        if closed:
            half = min(lengths[-1], lengths[0]) // 2
            corners.append(self.corner(points[0], ways[-1], ways[0], half, self.join))
        for side, r in ((0, self.r), (1, -self.r)):
            begin = _moved(points[0], _normal(ways[0]), r)
            end = begin if closed else _moved(points[-1], _normal(ways[-1]), r)
            middle = [p for corner in corners for p in corner[side]]
            self.outline([begin, *middle, end], back=side == 1)
        if not closed:
            self.capped(points[-1], ways[-1])
            self.capped(points[0], _negative(ways[0]))


class _Dashes:
    """Cuts the lines of a contour into dashes, each a contour of its own."""

    def __init__(self, pen: _Pen, style: Style) -> None:
        self.pen = pen
        self.lengths = [max(0, min(each, _MOST_UNITS)) << 8 for each in style.dashes]
        into, self.first = (style.offset << 8) % sum(self.lengths), 0
        while into >= self.lengths[self.first]:
            into -= self.lengths[self.first]
            self.first += 1
        self.rest = self.lengths[self.first] - into

    def draw(self, contour: _Contour) -> None:
        """Draw a contour's dashes."""
        index, left, dash = self.first, self.rest, _Contour(contour.points[:1])
        direction = (ONE, 0)
        for a, b, join in zip(contour.points, contour.points[1:], contour.joins, strict=False):
            x, y = b[0] - a[0], b[1] - a[1]
            length, done = isqrt(x * x + y * y), 0
            direction = unit(x, y)
            while length - done > left:
                done += left
                p = (a[0] + _quotient(x * done, length), a[1] + _quotient(y * done, length))
                if index % 2 == 0:
                    dash.line(p, join)
                    self.pen.draw(dash, direction)
                dash = _Contour([p])
                index = (index + 1) % len(self.lengths)
                left = self.lengths[index]
            left -= length - done
            if index % 2 == 0:
                dash.line(b, join)
        if index % 2 == 0:
            self.pen.draw(dash, (ONE, 0))


def path_stroke(cells: Cells, path: Path, m: Sequence[int], style: Style) -> None:
    """Add what a pen along a path covers."""
    pen = _Pen(cells, m, style)
    dashes = _Dashes(pen, style) if sum(style.dashes) else None
    contour = _Contour([(0, 0)])
    for verb, points in path:
        there = [(256 * x, 256 * y) for x, y in _clamped(points)]
        if verb in (MOVE, CLOSE):
            if verb == CLOSE:
                contour.line(contour.points[0], style.join)
            _draw(pen, dashes, contour, closed=verb == CLOSE)
            contour = _Contour([there[0] if there else contour.points[0]])
            continue
        p = [contour.points[-1], *there]
        for i, to in enumerate(along(p, halvings([placed(m, each) for each in p]))):
            contour.line(to, ROUND if i else style.join)
    _draw(pen, dashes, contour)


def _draw(pen: _Pen, dashes: _Dashes | None, contour: _Contour, *, closed: bool = False) -> None:
    if dashes:
        dashes.draw(contour)
    else:
        pen.draw(contour, (ONE, 0), closed=closed)
