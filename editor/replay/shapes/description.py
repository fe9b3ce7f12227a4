"""What a shape is described by, and what of it is allowed. The twin of worker/shapes/outlines.js knows the same kinds.

`{kind, fill?, stroke?, ...}`; lengths and places are 64ths of a pixel of the shape's own plane, angles 65536ths of a
turn. `fill` is a colour, `stroke` `{rgba, width, cap, join, limit?, dashes?}`. Rectangles (with `radius`) and ellipses
stand in a box x0, y0, x1, y1, lines and arrows lead from x0, y0 to x1, y1, polygons and stars stand around x, y. A path
has `nodes`: `[x, y]` for a corner or `[x, y, before x, before y, behind x, behind y]` with its handles.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from math import hypot
from typing import Any, Final

Shape = Mapping[str, Any]

FAR: Final = 4 * 8192 * 64
MOST_WIDTH: Final = 1024 * 64
MOST_NODES: Final = 1000
MOST_DASHES: Final = 4000
CAPS: Final = ("butt", "round", "square")
JOINS: Final = ("miter", "round", "bevel")
LIMIT: Final = 256  # of a miter, where a stroke doesn't say: four times its width

_PLACE: Final = (-FAR, FAR)
_BOX: Final = dict.fromkeys(("x0", "y0", "x1", "y1"), _PLACE)
_AROUND: Final = {"x": _PLACE, "y": _PLACE, "radius": (1, FAR), "angle": (0, 65535), "sides": (3, 100)}
# The numbers of each kind with their bounds.
KINDS: Final[dict[str, dict[str, tuple[int, int]]]] = {
    "rectangle": {**_BOX, "radius": (0, FAR)},
    "ellipse": _BOX,
    "polygon": _AROUND,
    "star": {**_AROUND, "inner": (1, 100)},  # percent of the radius
    "line": _BOX,
    "arrow": {**_BOX, "head": (64, FAR)},
    "path": {},
}
_OPEN: Final = ("line", "arrow")  # that nothing is filled of


def _is_number(value: Any, bounds: tuple[int, int]) -> bool:
    return type(value) is int and bounds[0] <= value <= bounds[1]


def _is_stroke(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) - {"rgba", "width", "cap", "join", "limit", "dashes"}:
        return False
    return (
        _is_number(value.get("rgba"), (0, 0xFFFFFFFF))
        and _is_number(value.get("width"), (1, MOST_WIDTH))
        and value.get("cap") in CAPS
        and value.get("join") in JOINS
        and _is_number(value.get("limit", LIMIT), (64, 2048))
        and _are_dashes(value.get("dashes", []))
    )


def _are_dashes(value: Any) -> bool:
    """Tell whether these are lengths, on and off in turn; one on and off is at least a pixel long."""
    if not isinstance(value, list) or len(value) > 8 or len(value) % 2:
        return False
    return all(_is_number(each, (0, MOST_WIDTH)) for each in value) and (not value or sum(value) >= 64)


def _are_nodes(value: Any) -> bool:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_NODES:
        return False
    return all(
        isinstance(node, list) and len(node) in (2, 6) and all(_is_number(each, _PLACE) for each in node)
        for node in value
    )


_OF_PATH: Final[dict[str, Callable[[Any], bool]]] = {
    "nodes": _are_nodes,
    "closed": lambda value: isinstance(value, bool),
    "even_odd": lambda value: isinstance(value, bool),
}


def allowed(shape: Any) -> bool:
    """Tell whether this describes a shape, with every number that its kind needs and no other."""
    if not isinstance(shape, Mapping) or not isinstance(shape.get("kind"), str):
        return False
    kind = shape["kind"]
    numbers = KINDS.get(kind)
    if numbers is None:
        return False
    others = {name: value for name, value in shape.items() if name not in ("kind", "fill", "stroke")}
    checks = _OF_PATH if kind == "path" else {}
    if set(others) != {*numbers, *checks}:
        return False
    if "fill" in shape and (kind in _OPEN or not _is_number(shape["fill"], (0, 0xFFFFFFFF))):
        return False
    if "stroke" in shape and not _is_stroke(shape["stroke"]):
        return False
    return all(_is_number(shape[name], numbers[name]) for name in numbers) and all(
        check(shape[name]) for name, check in checks.items()
    )


def has_too_many_dashes(shape: Shape) -> bool:
    """Tell whether a stroke would be cut into more dashes than a replay may draw on each tile."""
    dashes = shape.get("stroke", {}).get("dashes")
    if not dashes:
        return False
    return bool(_length_at_most(shape) > MOST_DASHES * sum(dashes))


def _length_at_most(shape: Shape) -> float:
    if shape["kind"] == "path":
        points = [tuple(node[i : i + 2]) for node in shape["nodes"] for i in _order(node)]
        points += points[:1] if shape["closed"] else []
        return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(points))
    if "radius" in shape and "x" in shape:
        return float(shape["radius"] * (2 * shape["sides"] if shape["kind"] == "star" else 7))
    return float(2 * (abs(shape["x1"] - shape["x0"]) + abs(shape["y1"] - shape["y0"])))


def _order(node: list[int]) -> tuple[int, ...]:
    """Where the points of a node begin, in the order in which the path comes by them."""
    return (0,) if len(node) == 2 else (2, 0, 4)
