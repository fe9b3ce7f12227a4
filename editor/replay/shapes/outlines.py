"""The outline of a shape as a path of the kernels, in whole numbers. The twin of worker/shapes/outlines.js."""

from __future__ import annotations

from collections.abc import Iterable
from math import isqrt
from typing import Final

from editor.replay.shapes.description import Shape

Point = tuple[int, int]
Path = list[tuple[int, list[Point]]]  # verbs of k1-paths.c with the points that they take

MOVE, LINE, CUBIC, CLOSE = 0, 1, 3, 4
TURN: Final = 65536
_QUARTER: Final = 26353589  # of a turn, in 2^-24
_KAPPA: Final = 36195  # how far the handles of a quarter of a circle are, in 65536ths of its radius


def outline(shape: Shape) -> Path:
    """Return what is filled and stroked of a shape; of an arrow the shaft."""
    return _OUTLINES[shape["kind"]](shape)


def sine(angle: int) -> int:
    """Return the sine of an angle in 65536ths of a turn, in 2^-24: its series, each step rounded down."""
    angle %= TURN
    if angle >= TURN // 2:
        return -sine(angle - TURN // 2)
    x = min(angle, TURN // 2 - angle) * _QUARTER // (TURN // 4)
    square = (x * x) >> 24
    term, total = x, x
    for n in (6, 20, 42, 72, 110):
        term = -(((term * square) >> 24) // n)
        total += term
    return total


def _polar(x: int, y: int, radius: int, angle: int) -> Point:
    """The point that lies so far from (x, y), upwards at the angle 0 and clockwise from there."""
    return x + ((radius * sine(angle)) >> 24), y - ((radius * sine(angle + TURN // 4)) >> 24)


def _polygon(points: Iterable[Point]) -> Path:
    first, *rest = points
    return [(MOVE, [first]), *((LINE, [point]) for point in rest), (CLOSE, [])]


def _box(shape: Shape) -> tuple[int, int, int, int]:
    xs, ys = sorted((shape["x0"], shape["x1"])), sorted((shape["y0"], shape["y1"]))
    return xs[0], ys[0], xs[1], ys[1]


def _rectangle(shape: Shape) -> Path:
    x0, y0, x1, y1 = _box(shape)
    r = min(shape["radius"], (x1 - x0) // 2, (y1 - y0) // 2)
    if r == 0:
        return _polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    return _rounded((x0, y0, x1, y1), r, r)


def _rounded(box: tuple[int, int, int, int], rx: int, ry: int) -> Path:
    """A box whose corners are quarters of an ellipse."""
    x0, y0, x1, y1 = box
    kx, ky = rx - (rx * _KAPPA >> 16), ry - (ry * _KAPPA >> 16)  # from the corner to a handle
    return [
        (MOVE, [(x0 + rx, y0)]),
        (LINE, [(x1 - rx, y0)]),
        (CUBIC, [(x1 - kx, y0), (x1, y0 + ky), (x1, y0 + ry)]),
        (LINE, [(x1, y1 - ry)]),
        (CUBIC, [(x1, y1 - ky), (x1 - kx, y1), (x1 - rx, y1)]),
        (LINE, [(x0 + rx, y1)]),
        (CUBIC, [(x0 + kx, y1), (x0, y1 - ky), (x0, y1 - ry)]),
        (LINE, [(x0, y0 + ry)]),
        (CUBIC, [(x0, y0 + ky), (x0 + kx, y0), (x0 + rx, y0)]),
        (CLOSE, []),
    ]


def _ellipse(shape: Shape) -> Path:
    x0, y0, x1, y1 = _box(shape)
    return _rounded((x0, y0, x1, y1), (x1 - x0) // 2, (y1 - y0) // 2)


def _around(shape: Shape, radii: list[int]) -> Path:
    count = shape["sides"] * len(radii)
    return _polygon(
        _polar(shape["x"], shape["y"], radii[i % len(radii)], shape["angle"] + i * TURN // count)
        for i in range(count)
    )


def _star(shape: Shape) -> Path:
    return _around(shape, [shape["radius"], shape["radius"] * shape["inner"] // 100])


def _line(shape: Shape) -> Path:
    return [(MOVE, [(shape["x0"], shape["y0"])]), (LINE, [(shape["x1"], shape["y1"])])]


def _arrow(shape: Shape) -> Path:
    """The shaft, which ends where the head begins."""
    return [(MOVE, [(shape["x0"], shape["y0"])]), (LINE, [_neck(shape)])]


def _neck(shape: Shape) -> Point:
    dx, dy, length, head = _way(shape)
    return shape["x1"] - dx * head // length, shape["y1"] - dy * head // length


def _way(shape: Shape) -> tuple[int, int, int, int]:
    """An arrow's direction, its length and how long its head is: no longer than all of it."""
    dx, dy = shape["x1"] - shape["x0"], shape["y1"] - shape["y0"]
    length = isqrt(dx * dx + dy * dy)
    return dx, dy, max(1, length), min(shape["head"], length)


def head(shape: Shape, *, turned: bool) -> Path:
    """Return the head of an arrow, as wide as long and wound as a stroke is; `turned` where that is mirrored."""
    dx, dy, length, long = _way(shape)
    (x, y), half = _neck(shape), long // 2
    left, right = (
        (x + dy * by // length, y - dx * by // length) for by in ((-half, half) if turned else (half, -half))
    )
    return _polygon([left, (shape["x1"], shape["y1"]), right])


def _path(shape: Shape) -> Path:
    nodes = shape["nodes"]
    path: Path = [(MOVE, [(nodes[0][0], nodes[0][1])])]
    ends = [*nodes[1:], nodes[0]] if shape["closed"] else nodes[1:]
    for a, b in zip(nodes, ends, strict=False):
        if len(a) == 2 and len(b) == 2:
            path.append((LINE, [(b[0], b[1])]))
        else:
            handles = [(a[-2], a[-1]), (b[2], b[3]) if len(b) == 6 else (b[0], b[1])]
            path.append((CUBIC, [*handles, (b[0], b[1])]))
    return [*path, (CLOSE, [])] if shape["closed"] else path


_OUTLINES: Final = {
    "rectangle": _rectangle,
    "ellipse": _ellipse,
    "polygon": lambda shape: _around(shape, [shape["radius"]]),
    "star": _star,
    "line": _line,
    "arrow": _arrow,
    "path": _path,
}
