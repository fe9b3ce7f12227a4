"""Kernels of adjustments and filters compute what reference_effects.py says, to the byte, in both builds."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editor.kernels import reference, reference_effects
from editor.replay.effects import adjustments
from editor.replay.engine import Kernels
from tests.editor.arrays import BYTE, noise, same
from tests.editor.calling import call
from tests.examples import examples

PROGRAM = 2896


def whole(bounds: tuple[int, int, int]) -> st.SearchStrategy[int]:
    low, high, neutral = bounds
    return st.one_of(st.sampled_from([low, high, neutral]), st.integers(low, high))


@st.composite
def adjustment(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """An adjustment of a kind, as an operation holds it."""
    channels = draw(st.sets(st.sampled_from(adjustments.CHANNELS)))
    values: dict[str, Any]
    if kind == "levels":
        ends = st.tuples(BYTE, BYTE)
        values = {
            channel: [black, draw(st.sampled_from([100, 10, 999, 180])), white, *draw(ends)]
            for channel in sorted(channels)
            for black in [draw(st.integers(0, 253))]
            for white in [draw(st.integers(black + 2, 255))]
        }
    elif kind == "curves":
        xs = st.sets(BYTE, min_size=2, max_size=adjustments.MOST_POINTS)
        values = {channel: [[x, draw(BYTE)] for x in sorted(draw(xs))] for channel in sorted(channels)}
    else:
        values = {name: draw(whole(bounds)) for name, bounds in adjustments.KINDS[kind].items()}
    found = {"kind": kind, **values}
    assert adjustments.allowed(found)
    return found


def program(kernels: Kernels, made: dict[str, Any]) -> np.ndarray[Any, Any]:
    values = np.array([*adjustments.flat(made), *[0] * 10], np.int32)
    number = reference_effects.KINDS.index(made["kind"])
    return call(kernels, "adjust_program", np.zeros(PROGRAM, np.uint8), number, values)[1][0]


def test_the_kinds_stand_in_the_kernels_order() -> None:
    assert tuple(adjustments.KINDS) == reference_effects.KINDS


@pytest.mark.few(8)
@pytest.mark.parametrize("kind", adjustments.KINDS)
@settings(max_examples=examples(8))
@given(data=st.data())
def test_an_adjustment_changes_pixels_as_the_reference_does(
    kernels: Kernels, kind: str, data: st.DataObject
) -> None:
    made = data.draw(adjustment(kind))
    d = data.draw(noise(2, 256, 4))
    mask = data.draw(st.one_of(st.none(), noise(2, 256)))
    opacity, mode = data.draw(BYTE), data.draw(st.sampled_from([0, 0, 1, 12]))
    size = (data.draw(st.integers(1, 8192)), data.draw(st.integers(1, 8192)))
    x, y, level = (
        data.draw(st.integers(0, 31)) * 256,
        data.draw(st.integers(0, 8000)),
        data.draw(st.integers(0, 6)),
    )
    found = call(kernels, "adjust", d, mask, program(kernels, made), opacity, mode, x, y, 2, level, *size)[1][
        0
    ]
    new = reference_effects.adjusted(kind, adjustments.flat(made), d, x=x, y=y, level=level, size=size)
    same(found, reference_effects.adjust(d, new, mask, opacity, reference.MODES[mode]))
    same(found[..., 3], d[..., 3])


@pytest.mark.parametrize(
    "kind", sorted(set(adjustments.KINDS) - {"mono", "invert", "threshold", "posterise", "vignette"})
)
def test_neutral_values_change_nothing(kernels: Kernels, kind: str) -> None:
    d = np.random.default_rng(3).integers(0, 256, (256, 256, 4), np.uint8)
    found = call(
        kernels, "adjust", d, None, program(kernels, {"kind": kind}), 255, 0, 0, 0, 256, 0, 256, 256
    )[1][0]
    same(found, d)


def test_powers_are_right_to_a_fiftieth_of_a_level() -> None:
    for v in (1, 77, 4096, 30000, 65535, 65536, 131072):
        for e in (6553, 65536, 157286, 262144):
            exact = (v / 65536) ** (e / 65536)
            found = reference_effects.power(v, e) / 65536
            assert found == pytest.approx(exact, rel=8e-5, abs=2e-5), (v, e)
    for v in range(256):
        x = v / 255
        light = x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
        assert abs(reference_effects._light()[v] / 65536 - light) < 5e-5


@given(data=st.data())
def test_a_curve_goes_through_its_points_and_between_them(data: st.DataObject) -> None:
    xs = sorted(data.draw(st.sets(BYTE, min_size=2, max_size=16)))
    points = [(x, data.draw(BYTE)) for x in xs]
    found = reference_effects.curve(points)
    assert all(found[x] == y for x, y in points)
    for (x0, y0), (x1, y1) in pairwise(points):
        part = np.array(found[x0 : x1 + 1])
        assert min(y0, y1) <= part.min()
        assert part.max() <= max(y0, y1)
        assert (np.diff(part) * (1 if y1 >= y0 else -1) >= 0).all()


@settings(max_examples=examples(15))
@given(data=st.data(), w=st.integers(1, 40), h=st.integers(1, 40), r=st.sampled_from([1, 2, 9, 60, 250]))
def test_a_box_blur(kernels: Kernels, data: st.DataObject, w: int, h: int, r: int) -> None:
    px = data.draw(noise(h, w, 4))
    wide = call(kernels, "filter_load", np.zeros((h, w, 4), np.uint16), px, w * h)[1][0]
    same(wide, reference_effects.filter_load(px))
    line = np.zeros(4 * max(w, 8 * h), np.uint16)
    soft = call(kernels, "filter_box", wide, line, w, h, r)[1][0]
    same(soft, reference_effects.filter_box(wide, r))
    found = call(kernels, "filter_store", np.zeros_like(px), soft, w * h)[1][0]
    same(found, reference_effects.filter_store(soft))


def test_a_picture_of_one_colour_stays_what_it_is_when_it_is_blurred() -> None:
    px = np.full((9, 9, 4), (7, 200, 255, 255), np.uint8)
    for r in (1, 30, 250):
        wide = reference_effects.filter_box(reference_effects.filter_load(px), r)
        same(reference_effects.filter_store(wide), px)


@settings(max_examples=examples(25))
@given(data=st.data(), n=st.integers(0, 40), amount=st.integers(0, 500 * 656), least=BYTE)
def test_an_unsharp_mask(kernels: Kernels, data: st.DataObject, n: int, amount: int, least: int) -> None:
    px, soft = data.draw(noise(n, 4)), data.draw(noise(n, 4))
    found = call(kernels, "filter_sharpen", px, soft, n, amount, least)[1][0]
    same(found, reference_effects.filter_sharpen(px, soft, amount, least))
    same(call(kernels, "filter_keep", px, soft, n)[1][0], reference_effects.filter_keep(px, soft))


@settings(max_examples=examples(25))
@given(
    data=st.data(),
    n=st.integers(0, 40),
    x=st.integers(-300, 9000),
    seed=st.integers(0, 2**31 - 1),
    amount=st.integers(0, 65536),
    one=st.booleans(),
)
def test_noise(
    kernels: Kernels, data: st.DataObject, n: int, x: int, seed: int, amount: int, one: bool
) -> None:
    px = data.draw(noise(n, 4))
    found = call(kernels, "filter_noise", px, n, x, 7 - x, seed, amount, one)[1][0]
    same(found, reference_effects.filter_noise(px, x, 7 - x, seed, amount, one))


@settings(max_examples=examples(15))
@given(data=st.data(), w=st.integers(1, 40), h=st.integers(1, 40), side=st.sampled_from([1, 2, 7, 64]))
def test_pixels_of_a_cell_become_one(
    kernels: Kernels, data: st.DataObject, w: int, h: int, side: int
) -> None:
    px = data.draw(noise(h, w, 4))
    same(call(kernels, "filter_pixelate", px, w, h, side)[1][0], reference_effects.filter_pixelate(px, side))
