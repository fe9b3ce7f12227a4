"""Each kernel computes what reference.py says, to the byte, in both builds, and touches nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from editor.kernels import reference
from editor.replay.engine import Kernels
from editor.replay.erase import fill_hole
from tests.editor.arrays import BYTE, noise, same
from tests.editor.calling import call
from tests.examples import examples


@st.composite
def cover(draw: st.DrawFn, *shape: int) -> NDArray[np.uint16]:
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = random.integers(0, 32768, shape, dtype=np.uint16)
    values[random.random(shape) < 0.2] = draw(st.sampled_from([0, 1, 32767]))
    return values


@pytest.mark.parametrize("kernel", ["composite", "composite_atop"])
@pytest.mark.parametrize("mode", range(16), ids=reference.MODES)
@settings(max_examples=examples(12))
@given(data=st.data(), n=st.integers(0, 23), opacity=BYTE)
@pytest.mark.few(32)
def test_every_blend_mode(
    kernels: Kernels, kernel: str, mode: int, data: st.DataObject, n: int, opacity: int
) -> None:
    d, s = data.draw(noise(n, 4)), data.draw(noise(n, 4))
    mask = data.draw(st.one_of(st.none(), noise(n)))
    _, arrays = call(kernels, kernel, d, s, mask, n, opacity, mode)
    same(arrays[0], getattr(reference, kernel)(d, s, mask, opacity, reference.MODES[mode]))


def test_all_pairs_of_backdrop_and_source_in_the_modes_that_treat_channels_apart(kernels: Kernels) -> None:
    b, s = (a.reshape(-1).astype(np.uint8) for a in np.meshgrid(np.arange(256), np.arange(256)))
    opaque = np.full(65536, 255, np.uint8)
    for mode in range(12):
        backdrop, source = np.stack([b, b, b, opaque], 1), np.stack([s, s, s, opaque], 1)
        _, arrays = call(kernels, "composite", backdrop, source, None, 65536, 255, mode)
        wanted = [
            reference.separable(reference.MODES[mode], int(x), int(y)) for x, y in zip(b, s, strict=True)
        ]
        same(arrays[0][:, 0], np.array(wanted, np.uint8))


@pytest.mark.parametrize(
    ("mode", "formula"),
    [
        ("multiply", lambda b, s: b * s),
        ("screen", lambda b, s: b + s - b * s),
        ("overlay", lambda b, s: np.where(b <= 0.5, 2 * b * s, 1 - 2 * (1 - b) * (1 - s))),
        ("color-dodge", lambda b, s: np.where(b == 0, 0, np.minimum(1, b / np.maximum(1 - s, 1e-9)))),
        ("color-burn", lambda b, s: np.where(b == 1, 1, 1 - np.minimum(1, (1 - b) / np.maximum(s, 1e-9)))),
        (
            "soft-light",
            lambda b, s: np.where(
                s <= 0.5,
                b - (1 - 2 * s) * b * (1 - b),
                b + (2 * s - 1) * (np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b)) - b),
            ),
        ),
        ("exclusion", lambda b, s: b + s - 2 * b * s),
    ],
)
def test_the_integers_are_within_a_level_of_the_published_formulas(mode: str, formula: Any) -> None:
    for b in range(0, 256, 5):
        for s in range(256):
            exact = float(formula(np.float64(b / 255), np.float64(s / 255))) * 255
            assert abs(reference.separable(mode, b, s) - exact) <= 1.01, (mode, b, s)


@settings(max_examples=examples(40))
@given(data=st.data(), n=st.integers(0, 40))
def test_a_mask_takes_alpha_away(kernels: Kernels, data: st.DataObject, n: int) -> None:
    d, mask = data.draw(noise(n, 4)), data.draw(noise(n))
    same(call(kernels, "apply_mask", d, mask, n)[1][0], reference.apply_mask(d, mask))


@settings(max_examples=examples(40))
@given(data=st.data(), n=st.integers(0, 40), opacity=BYTE)
def test_two_pictures_are_mixed(kernels: Kernels, data: st.DataObject, n: int, opacity: int) -> None:
    d, s = data.draw(noise(n, 4)), data.draw(noise(n, 4))
    mask = data.draw(st.one_of(st.none(), noise(n)))
    same(call(kernels, "mix", d, s, mask, n, opacity)[1][0], reference.mix(d, s, mask, opacity))


@settings(max_examples=examples(15))
@given(r16=st.integers(8, 16384), hardness=BYTE)
def test_the_profile_of_a_brush(kernels: Kernels, r16: int, hardness: int) -> None:
    found = call(kernels, "brush_profile", np.zeros(4096, np.uint16), r16, hardness)[1][0]
    same(found, reference.brush_profile(r16, hardness))
    assert found[0] >= 32000 or r16 < 32
    assert (np.diff(found.astype(int)) <= 0).all()


@settings(max_examples=examples(25))
@given(r16=st.integers(8, 600), hardness=BYTE, px=st.integers(0, 15), py=st.integers(0, 15))
def test_a_dab_fits_into_its_mask(kernels: Kernels, r16: int, hardness: int, px: int, py: int) -> None:
    lut = reference.brush_profile(r16, hardness)
    w = 2 * -(-(r16 + 8) // 16) + 3
    found = call(kernels, "brush_mask", np.zeros((w, w), np.uint16), lut, w, r16, px, py)[1][0]
    same(found, reference.brush_mask(lut, w, r16, px, py))
    assert not any(side.any() for side in (found[0], found[-1], found[:, 0], found[:, -1]))


SAMPLES = st.lists(
    st.tuples(st.integers(-2000, 132000), st.integers(-2000, 132000), BYTE), min_size=1, max_size=12
)


@settings(max_examples=examples(40))
@given(
    samples=SAMPLES,
    r16=st.integers(400, 16384),
    spacing=st.integers(26, 512),
    flags=st.integers(0, 1),
    cut=st.integers(0, 12),
)
def test_a_path_in_pieces_gives_the_dabs_of_the_whole(
    kernels: Kernels, samples: list[tuple[int, int, int]], r16: int, spacing: int, flags: int, cut: int
) -> None:
    wanted = reference.brush_walk(samples, r16, spacing, flags)
    state, found = np.zeros(5, np.int32), []
    room = np.zeros((len(wanted) + 1, 3), np.int32)
    for piece in (samples[:cut], samples[cut:]):
        path = np.array(piece, np.int32).reshape(-1, 3)
        count, arrays = call(
            kernels, "brush_walk", state, path, len(piece), r16, spacing, flags, room, len(room)
        )
        state = arrays[0]
        found += arrays[2][:count].tolist()
    assert [tuple(dab) for dab in found] == wanted


@settings(max_examples=examples(40))
@given(samples=SAMPLES, r16=st.integers(8, 16384), flow=st.integers(0, 32767), flags=st.integers(0, 3))
def test_where_the_masks_of_dabs_lie(
    kernels: Kernels, samples: list[tuple[int, int, int]], r16: int, flow: int, flags: int
) -> None:
    n = len(samples)
    out = np.zeros((n, 7), np.int32)
    found = call(kernels, "brush_place", out, np.array(samples, np.int32), n, r16, flow, flags)[1][0]
    assert [tuple(row) for row in found.tolist()] == reference.brush_place(samples, r16, flow, flags)


def test_a_path_with_too_many_dabs_says_so(kernels: Kernels) -> None:
    path = np.array([[0, 0, 255], [16000, 0, 255]], np.int32)
    room = np.zeros((7, 3), np.int32)
    assert call(kernels, "brush_walk", np.zeros(5, np.int32), path, 2, 16, 64, 0, room, 7)[0] == -1


@settings(max_examples=examples(25))
@given(
    data=st.data(),
    x=st.sampled_from([0, 256, -512]),
    y=st.sampled_from([0, 256, -512]),
    widths=st.lists(st.integers(1, 40), max_size=6),
)
def test_dabs_add_to_the_coverage_of_a_tile(
    kernels: Kernels, data: st.DataObject, x: int, y: int, widths: list[int]
) -> None:
    cov, masks = data.draw(cover(256, 256)), []
    dabs: list[tuple[int, ...]] = []
    for w in widths:
        near = st.integers(-50, 270)
        dabs.append((0, 0, 0, x + data.draw(near), y + data.draw(near), w, data.draw(st.integers(0, 32767))))
        masks.append(data.draw(cover(w, w)))
    kernels.reset()
    addresses = np.array([kernels.put(mask) for mask in masks], np.int32)
    at = kernels.put(cov)
    placed = kernels.put(np.array(dabs, np.int32))
    kernels.call("brush_cover", at, placed, kernels.put(addresses), len(dabs), x, y)
    found = kernels.view(at, (256, 256), np.uint16)
    same(found, reference.brush_cover(cov, dabs, masks, x, y))
    assert found.max() <= 32767


@settings(max_examples=examples(60))
@given(
    data=st.data(), n=st.integers(0, 23), opacity=BYTE, rgb=st.integers(0, 0xFFFFFF), flags=st.integers(0, 1)
)
def test_coverage_colours_and_rubs_out(
    kernels: Kernels, data: st.DataObject, n: int, opacity: int, rgb: int, flags: int
) -> None:
    old, cov, out = data.draw(noise(n, 4)), data.draw(cover(n)), np.zeros((n, 4), np.uint8)
    sel = data.draw(st.one_of(st.none(), noise(n)))
    painted = call(kernels, "brush_paint", out, old, cov, sel, n, rgb, opacity, flags)[1][0]
    same(painted, reference.brush_paint(old, cov, sel, rgb, opacity, flags))
    rubbed = call(kernels, "brush_erase", out, old, cov, sel, n, opacity)[1][0]
    same(rubbed, reference.brush_erase(old, cov, sel, opacity))
    mask = data.draw(noise(n))
    masked = call(kernels, "brush_mask_paint", np.zeros(n, np.uint8), mask, cov, sel, n, rgb & 255, opacity)[
        1
    ][0]
    same(masked, reference.brush_mask_paint(mask, cov, sel, rgb & 255, opacity))


@settings(max_examples=examples(40))
@given(
    data=st.data(),
    bpp=st.sampled_from([3, 4]),
    pixels=st.integers(1, 9),
    rows=st.integers(0, 6),
    worst=st.integers(1, 6),
)
def test_rows_of_a_png(
    kernels: Kernels, data: st.DataObject, bpp: int, pixels: int, rows: int, worst: int
) -> None:
    stride = bpp * pixels
    lines, above = data.draw(noise(rows, stride + 1)), data.draw(noise(stride))
    lines[:, 0] %= worst
    number, arrays = call(kernels, "png_unfilter", lines, above, stride, rows, bpp)
    wanted = reference.png_unfilter(lines, above, bpp)
    assert (number == -1) == (wanted is None)
    if wanted is not None and rows:
        same(arrays[0][:, 1:], wanted)
        same(arrays[1], wanted[-1])


@settings(max_examples=examples(30))
@given(data=st.data(), n=st.integers(0, 30), x=st.integers(-50, 50), y=st.integers(-50, 50))
def test_to_the_screen(kernels: Kernels, data: st.DataObject, n: int, x: int, y: int) -> None:
    px, out = data.draw(noise(n, 4)), np.zeros((n, 4), np.uint8)
    same(call(kernels, "present", out, px, n, x, y, 250, 205)[1][0], reference.present(px, x, y, 250, 205))
    for bpp in (3, 4):
        raw = data.draw(noise(n, bpp))
        same(call(kernels, "to_rgba", out, raw, n, bpp)[1][0], reference.to_rgba(raw))


@settings(max_examples=examples(8))
@given(data=st.data(), qx=st.integers(0, 1), qy=st.integers(0, 1))
def test_the_next_smaller_level(kernels: Kernels, data: st.DataObject, qx: int, qy: int) -> None:
    tile, before = data.draw(noise(256, 256, 4)), data.draw(noise(256, 256, 4))
    wanted = before.copy()
    wanted[qy * 128 : qy * 128 + 128, qx * 128 : qx * 128 + 128] = reference.tile_half(tile)
    same(call(kernels, "tile_half", before, tile, qx, qy)[1][0], wanted)


@settings(max_examples=examples(40))
@given(data=st.data(), n=st.integers(0, 400), step=st.sampled_from([1, 3, 9, 40, 256]))
def test_tiles_come_back_as_they_were(kernels: Kernels, data: st.DataObject, n: int, step: int) -> None:
    px = (np.cumsum(data.draw(noise(n, 4)).astype(int) % step, axis=0) % 256).astype(np.uint8)
    size, arrays = call(kernels, "tile_encode", np.zeros(5 * n, np.uint8), px, n)
    packed = arrays[0][:size]
    wanted = reference.tile_decode(packed.tobytes(), n)
    assert wanted is not None
    same(wanted.reshape(-1, 4), px)
    number, arrays = call(kernels, "tile_decode", np.zeros((n, 4), np.uint8), n, packed, size)
    assert number == size
    same(arrays[0], px)


@settings(max_examples=examples(40))
@given(data=st.data(), n=st.integers(0, 400), values=st.sampled_from([1, 2, 256]))
def test_masks_come_back_as_they_were(kernels: Kernels, data: st.DataObject, n: int, values: int) -> None:
    mask = (data.draw(noise(n)).astype(int) % values).astype(np.uint8)
    size, arrays = call(kernels, "mask_encode", np.zeros(n + n // 64 + 2, np.uint8), mask, n)
    packed = arrays[0][:size]
    wanted = reference.mask_decode(packed.tobytes(), n)
    assert wanted is not None
    same(wanted, mask)
    number, arrays = call(kernels, "mask_decode", np.zeros(n, np.uint8), n, packed, size)
    assert number == size
    same(arrays[0], mask)


@settings(max_examples=examples(80))
@given(junk=st.binary(max_size=300), n=st.integers(0, 600))
def test_broken_bytes_are_refused_and_nothing_is_written_outside(
    kernels: Kernels, junk: bytes, n: int
) -> None:
    data = np.frombuffer(junk, np.uint8)
    for kernel, shape in (("tile_decode", (n, 4)), ("mask_decode", (n,))):
        number, arrays = call(kernels, kernel, np.zeros(shape, np.uint8), n, data, len(junk))
        wanted = getattr(reference, kernel)(junk, n)
        assert (number == -1) == (wanted is None)
        if wanted is not None:
            same(arrays[0], wanted.reshape(shape))


@settings(max_examples=examples(25))
@given(data=st.data(), h=st.integers(1, 20), w=st.integers(1, 20), r=st.integers(1, 40))
def test_a_box_blur(kernels: Kernels, data: st.DataObject, h: int, w: int, r: int) -> None:
    px = data.draw(noise(h, w, 4))
    found = call(kernels, "blur_box", px, np.zeros_like(px), w, h, r)[1][0]
    same(found, reference.blur_box(px, r))


@settings(max_examples=examples(15))
@given(data=st.data(), h=st.integers(8, 40), w=st.integers(8, 40), seed=st.integers(0, 2**31 - 1))
def test_erasing_changes_nothing_outside_the_hole(
    kernels: Kernels, data: st.DataObject, h: int, w: int, seed: int
) -> None:
    px, hole = data.draw(noise(h, w, 4)), np.zeros((h, w), np.uint8)
    y, x = data.draw(st.integers(0, h - 1)), data.draw(st.integers(0, w - 1))
    hole[y : y + data.draw(st.integers(0, 9)), x : x + data.draw(st.integers(0, 9))] = 255
    scratch = (np.zeros((h, w), np.uint8), np.zeros((h, w), np.int32), np.zeros((h, w, 5), np.uint32))
    sources, arrays = call(kernels, "erase_level", px, hole, *scratch, w, h, 2, seed, 1)
    same(arrays[0][hole == 0], px[hole == 0])
    if sources == 0:
        same(arrays[0], px)


def test_erasing_a_hole_in_a_pattern_goes_on_with_the_pattern(kernels: Kernels) -> None:
    y, x = np.mgrid[:97, :96]
    px = np.stack([x // 8 % 2 * 200, y // 8 % 2 * 60, x * 0 + 90, x * 0 + 255], -1).astype(np.uint8)
    hole = np.zeros((97, 96), np.uint8)
    hole[40:60, 40:60] = 255
    damaged = px.copy()
    damaged[hole == 255] = (128, 128, 128, 255)
    found = fill_hole(kernels, damaged, hole, seed=1)
    same(found[hole == 0], px[hole == 0])
    assert np.abs(found.astype(int) - px)[hole == 255].mean() < 2
