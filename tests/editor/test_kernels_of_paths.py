"""Kernels of paths compute what reference_paths.py says, to the byte, in both builds, and what geometry says nearly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from editor.kernels import reference_paths as paths
from editor.kernels.reference_paths import Path, Style, Window
from editor.replay.engine import Kernels
from tests.editor.arrays import same
from tests.editor.calling import call
from tests.examples import examples

PIXEL = 1 << 32
UNIT = PIXEL // 64  # a path in 64ths of a pixel
PLAIN = [UNIT, 0, 0, 0, UNIT, 0]
ROUNDED = Style(width=64 * 6, cap=paths.ROUND_CAP, join=paths.ROUND)


def numbers(path: Path) -> tuple[Any, int, Any, int]:
    """A path as the kernels take it."""
    verbs = np.array([verb for verb, _ in path], np.uint8)
    points = np.array([point for _, points in path for point in points], np.int32).reshape(-1, 2)
    return verbs, len(verbs), points, len(points)


def cells_of(kernels: Kernels, path: Path, m: list[int], window: Window, style: Style | None = None) -> Any:
    x0, y0, w, rows = window
    cells = np.zeros((rows, w + 2, 2), np.int32)
    more = [] if style is None else [np.array(style.numbers(), np.int32)]
    kernel = "path_fill" if style is None else "path_stroke"
    _, found = call(kernels, kernel, cells, x0, y0, w, rows, *numbers(path), np.array(m, np.int64), *more)
    return found[0]


def wanted(path: Path, m: list[int], window: Window, style: Style | None = None) -> NDArray[np.int32]:
    cells = paths.Cells(window)
    if style is None:
        paths.path_fill(cells, path, m)
    else:
        paths.path_stroke(cells, path, m, style)
    return cells.numbers()


def covered(
    kernels: Kernels, path: Path, window: Window, style: Style | None = None, m: Any = PLAIN, rule: int = 0
) -> Any:
    cells = cells_of(kernels, path, m, window, style)
    _, _, w, rows = window
    return call(kernels, "path_cover", np.zeros((rows, w), np.uint8), cells, w, rows, rule)[1][0]


COORDINATES = st.one_of(
    st.integers(-600, 3200),
    st.integers(-30, 60).map(lambda v: v * 64),
    st.sampled_from([0, 64 * 20, 2**22, -(2**31), 2**31 - 1]),
)
POINTS = st.tuples(COORDINATES, COORDINATES)


@st.composite
def outlines(draw: st.DrawFn) -> Path:
    verbs = draw(st.lists(st.sampled_from([0, 1, 1, 1, 2, 3, 3, 4]), max_size=7))
    pool = draw(st.lists(POINTS, min_size=1, max_size=6))  # points come again: nothing, cusps, turns back
    point = st.sampled_from(pool)
    return [
        (verb, [draw(point) for _ in range(paths.TAKES[verb])]) for verb in [draw(st.integers(0, 3)), *verbs]
    ]


@st.composite
def places(draw: st.DrawFn) -> list[int]:
    if draw(st.booleans()):
        return PLAIN
    parts = [draw(st.integers(-3 * UNIT, 3 * UNIT)) for _ in range(4)]
    shifts = [draw(st.integers(-40 * PIXEL, 40 * PIXEL)) for _ in range(2)]
    return [*parts[:2], shifts[0], *parts[2:], shifts[1]]


WINDOWS = st.tuples(st.integers(-9, 30), st.integers(-9, 30), st.integers(1, 40), st.integers(1, 30))
LENGTHS = st.sampled_from([0, 0, 40, 64 * 3, 700, 5000])
STYLES = st.builds(
    Style,
    width=st.sampled_from([1, 20, 64, 64 * 7, 64 * 40]),
    cap=st.integers(0, 2),
    join=st.integers(0, 2),
    limit=st.sampled_from([64, 100, 256, 2048]),
    offset=st.sampled_from([0, 100, 9999]),
    dashes=st.one_of(st.just(()), st.tuples(LENGTHS, st.sampled_from([90, 1000]))),
)


@settings(max_examples=examples(60))
@given(path=outlines(), m=places(), window=WINDOWS)
def test_outlines_are_filled(kernels: Kernels, path: Path, m: list[int], window: Window) -> None:
    same(cells_of(kernels, path, m, window), wanted(path, m, window))


@settings(max_examples=examples(60))
@given(path=outlines(), m=places(), window=WINDOWS, style=STYLES)
def test_a_pen_goes_along_outlines(
    kernels: Kernels, path: Path, m: list[int], window: Window, style: Style
) -> None:
    far = any(abs(value) > 9999 for _, points in path for point in points for value in point)
    if far and style.dashes:
        style = Style(style.width, style.cap, style.join, style.limit)  # the reference takes too long
    same(cells_of(kernels, path, m, window, style), wanted(path, m, window, style))


@settings(max_examples=examples(40))
@given(seed=st.integers(0, 2**32 - 1), w=st.integers(1, 9), rows=st.integers(1, 5), rule=st.integers(0, 1))
def test_what_was_added_up_becomes_a_mask(kernels: Kernels, seed: int, w: int, rows: int, rule: int) -> None:
    cells = np.random.default_rng(seed).integers(-400, 400, (rows, w + 2, 2)).astype(np.int32)
    cells[..., 1] *= 256
    found = call(kernels, "path_cover", np.zeros((rows, w), np.uint8), cells, w, rows, rule)[1][0]
    same(found, paths.path_cover(cells, rule))
    assert not call(kernels, "path_clear", cells, w, rows)[1][0].any()


@settings(max_examples=examples(30))
@given(
    path=outlines(),
    m=places(),
    style=st.one_of(st.none(), STYLES),
    x=st.integers(1, 39),
    y=st.integers(1, 29),
)
def test_a_pixel_is_covered_alike_in_every_window(
    kernels: Kernels, path: Path, m: list[int], style: Style | None, x: int, y: int
) -> None:
    whole = covered(kernels, path, (0, 0, 40, 30), style, m)
    parts = [[(0, 0, x, y), (x, 0, 40 - x, y)], [(0, y, x, 30 - y), (x, y, 40 - x, 30 - y)]]
    same(np.block([[covered(kernels, path, each, style, m) for each in row] for row in parts]), whole)


@settings(max_examples=examples(40))
@given(data=st.binary(max_size=12), count=st.integers(0, 9), w=st.integers(1, 20))
def test_bytes_that_are_no_path_harm_nothing(kernels: Kernels, data: bytes, count: int, w: int) -> None:
    verbs, points = np.frombuffer(data or b"\0", np.uint8).copy(), np.full((max(1, count), 2), 333, np.int32)
    m, cells = np.array([2**38] * 6, np.int64), np.zeros((20, w + 2, 2), np.int32)
    for style in ([2**31 - 1] * 24, [-(2**31)] * 24, [0, 9, 9, 0, 5, 16, *[64] * 16]):
        more = np.array(style, np.int32)
        for kernel, arguments in (("path_fill", []), ("path_stroke", [more])):
            call(kernels, kernel, cells, 3, -5, w, 20, verbs, len(data), points, count, m, *arguments)


def ring(radius: int, centre: int = 64 * 20) -> Path:
    """A circle of four cubic curves, in 64ths."""
    k = round(radius * 0.5522847)
    c, r = centre, radius
    return [
        (0, [(c + r, c)]),
        (3, [(c + r, c + k), (c + k, c + r), (c, c + r)]),
        (3, [(c - k, c + r), (c - r, c + k), (c - r, c)]),
        (3, [(c - r, c - k), (c - k, c - r), (c, c - r)]),
        (3, [(c + k, c - r), (c + r, c - k), (c + r, c)]),
        (4, []),
    ]


@pytest.mark.parametrize("radius", [64 * 3, 64 * 10 + 17, 64 * 17])
def test_a_circle_has_its_area(kernels: Kernels, radius: int) -> None:
    mask = covered(kernels, ring(radius), (0, 0, 40, 40))
    assert mask.sum() / 255 == pytest.approx(math.pi * (radius / 64) ** 2, rel=0.002)


@pytest.mark.parametrize("dashes", [(), (64 * 5, 64 * 3)])
def test_a_stroke_along_a_circle_is_a_ring(kernels: Kernels, dashes: tuple[int, ...]) -> None:
    mask = covered(kernels, ring(64 * 12), (0, 0, 40, 40), Style(64 * 4, dashes=dashes))
    share = 1 if not dashes else 0.62  # dashes begin and end where the circle does
    assert mask.sum() / 255 == pytest.approx(share * 2 * math.pi * 12 * 4, rel=0.002 if not dashes else 0.06)


@settings(max_examples=examples(25))
@given(corners=st.lists(st.tuples(st.integers(0, 40 * 64), st.integers(0, 30 * 64)), min_size=3, max_size=3))
def test_a_triangle_is_that_of_pillow(kernels: Kernels, corners: list[tuple[int, int]]) -> None:
    path = [(0, corners[:1]), *((1, [corner]) for corner in corners[1:]), (4, [])]
    mask = covered(kernels, path, (0, 0, 40, 30)).astype(float)
    large = Image.new("L", (40 * 64, 30 * 64))
    ImageDraw.Draw(large).polygon(corners, fill=255)
    exact = np.asarray(large).reshape(30, 64, 40, 64).mean(axis=(1, 3))
    assert np.abs(mask - exact).max() < 10  # Pillow draws the outline too, a 64th of a pixel wide
    area = abs(np.linalg.det([np.subtract(corner, corners[0]) for corner in corners[1:]])) / 2 / 64**2
    assert abs(mask.sum() / 255 - area) < 0.3 + area * 0.001


RECTANGLE: Path = [(0, [(256, 256)]), (1, [(1024, 256)]), (1, [(1024, 768)]), (1, [(256, 768)]), (4, [])]


@pytest.mark.parametrize(
    ("style", "area"),
    [
        (Style(128), 14 * 10 - 10 * 6),
        (Style(128, join=paths.BEVEL), 14 * 10 - 10 * 6 - 4 * 0.5),
        (Style(128, join=paths.ROUND), 14 * 10 - 10 * 6 - 4 + math.pi),
    ],
)
def test_corners_are_as_the_join_says(kernels: Kernels, style: Style, area: float) -> None:
    mask = covered(kernels, RECTANGLE, (0, 0, 20, 20), style)
    assert mask.sum() / 255 == pytest.approx(area, abs=0.05)


@pytest.mark.parametrize(("cap", "area"), [(0, 40), (1, 40 + 4 * math.pi), (2, 56)])
def test_ends_are_as_the_cap_says(kernels: Kernels, cap: int, area: float) -> None:
    line: Path = [(0, [(320, 640)]), (1, [(960, 640)])]
    assert covered(kernels, line, (0, 0, 20, 20), Style(256, cap=cap)).sum() / 255 == pytest.approx(
        area, abs=0.1
    )
    dot: Path = [(0, [(320, 640)]), (4, [])]
    assert covered(kernels, dot, (0, 0, 20, 20), Style(256, cap=cap)).sum() / 255 == pytest.approx(
        area - 40, abs=0.1
    )


def test_the_rules_differ_where_a_path_winds_twice(kernels: Kernels) -> None:
    twice = [*ring(64 * 12), *ring(64 * 6)]
    assert covered(kernels, twice, (0, 0, 40, 40), rule=0)[20, 20] == 255
    assert covered(kernels, twice, (0, 0, 40, 40), rule=1)[20, 20] == 0
