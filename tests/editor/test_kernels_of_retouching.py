"""Kernels of the retouching tools compute what reference_retouch.py says, to the byte, in both builds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from editor.kernels import reference_retouch as reference
from editor.replay.engine import Kernels
from editor.replay.retouch.healing import room_of
from tests.editor.arrays import BYTE, noise, same
from tests.editor.calling import call
from tests.editor.test_kernels import cover
from tests.examples import examples

TILE = (256, 256, 4)


@settings(max_examples=examples(40))
@given(data=st.data(), n=st.integers(0, 40), opacity=BYTE, keep=st.booleans(), masked=st.booleans())
def test_pixels_are_laid_by_a_stroke(
    kernels: Kernels, data: st.DataObject, n: int, opacity: int, keep: bool, masked: bool
) -> None:
    old, src, cov = data.draw(noise(n, 4)), data.draw(noise(n, 4)), data.draw(cover(n))
    sel = data.draw(noise(n)) if masked else None
    found = call(kernels, "retouch_lay", np.zeros_like(old), old, src, cov, sel, n, opacity, int(keep))[1][0]
    same(found, reference.retouch_lay(old, src, cov, sel, opacity, keep=keep))
    if sel is not None:
        same(found[sel == 0], old[sel == 0])


@settings(max_examples=examples(40))
@given(
    data=st.data(),
    n=st.integers(0, 40),
    exposure=BYTE,
    how=st.sampled_from([0, 1, 2, 4, 5, 6]),
    masked=st.booleans(),
)
def test_tones_are_lightened_and_darkened(
    kernels: Kernels, data: st.DataObject, n: int, exposure: int, how: int, masked: bool
) -> None:
    old, cov = data.draw(noise(n, 4)), data.draw(cover(n))
    sel = data.draw(noise(n)) if masked else None
    found = call(kernels, "retouch_tone", np.zeros_like(old), old, cov, sel, n, exposure, how)[1][0]
    same(found, reference.retouch_tone(old, cov, sel, exposure, how))
    lighter = found[:, :3].astype(int) - old[:, :3]
    assert (lighter <= 0 if how & 4 else lighter >= 0).all()
    if sel is not None:
        same(found[sel == 0], old[sel == 0])


def test_each_range_of_tones_leaves_the_other_end_alone(kernels: Kernels) -> None:
    grey = np.arange(256, dtype=np.uint8)
    old = np.stack([grey, grey, grey, np.full(256, 255, np.uint8)], 1)
    cov = np.full(256, 32767, np.uint16)
    for how, still in ((0, 255), (1, 0), (1, 255), (2, 0), (4, 255), (5, 0), (5, 255), (6, 0)):
        found = call(kernels, "retouch_tone", np.zeros_like(old), old, cov, None, 256, 255, how)[1][0]
        assert found[still, 0] == still
        assert (found[..., 0] == found[..., 1]).all(), "grey stays grey"


@settings(max_examples=examples(12))
@given(
    data=st.data(),
    corner=st.sampled_from([(0, 0), (256, -256)]),
    at=st.tuples(st.integers(-100, 360), st.integers(-100, 360)),
    radii=st.tuples(st.integers(8, 5000), st.integers(8, 5000)),
    tolerance=BYTE,
    dark=BYTE,
    masked=st.booleans(),
)
def test_red_is_taken_out_of_an_ellipse(
    kernels: Kernels,
    data: st.DataObject,
    corner: tuple[int, int],
    at: tuple[int, int],
    radii: tuple[int, int],
    tolerance: int,
    dark: int,
    masked: bool,
) -> None:
    px = data.draw(noise(*TILE))
    sel = data.draw(noise(256, 256)) if masked else None
    centre = ((corner[0] + at[0]) * 16, (corner[1] + at[1]) * 16 + 3)
    found = call(kernels, "retouch_red", px, sel, *corner, *centre, *radii, tolerance, dark)[1][0]
    same(found, reference.retouch_red(px, sel, corner, centre, radii, tolerance=tolerance, dark=dark))
    same(found[..., 3], px[..., 3])
    if sel is not None:
        same(found[sel == 0], px[sel == 0])


@settings(max_examples=examples(20))
@given(
    data=st.data(),
    w=st.integers(1, 21),
    corner=st.tuples(st.integers(-25, 260), st.integers(-25, 260)),
    ends=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    rate=BYTE,
    flow=st.integers(0, 32767),
    keep=st.booleans(),
    masked=st.booleans(),
)
def test_a_dab_smudges(
    kernels: Kernels,
    data: st.DataObject,
    w: int,
    corner: tuple[int, int],
    ends: tuple[int, int],
    rate: int,
    flow: int,
    keep: bool,
    masked: bool,
) -> None:
    tile, mask = data.draw(noise(*TILE)), data.draw(cover(w, w))
    sel = data.draw(noise(256, 256)) if masked else None
    carry = np.zeros((w, w, 5), np.uint16)
    carry[..., 4] = data.draw(noise(w, w)) & 1
    carry[..., 3] = 65025 * carry[..., 4]
    carry[..., :3] = data.draw(noise(w, w, 3)) * carry[..., 4:] * np.uint16(255)
    found = call(kernels, "smudge", tile, sel, carry, mask, w, *corner, *ends, rate, flow, int(keep))[1]
    wanted = reference.smudge(tile, sel, carry, mask, corner, ends, rate=rate, flow=flow, keep=keep)
    same(found[0], wanted[0])
    same(found[2 if sel is not None else 1], wanted[1])
    if sel is not None:
        same(found[0][sel == 0], tile[sel == 0])


@st.composite
def holes(draw: st.DrawFn) -> NDArray[np.bool_]:
    h, w = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    hole = np.zeros((h, w), bool)
    for _ in range(draw(st.integers(0, 3))):
        y, x, r = random.integers(0, h), random.integers(0, w), random.integers(1, 9)
        hole[max(0, y - r) : y + r, max(0, x - r) : x + r] = True
    return hole


@settings(max_examples=examples(25))
@given(data=st.data(), hole=holes())
def test_a_hole_is_fitted_to_what_is_around_it(
    kernels: Kernels, data: st.DataObject, hole: NDArray[np.bool_]
) -> None:
    h, w = hole.shape
    px, target = data.draw(noise(h, w, 4)), data.draw(noise(h, w, 4))
    marks = np.where(hole, 255, 0).astype(np.uint8)
    work = np.zeros(room_of(w, h), np.uint8)
    found = call(kernels, "heal_match", px, target, marks, w, h, work)[1][0]
    same(found, reference.heal_match(px, target, hole))
    same(found[~hole], px[~hole])


def test_an_even_difference_is_carried_in_whole(kernels: Kernels) -> None:
    y, x = np.mgrid[:90, :120]
    target = np.stack([60 + x // 2, 40 + y, 90 + 0 * x, 255 + 0 * x], 2).astype(np.uint8)
    px = np.clip(target + np.array([30, -20, 7, 0]), 0, 255).astype(np.uint8)
    hole = np.where((x - 60) ** 2 + (y - 45) ** 2 < 30**2, 255, 0).astype(np.uint8)
    work = np.zeros(room_of(120, 90), np.uint8)
    found = call(kernels, "heal_match", px, target, hole, 120, 90, work)[1][0]
    assert abs(found.astype(int) - target)[hole > 0].max() <= 1


@settings(max_examples=examples(12))
@given(data=st.data(), hole=holes())
def test_a_place_to_heal_from_is_found(
    kernels: Kernels, data: st.DataObject, hole: NDArray[np.bool_]
) -> None:
    h, w = hole.shape
    px = data.draw(noise(h, w, 4))
    marks = np.where(hole, 255, 0).astype(np.uint8)
    work = np.zeros(-(-h * w // 4) * 4 + 16 * reference.POINTS, np.uint8)
    number, arrays = call(kernels, "heal_source", np.zeros(2, np.int32), px, marks, w, h, work)
    wanted = reference.heal_source(px, hole)
    assert bool(number) == (wanted is not None)
    if wanted is not None:
        assert tuple(arrays[0]) == wanted


@pytest.mark.parametrize("radii", [(7, 100), (100, 16385), (0, 0), (-50, 60)])
def test_an_ellipse_beyond_the_bounds_changes_nothing(kernels: Kernels, radii: tuple[int, int]) -> None:
    px = np.full(TILE, (200, 10, 10, 255), np.uint8)
    same(call(kernels, "retouch_red", px, None, 0, 0, 2000, 2000, *radii, 128, 100)[1][0], px)
