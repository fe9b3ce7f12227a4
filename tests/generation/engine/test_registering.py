"""How far a drawing is off against its picture: found to a fraction of a pixel where it's clear, and never guessed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from generation.engine.pixels import registering
from generation.engine.pixels.registering import STILL, Fit

Pixels = NDArray[np.uint8]
WIDE, TALL = 320, 240


def scene(seed: int, width: int = WIDE + 80, height: int = TALL + 80) -> Image.Image:
    """Things with edges of their own on a sky that has none: larger than what is looked at, so that it can be moved."""
    random = np.random.default_rng(seed)
    picture = Image.new("RGB", (width, height), (150, 180, 220))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = int(random.integers(0, width)), int(random.integers(height // 4, height))
        w, h = int(random.integers(6, 60)), int(random.integers(6, 60))
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        (draw.ellipse if random.random() < 0.5 else draw.rectangle)((x, y, x + w, y + h), fill=colour)
    noise = random.normal(0, 3, (height, width, 1))
    soft = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.8)))
    return Image.fromarray(np.clip(soft + noise, 0, 255).astype(np.uint8))


def seen(picture: Image.Image, right: float = 0.0, down: float = 0.0, zoom: float = 1.0) -> Pixels:
    """The middle of it, which a drawing shows moved by so many pixels and so many times as large."""
    left, top = 40 + WIDE / 2 - (WIDE / 2 + right) / zoom, 40 + TALL / 2 - (TALL / 2 + down) / zoom
    how = (1 / zoom, 0, left, 0, 1 / zoom, top)
    moved = picture.transform((WIDE, TALL), Image.Transform.AFFINE, how, Image.Resampling.BICUBIC)
    return np.asarray(moved)


def apart(a: Pixels, b: Pixels) -> float:
    """Mean difference away from the edges, in levels."""
    inner = np.s_[16:-16, 16:-16]
    return float(np.abs(a[inner].astype(int) - b[inner]).mean())


@settings(max_examples=12)
@given(st.integers(0, 2**16), st.integers(-14, 14), st.integers(-14, 14))
def test_whole_pixels_are_found_and_taken_back_to_the_byte(seed: int, right: int, down: int) -> None:
    picture = scene(seed)
    original, drawn = seen(picture), seen(picture, right, down)
    fit = registering.found(original, drawn)
    assert fit is not None
    assert (round(fit.right), round(fit.down), fit.wider, fit.taller) == (right, down, 0, 0)
    back = registering.moved(drawn, fit)
    inner = np.s_[16:-16, 16:-16]
    assert np.array_equal(back[inner], original[inner])


@pytest.mark.parametrize(("right", "down"), [(3.4, -2.6), (0.5, 7.5), (-5.3, 0.0)])
def test_parts_of_a_pixel_are_found(right: float, down: float) -> None:
    picture = scene(1)
    fit = registering.found(seen(picture), seen(picture, right, down))
    assert fit is not None
    assert fit.right == pytest.approx(right, abs=0.15)
    assert fit.down == pytest.approx(down, abs=0.15)


@pytest.mark.parametrize("zoom", [1.015, 0.98])
def test_a_drawing_that_is_a_little_larger_or_smaller_is_found(zoom: float) -> None:
    picture = scene(2)
    original, drawn = seen(picture), seen(picture, 2.0, -1.0, zoom)
    fit = registering.found(original, drawn)
    assert fit is not None
    assert fit.wider == pytest.approx(zoom - 1, abs=0.003)
    assert fit.taller == pytest.approx(zoom - 1, abs=0.003)
    assert apart(registering.moved(drawn, fit), original) < 0.35 * apart(drawn, original)


def test_another_light_other_colours_and_noise_do_not_hide_a_shift() -> None:
    picture = scene(3)
    night = seen(picture, 4, 3).astype(float) * (0.35, 0.4, 0.6) + (4, 8, 30)
    drawn = np.clip(night + np.random.default_rng(0).normal(0, 4, night.shape), 0, 255).astype(np.uint8)
    fit = registering.found(seen(picture), drawn)
    assert fit is not None
    assert (round(fit.right), round(fit.down)) == (4, 3)


def test_what_was_drawn_new_counts_for_nothing() -> None:
    picture, other = scene(4), scene(5)
    drawn = seen(picture, 5, -4).copy()
    drawn[:, : WIDE // 3] = seen(other, -9, 9)[:, : WIDE // 3]
    fit = registering.found(seen(picture), drawn)
    assert fit is not None
    assert (round(fit.right), round(fit.down)) == (5, -4)


def test_another_picture_and_one_without_anything_in_it_are_not_clear() -> None:
    picture = seen(scene(6))
    for drawn in (seen(scene(7)), np.full_like(picture, 90)):
        assert registering.found(picture, drawn) is None
        assert registering.moved(drawn, None) is drawn
    assert registering.found(np.full_like(picture, 90), picture) is None
    assert registering.stage(None) == {"stage": "register", "clear": False}


@pytest.mark.parametrize("size", [(64, 64), (64, 40), (1, 1), (3, 200)])
def test_small_and_narrow_pictures_are_no_trouble(size: tuple[int, int]) -> None:
    small = np.asarray(scene(8).resize(size))
    fit = registering.found(small, small)
    assert fit in (STILL, None)
    assert registering.moved(small, fit) is small


def test_nothing_moves_where_nothing_is_off() -> None:
    picture = seen(scene(9))
    assert registering.found(picture, picture) == STILL
    assert registering.stage(Fit(1.234, 0.0)) == {
        "stage": "register", "clear": True, "right": 1.23, "down": 0.0, "wider": 0.0, "taller": 0.0,
    }  # fmt: skip


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="one size"):
        registering.found(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 3), np.uint8))
