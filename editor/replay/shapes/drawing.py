"""A shape's pixels: its outline filled and stroked by the kernels, by tiles. The twin of worker/shapes/drawing.js."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from editor.replay.engine import Kernels
from editor.replay.geometry import following
from editor.replay.geometry.warping import warped
from editor.replay.planes import TILE, Box, Plane, intersection, places
from editor.replay.shapes.description import CAPS, JOINS, LIMIT, Shape
from editor.replay.shapes.outlines import Path, head, outline

_PIXELS: Final = TILE * TILE
_MOST_FACTOR, _MOST_SHIFT = 1 << 38, 1 << 53  # of what `path_fill` takes
_FINER: Final = 2  # how much larger a shape is drawn that is then seen in perspective
_FLAT: Final[Box] = (-8192, -8192, 16384, 16384)  # what of it is drawn then, so much larger


def drawn(kernels: Kernels, shape: Shape, place: following.Place, size: tuple[int, int]) -> Plane:
    """Return the pixels of a shape layer of a document of this size, and as much around it as the document is large."""
    area = (-size[0], -size[1], 2 * size[0], 2 * size[1])
    if following.is_affine(place):
        return _drawn(kernels, shape, following.forward(place), area)
    larger = (_FINER << 32, 0, 0, 0, _FINER << 32, 0)
    finer = tuple(value * _FINER if index < 6 else value for index, value in enumerate(place))
    return warped(kernels, _drawn(kernels, shape, larger, _FLAT), finer, area, "bicubic")


@dataclass(frozen=True, slots=True)
class _Layer:
    """What is covered with one colour: paths that are filled, or stroked with a style."""

    rgba: int
    rule: int
    fills: tuple[Path, ...]
    strokes: tuple[Path, ...] = ()
    style: tuple[int, ...] = ()


def _drawn(kernels: Kernels, shape: Shape, way: following.Place, area: Box) -> Plane:
    m = tuple(value if index % 3 == 2 else value >> 6 for index, value in enumerate(way))
    out = Plane()
    if any(abs(m[i]) > (_MOST_SHIFT if i % 3 == 2 else _MOST_FACTOR) for i in range(6)):
        return out
    for layer in _layers(shape, turned=m[0] * m[4] < m[1] * m[3]):
        _cover(kernels, out, layer, m, area)
    return out


def _layers(shape: Shape, *, turned: bool) -> list[_Layer]:
    """What a shape is painted of, the lowest first."""
    path, stroke = outline(shape), shape.get("stroke")
    found = []
    if "fill" in shape:
        found.append(_Layer(shape["fill"], int(shape.get("even_odd", False)), (path,)))
    if stroke:
        heads = (head(shape, turned=turned),) if shape["kind"] == "arrow" else ()
        found.append(_Layer(stroke["rgba"], 0, heads, (path,), style_of(stroke)))
    return found


def style_of(stroke: Shape) -> tuple[int, ...]:
    """Return a stroke as the kernels take it."""
    dashes = stroke.get("dashes", [])
    cap, join = CAPS.index(stroke["cap"]), JOINS.index(stroke["join"])
    return stroke["width"], cap, join, stroke.get("limit", LIMIT), 0, len(dashes), *dashes


def _cover(kernels: Kernels, out: Plane, layer: _Layer, m: tuple[int, ...], area: Box) -> None:
    kernels.reset()
    matrix = kernels.put(np.array(m, np.int64))
    fills = [_put(kernels, path) for path in layer.fills]
    strokes = [_put(kernels, path) for path in layer.strokes]
    style = kernels.put(np.array(layer.style, np.int32))
    cells, mask = kernels.room(8 * (TILE + 2) * TILE), kernels.room(_PIXELS)
    source = kernels.room(4 * _PIXELS)
    kernels.view(source, (_PIXELS,), np.uint32)[...] = layer.rgba
    mark = kernels.room(0)
    for place in places(intersection(_reach(layer, m), area)):
        window = (cells, place[0] * TILE, place[1] * TILE, TILE, TILE)
        kernels.call("path_clear", cells, TILE, TILE)
        for path in fills:
            kernels.call("path_fill", *window, *path, matrix)
        for path in strokes:
            kernels.call("path_stroke", *window, *path, matrix, style)
        kernels.call("path_cover", mask, cells, TILE, TILE, layer.rule)
        kernels.reset(mark)
        target = kernels.put(np.ascontiguousarray(out.get(place)))
        kernels.call("composite", target, source, mask, _PIXELS, 255, 0)
        out.put(place, kernels.view(target, (TILE, TILE, 4)))


def _put(kernels: Kernels, path: Path) -> tuple[int, int, int, int]:
    verbs = [verb for verb, _ in path]
    points = [value for _, each in path for point in each for value in point]
    at = kernels.put(np.array(verbs, np.uint8))
    return at, len(verbs), kernels.put(np.array(points, np.int32)), len(points) // 2


def _reach(layer: _Layer, m: tuple[int, ...]) -> Box:
    """The pixels that may be covered."""
    points = [point for path in (*layer.fills, *layer.strokes) for _, each in path for point in each]
    xs, ys = ([(m[k] * x + m[k + 1] * y + m[k + 2]) >> 32 for x, y in points] for k in (0, 3))
    more = 2
    if layer.style:
        longest = max(abs(m[0]) + abs(m[1]), abs(m[3]) + abs(m[4]))
        more += (layer.style[0] * max(128, layer.style[3]) * longest) >> 39
    return min(xs) - more, min(ys) - more, max(xs) + more + 1, max(ys) + more + 1
