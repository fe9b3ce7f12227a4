"""What a text layer is described by, and what of it is allowed. The twin of the page's text/values.js.

`{content, family, weight, size, rgba, align, leading, tracking, x, y, lines, width?, outline?, shadow?, path?}`.
Lengths are sixteenths of a pixel, `leading` is percent of the size, `tracking` thousandths of it. (x, y) is the
left top corner of the box that the lines stand in; without `width` they stand around x as `align` says. `lines`
is what the page made of the words: for each line its runs from left to right, each `[start, end, font, script,
direction]` with code points of the content and 1 for a direction from right to left. Neither breaks nor
directions are found again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, Final

from editor.fonts import catalogue

Text = Mapping[str, Any]

MOST_LETTERS: Final = 5000
MOST_RUNS: Final = 4000
MOST_CURVES: Final = 200
ALIGNS: Final = ("left", "center", "right")
FAR: Final = 4 * 8192 * 16
# Of each number its bounds; the last ones are a page's first values.
NUMBERS: Final[dict[str, tuple[int, int]]] = {
    "weight": (min(catalogue.WEIGHTS), max(catalogue.WEIGHTS)),
    "size": (16, 2000 * 16),
    "rgba": (0, 0xFFFFFFFF),
    "leading": (50, 400),
    "tracking": (-500, 2000),
    "x": (-FAR, FAR),
    "y": (-FAR, FAR),
}
OUTLINE: Final = {"width": (1, 200 * 16), "rgba": (0, 0xFFFFFFFF)}
SHADOW: Final = {
    "dx": (-2000 * 16, 2000 * 16),
    "dy": (-2000 * 16, 2000 * 16),
    "blur": (0, 100 * 16),
    "rgba": (0, 0xFFFFFFFF),
}
# Letters times the square of their size in pixels: what drawing them costs.
MOST_AREA: Final = 400_000_000

_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")


def too_long(text: Any) -> bool:
    """Tell whether a text has more letters than one layer holds."""
    return (
        isinstance(text, Mapping)
        and isinstance(text.get("content"), str)
        and len(text["content"]) > MOST_LETTERS
    )


def too_large(text: Text) -> bool:
    """Tell whether an allowed text would cost too much to draw."""
    area: int = len(text["content"]) * (text["size"] // 16) ** 2
    return area > MOST_AREA


def unknown_fonts(text: Any) -> bool:
    """Tell whether a text of the right form names a font that isn't here."""
    return allowed(text, is_font=_is_name) and not allowed(text)


def allowed(text: Any, *, is_font: Callable[[str], bool] = catalogue.known) -> bool:
    """Tell whether this describes a text that can be drawn."""
    if not isinstance(text, Mapping) or not text.keys() <= _FIELDS.keys():
        return False
    if not all(name in text or name in _OPTIONAL for name in _FIELDS):
        return False
    return all(_FIELDS[name](text[name]) for name in text) and _lines_fit(text, is_font)


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _number(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: _whole(value, low, high)


def _content(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_LETTERS and _CONTROL.search(value) is None


def _values(bounds: Mapping[str, tuple[int, int]]) -> Callable[[Any], bool]:
    def fit(value: Any) -> bool:
        return (
            isinstance(value, Mapping)
            and value.keys() == bounds.keys()
            and all(_whole(value[name], *bounds[name]) for name in bounds)
        )

    return fit


def _path(value: Any) -> bool:
    """Two numbers, a point, then six a cubic curve: its handles and where it ends."""
    return (
        isinstance(value, list)
        and 1 <= len(value) - 1 <= MOST_CURVES
        and all(isinstance(part, list) for part in value)
        and len(value[0]) == 2
        and all(len(curve) == 6 for curve in value[1:])
        and all(_whole(number, -FAR, FAR) for part in value for number in part)
    )


def _lines(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_LETTERS + 1 and all(map(_is_list, value))


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_name(font: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9-]{1,64}", font) is not None


def _lines_fit(text: Text, is_font: Callable[[str], bool]) -> bool:
    """Runs lie within the content, and none of its letters is drawn twice."""
    runs = [run for line in text["lines"] for run in line]
    if len(runs) > MOST_RUNS or not all(_run_fits(run, len(text["content"]), is_font) for run in runs):
        return False
    spans = sorted((run[0], run[1]) for run in runs)
    return all(before[1] <= after[0] for before, after in pairwise(spans))


def _run_fits(run: Any, letters: int, is_font: Callable[[str], bool]) -> bool:
    if not isinstance(run, list) or len(run) != 5:
        return False
    start, end, font, script, direction = run
    return (
        _whole(start, 0, letters)
        and _whole(end, start + 1, letters)
        and isinstance(font, str)
        and is_font(font)
        and isinstance(script, str)
        and script in catalogue.SCRIPTS
        and _whole(direction, 0, 1)
    )


_FIELDS: Final[dict[str, Callable[[Any], bool]]] = {
    "content": _content,
    "family": lambda value: isinstance(value, str) and value in catalogue.FAMILIES,
    **{name: _number(*bounds) for name, bounds in NUMBERS.items()},
    "weight": lambda value: type(value) is int and value in catalogue.WEIGHTS,
    "align": lambda value: isinstance(value, str) and value in ALIGNS,
    "lines": _lines,
    "width": _number(16, FAR),
    "outline": _values(OUTLINE),
    "shadow": _values(SHADOW),
    "path": _path,
}
_OPTIONAL: Final = frozenset({"width", "outline", "shadow", "path"})
