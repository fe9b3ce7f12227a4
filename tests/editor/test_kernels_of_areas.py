"""Kernels of selections, outlines and gradients compute what reference_areas.py says, to the byte, in both builds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from editor.kernels import reference_areas
from editor.replay.engine import Kernels
from tests.editor.arrays import BYTE, noise, same
from tests.editor.calling import call
from tests.examples import examples


@settings(max_examples=examples(40))
@given(data=st.data(), n=st.integers(0, 70), op=st.integers(0, 3))
def test_masks_are_combined(kernels: Kernels, data: st.DataObject, n: int, op: int) -> None:
    d, s = data.draw(noise(n)), data.draw(noise(n))
    same(call(kernels, "mask_combine", d, s, n, op)[1][0], reference_areas.mask_combine(d, s, op))
    same(call(kernels, "mask_invert", d, n)[1][0], reference_areas.mask_invert(d))


@settings(max_examples=examples(40))
@given(
    data=st.data(), n=st.integers(0, 50), colour=st.tuples(BYTE, BYTE, BYTE, BYTE), tolerance=BYTE, soft=BYTE
)
def test_pixels_like_a_colour(
    kernels: Kernels,
    data: st.DataObject,
    n: int,
    colour: tuple[int, int, int, int],
    tolerance: int,
    soft: int,
) -> None:
    px = data.draw(noise(n, 4))
    rgba = sum(value << 8 * place for place, value in enumerate(colour))
    found = call(kernels, "mask_similar", np.zeros(n, np.uint8), px, n, rgba, tolerance, soft)[1][0]
    same(found, reference_areas.mask_similar(px, colour, tolerance, soft))


@st.composite
def maps(draw: st.DrawFn) -> NDArray[np.uint8]:
    h, w = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.002, 0.3, 0.6, 0.95]))
    return np.where(random.random((h, w)) < share, 255, 0).astype(np.uint8)


@settings(max_examples=examples(60))
@given(data=st.data(), map_=maps(), room=st.integers(2, 60))
def test_a_flood_finds_what_is_joined_with_however_small_a_stack(
    kernels: Kernels, data: st.DataObject, map_: NDArray[np.uint8], room: int
) -> None:
    h, w = map_.shape
    x, y = data.draw(st.integers(0, w - 1)), data.draw(st.integers(0, h - 1))
    count, arrays = call(kernels, "mask_flood", map_, w, h, x, y, np.zeros(room, np.int32), room)
    wanted = reference_areas.mask_flood(map_, x, y)
    same(arrays[0], wanted)
    assert count == np.count_nonzero(wanted)


@settings(max_examples=examples(40))
@given(map_=maps(), r=st.integers(0, 60))
def test_a_mask_grows_round(kernels: Kernels, map_: NDArray[np.uint8], r: int) -> None:
    h, w = map_.shape
    columns, hull = np.zeros(map_.shape, np.uint16), np.zeros(2 * w, np.int32)
    same(call(kernels, "mask_grow", map_, columns, hull, w, h, r)[1][0], reference_areas.mask_grow(map_, r))


@settings(max_examples=examples(30))
@given(
    data=st.data(),
    h=st.integers(1, 30),
    w=st.integers(1, 30),
    r=st.integers(0, 50),
    edge=st.sampled_from([0, 255]),
)
def test_a_mask_is_softened(kernels: Kernels, data: st.DataObject, h: int, w: int, r: int, edge: int) -> None:
    map_ = data.draw(noise(h, w))
    found = call(kernels, "mask_feather", map_, np.zeros_like(map_), w, h, r, edge)[1][0]
    same(found, reference_areas.mask_feather(map_, r, edge))


@settings(max_examples=examples(80))
@given(
    points=st.lists(st.tuples(st.integers(-900, 1500), st.integers(-900, 1500)), min_size=1, max_size=9),
    w=st.integers(1, 60),
    y0=st.integers(-20, 40),
    rows=st.integers(1, 30),
)
def test_an_outline_is_filled(
    kernels: Kernels, points: list[tuple[int, int]], w: int, y0: int, rows: int
) -> None:
    out, cells = np.zeros((rows, w), np.uint8), np.zeros((rows, w + 2, 2), np.int32)
    path = np.array(points, np.int32)
    found = call(kernels, "shape_fill", out, cells, path, len(points), w, y0, rows)[1][0]
    same(found, reference_areas.shape_fill(points, w, y0, rows))


def test_the_area_of_a_circle_is_right() -> None:
    angles = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    points = [(round(320 + 256 * np.cos(a)), round(320 + 256 * np.sin(a))) for a in angles]
    area = reference_areas.shape_fill(points, 40, 0, 40).sum() / 255
    assert area == pytest.approx(np.pi * 16**2, rel=0.004)


@settings(max_examples=examples(40))
@given(
    data=st.data(),
    x=st.integers(-100, 100),
    y=st.integers(-100, 100),
    a=st.tuples(st.integers(-3000, 3000), st.integers(-3000, 3000)),
    b=st.tuples(st.integers(-3000, 3000), st.integers(-3000, 3000)),
    kind=st.integers(0, 2),
)
def test_gradients(
    kernels: Kernels, data: st.DataObject, x: int, y: int, a: tuple[int, int], b: tuple[int, int], kind: int
) -> None:
    ramp = data.draw(noise(1024, 4))
    found = call(kernels, "gradient", np.zeros((5, 12, 4), np.uint8), ramp, x, y, 12, 5, *a, *b, kind)[1][0]
    same(found, reference_areas.gradient(ramp, (x, y, 12, 5), a, b, kind))


@st.composite
def patches(draw: st.DrawFn, h: int, w: int) -> NDArray[np.uint8]:
    """Patches of a few colours with a little noise, as a photograph has, or noise alone."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    px = np.empty((h, w, 4), np.uint8)
    px[...] = random.integers(0, 256, 4)
    for _ in range(draw(st.integers(0, 4))):
        y, x = random.integers(0, h), random.integers(0, w)
        px[y : y + random.integers(1, h + 1), x : x + random.integers(1, w + 1)] = random.integers(0, 256, 4)
    noise_of = draw(st.sampled_from([1, 12, 256]))
    return (px + random.integers(0, noise_of, (h, w, 4))).astype(np.uint8)


@pytest.mark.few(1)
@settings(max_examples=examples(40))
@given(data=st.data(), h=st.integers(1, 20), w=st.integers(1, 20), rounds=st.integers(0, 5))
def test_both_sides_of_a_quick_selection_grow(
    kernels: Kernels, data: st.DataObject, h: int, w: int, rounds: int
) -> None:
    px, map_ = data.draw(patches(h, w)), np.zeros((h, w), np.uint8)
    y, x = data.draw(st.integers(0, h - 1)), data.draw(st.integers(0, w - 1))
    map_[y : y + data.draw(st.integers(0, 5)), x : x + data.draw(st.integers(0, 5))] = 255
    cost, tables, counts = (
        np.zeros((h, w), np.uint16),
        np.zeros((2, 4096), np.uint8),
        np.zeros(4096, np.uint32),
    )
    found = call(kernels, "quick_select", map_, cost, tables, counts, px, w, h, rounds)[1]
    wanted, colours = reference_areas.quick_select(map_, px, rounds)
    same(found[0], wanted)
    same(found[2], colours)
    some = np.where(data.draw(noise(h, w)) < 128, 128, wanted).astype(np.uint8)
    refined = call(kernels, "quick_refine", some, cost, colours, px, w, h, rounds)[1][0]
    same(refined, reference_areas.quick_refine(some, colours, px, rounds))


def test_a_quick_selection_ends_at_the_edge_of_a_thing(kernels: Kernels) -> None:
    y, x = np.mgrid[:160, :200]
    thing = (x - 110) ** 2 + (y - 70) ** 2 < 45**2
    noisy = np.random.default_rng(3).integers(0, 14, (160, 200, 4))
    px = (np.where(thing[..., None], (150, 110, 60, 241), (90, 120, 150, 241)) + noisy).astype(np.uint8)
    stroke = np.zeros((160, 200), np.uint8)
    stroke[66:72, 90:126] = 255
    scratch = (np.zeros((160, 200), np.uint16), np.zeros((2, 4096), np.uint8), np.zeros(4096, np.uint32))
    found = call(kernels, "quick_select", stroke, *scratch, px, 200, 160, 8)[1][0]
    assert np.count_nonzero((found == 255) != thing) < 0.01 * thing.sum()
