"""Kernels that resize and transform compute what reference_geometry.py says, to the byte, in both builds."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.kernels import reference_effects
from editor.kernels import reference_geometry as reference
from editor.replay.engine import Kernels
from tests.editor.arrays import noise, same
from tests.editor.calling import call
from tests.examples import examples

SIDE = st.sampled_from([1, 2, 3, 7, 16, 33, 100, 700])


def found_taps(kernels: Kernels, *values: int) -> tuple[reference.Taps, Any, Any]:
    n_in, n_out, _first, count, _method = values
    room = count * (6 * math.ceil(max(n_in, n_out) / n_out) + 3)
    starts, pairs = np.zeros(count + 1, np.int32), np.zeros((room, 2), np.int32)
    total, (starts, pairs) = call(kernels, "resize_taps", starts, pairs, *values)
    assert starts[-1] == total
    lists = [[tuple(pair) for pair in pairs[a:b].tolist()] for a, b in pairwise(starts)]
    return lists, starts, pairs


@settings(max_examples=examples(20))
@given(n_in=SIDE, n_out=SIDE, first=st.sampled_from([0, 0, -4, 5, 698]), count=st.integers(0, 9))
@pytest.mark.parametrize("method", [0, 1, 2])
def test_of_which_pixels_a_resized_one_is_made(
    kernels: Kernels, method: int, n_in: int, n_out: int, first: int, count: int
) -> None:
    found, _starts, _pairs = found_taps(kernels, n_in, n_out, first, count, method)
    assert found == reference.taps(n_in, n_out, first, count, method)
    for i, pixel in enumerate(found, first):
        assert sum(share for _place, share in pixel) == reference.WHOLE
        if 0 <= i < n_out:
            assert all(0 <= place < n_in for place, _share in pixel), (
                "nothing beside the document has a part in it"
            )
        if n_in == n_out:
            assert pixel == [(i, reference.WHOLE)], "the same size changes nothing"


@settings(max_examples=examples(15))
@given(
    data=st.data(),
    w=st.integers(1, 20),
    h=st.integers(1, 9),
    new=st.integers(1, 40),
    begin=st.integers(-9, 9),
)
@pytest.mark.parametrize("method", [0, 1, 2])
def test_rows_and_columns_are_resized(
    kernels: Kernels, method: int, data: st.DataObject, w: int, h: int, new: int, begin: int
) -> None:
    px = reference_effects.filter_load(data.draw(noise(h, w, 4)))
    for kernel, n_in, shape in (("resize_rows", w, (h, new, 4)), ("resize_columns", h, (new, w, 4))):
        taps, starts, pairs = found_taps(kernels, n_in, new, 0, new, method)
        out = call(kernels, kernel, np.zeros(shape, np.uint16), px, w, h, begin, starts, pairs, new)[1][0]
        same(out, getattr(reference, kernel)(px, begin, taps))


@st.composite
def projection(draw: st.DrawFn) -> list[int]:
    """As the page makes them, and whatever else the log takes."""
    if draw(st.integers(0, 4)) == 0:
        turns, shifts = st.integers(-(2**34), 2**34), st.integers(-(2**50), 2**50)
        return [draw(shifts if i % 3 == 2 else turns) for i in range(9)]
    one, near = 1 << 24, st.integers(-(1 << 26), 1 << 26)
    tilt = st.integers(-50_000, 50_000)
    return [*(draw(near) for _ in range(6)), draw(tilt), draw(tilt), one]


@settings(max_examples=examples(20))
@given(data=st.data(), m=projection(), x=st.sampled_from([0, 3, -500, 8190]), level=st.integers(0, 6))
@pytest.mark.parametrize("method", [0, 1, 2])
def test_a_projection(
    kernels: Kernels, method: int, data: st.DataObject, m: list[int], x: int, level: int
) -> None:
    w, h, corner = (
        data.draw(st.integers(1, 9)),
        data.draw(st.integers(1, 9)),
        (data.draw(st.integers(-3, 3)), -1),
    )
    px, outside = (
        reference_effects.filter_load(data.draw(noise(h, w, 4))),
        data.draw(st.sampled_from([0, 255])),
    )
    box, numbers = (x, 2, x + 5, 7), np.array(m, np.int64)
    number, (reach, _m) = call(kernels, "warp_reach", np.zeros(4, np.int32), numbers, *box)
    expected = reference.warp_reach(m, *box)
    assert (reach.tolist() if number else None) == expected
    source = (px, *corner, w, h, outside)
    out = call(kernels, "warp", np.zeros((5, 5, 4), np.uint16), *source, numbers, x, 2, 5, 5, level, method)[
        1
    ][0]
    same(out, reference.warp(px, corner, outside, m, box, level, method))


@pytest.mark.parametrize("method", [0, 1, 2])
@pytest.mark.parametrize(
    "m", [[1, 0, -3, 0, 1, 2, 0, 0, 1], [-1, 0, 9, 0, 1, 0, 0, 0, 1], [0, 1, 0, -1, 0, 9, 0, 0, 1]]
)
def test_whole_pixels_and_mirror_images_are_exact(kernels: Kernels, method: int, m: list[int]) -> None:
    px = reference_effects.filter_load(np.random.default_rng(1).integers(0, 256, (9, 9, 4), np.uint8))
    matrix = np.array(m, np.int64) << 24
    out = call(
        kernels, "warp", np.zeros((9, 9, 4), np.uint16), px, 0, 0, 9, 9, 0, matrix, 0, 0, 9, 9, 0, method
    )[1][0]
    for y in range(9):
        for x in range(9):
            u, v = m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]
            u, v = u - (m[0] + m[1] < 0), v - (m[3] + m[4] < 0)
            expected = px[v, u] if 0 <= u < 9 and 0 <= v < 9 else np.zeros(4)
            same(out[y, x], expected.astype(np.uint16))


def test_the_table_of_lanczos_is_that_of_the_kernel() -> None:
    assert reference.LANCZOS[0] == reference.WHOLE
    assert [reference.LANCZOS[128 * n] for n in (1, 2, 3)] == [0, 0, 0]
