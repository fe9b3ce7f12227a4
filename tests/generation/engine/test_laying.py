"""Laying a drawing into a picture: outside of the mask no byte changes, and at its rim nothing shows."""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from generation.engine.edits.boxed import Part
from generation.engine.edits.original import Original
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.laying import Levels, Rim, inner_distance, laid_over
from generation.requests import boxes, catalogue
from generation.requests.boxes import Box
from generation.requests.sizes import Size
from tests.examples import few_of


class Drawing:
    """Stands for a model: gives back what it is given, changed, at the size of the box."""

    channels = 3
    every: int | None = None

    def __init__(self, part: Part, change: Callable[[Pixels], Pixels]) -> None:
        self._pixels = change(np.asarray(part.reference(part.box.size)))
        self.small: Pixels = change(np.asarray(part.reference(Size(64, 64))))
        self.stages: tuple[dict[str, Any], ...] = ({"stage": "base"},)

    def strips(self) -> Generator[Pixels]:
        for top in range(0, len(self._pixels), 96):
            yield self._pixels[top : top + 96]


def brighter(pixels: Pixels) -> Pixels:
    return (pixels.astype(np.int16) + 8).clip(0, 255).astype(np.uint8)


def noise(pixels: Pixels) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, pixels.shape, dtype=np.uint8)


def redrawn(
    pixels: Pixels, mask: Levels, change: Callable[[Pixels], Pixels], feather: int, model: str = "bundled"
) -> Pixels:
    size = Size(pixels.shape[1], pixels.shape[0])
    marked = Image.fromarray(mask).getbbox()
    assert marked
    _shape, box = boxes.seen(Box(*marked), size, catalogue.get(model).base_sizes)
    part = Part(Original.of(pixels), mask, box, feather)
    return np.concatenate(list(part.laid(Drawing(part, change)).strips()))


def ellipse(size: Size, box: tuple[int, int, int, int], level: int = 255) -> Levels:
    mask = Image.new("L", (size.width, size.height), 0)
    ImageDraw.Draw(mask).ellipse(box, fill=level)
    return np.asarray(mask)


@given(
    data=st.data(),
    width=st.integers(8, 400),
    height=st.integers(8, 400),
    feather=st.sampled_from([0, 1, 3, 12, 40]),
    channels=st.sampled_from([3, 4]),
    model=st.sampled_from(["bundled", "sdxl"]),
    level=st.sampled_from([1, 130, 255]),
)
def test_where_the_mask_is_0_no_byte_changes(
    data: st.DataObject, width: int, height: int, feather: int, channels: int, model: str, level: int
) -> None:
    left, top = data.draw(st.integers(0, width - 2)), data.draw(st.integers(0, height - 2))
    right, bottom = data.draw(st.integers(left + 1, width)), data.draw(st.integers(top + 1, height))
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)
    mask = ellipse(Size(width, height), (left, top, right, bottom), level)
    out = redrawn(pixels, mask, noise, feather, model)
    assert out.shape == pixels.shape
    assert np.array_equal(out[mask == 0], pixels[mask == 0])


def test_ten_changes_in_a_row_leave_the_rest_alone() -> None:
    rng = np.random.default_rng(5)
    first = pixels = rng.integers(0, 256, (300, 420, 3), dtype=np.uint8)
    touched = np.zeros(first.shape[:2], bool)
    for number in range(10):
        left, top = int(rng.integers(0, 300)), int(rng.integers(0, 200))
        mask = ellipse(Size(420, 300), (left, top, left + 30 + 8 * number, top + 60))
        pixels = redrawn(pixels, mask, noise, feather=number * 3)
        touched |= mask > 0
        assert np.array_equal(pixels[~touched], first[~touched])
    assert not np.array_equal(pixels[touched], first[touched])


@pytest.mark.parametrize("feather", [0, 1, 2, 5, 12, 40])
@pytest.mark.parametrize("side", few_of([1, 4], [1]))
@pytest.mark.parametrize("form", ["ellipse", "cross", "edge"])
@pytest.mark.few(8)
def test_a_model_that_brightens_by_8_leaves_no_rim(feather: int, side: int, form: str) -> None:
    """Neighbours across the rim differ by at most one level more than they did before."""
    width, height = 480 * side, 270 * side
    ramp = np.linspace(30, 200, width).astype(np.uint8)
    pixels = np.repeat(np.repeat(ramp[None, :, None], height, 0), 3, 2)
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    if form == "ellipse":
        draw.ellipse((100 * side, 60 * side, 300 * side, 200 * side), fill=255)
    elif form == "cross":
        draw.rectangle((100 * side, 110 * side, 300 * side, 160 * side), fill=255)
        draw.rectangle((180 * side, 40 * side, 220 * side, 230 * side), fill=255)
    else:
        draw.rectangle((0, 150 * side, width, height), fill=255)
    out = redrawn(pixels, np.asarray(mask), brighter, feather).astype(int)
    before, inside = pixels.astype(int), np.asarray(mask) > 0
    for axis in (0, 1):
        across = np.diff(inside.astype(int), axis=axis) != 0
        more = np.abs(np.diff(out, axis=axis)) - np.abs(np.diff(before, axis=axis))
        assert more[across].max(initial=0) <= 1
    # And it is no trick: further in it is what the model drew.
    if form != "cross":
        assert (out - before).max() == 8


def test_what_is_new_at_the_rim_keeps_its_colour() -> None:
    """A red thing on a blue picture is not made bluer by matching."""
    pixels = np.full((200, 300, 3), (40, 90, 200), np.uint8)

    def red(seen: Pixels) -> Pixels:
        return np.full_like(seen, (200, 30, 30))

    mask = ellipse(Size(300, 200), (60, 40, 220, 160))
    out = redrawn(pixels, mask, red, feather=0)
    assert np.array_equal(out[mask > 0], np.full_like(out, (200, 30, 30))[mask > 0])


def test_the_feather_lies_inside_the_mask_and_its_middle_is_all_drawing() -> None:
    mask = np.zeros((60, 60), np.uint8)
    mask[10:50, 10:50] = 255
    shares = Rim(mask, 8).rows(0, 60)
    assert shares[30, 30] == 1
    assert 0 < shares[30, 10] < shares[30, 13] < 1
    assert shares[30, 9] == 0
    assert np.array_equal(shares, np.concatenate([Rim(mask, 8).rows(n, n + 10) for n in range(0, 60, 10)]))


def test_an_outpainting_keeps_the_picture_and_draws_around_it() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    shares = laid_over(pixels, noise(pixels), np.zeros((40, 60), np.float32))
    assert np.array_equal(shares, pixels)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_distances_are_exact_up_to_their_limit(seed: int, most: int) -> None:
    inside = np.random.default_rng(seed).random((14, 11)) < 0.8
    found = inner_distance(inside, most)
    out = np.argwhere(~inside)
    for row, column in np.argwhere(inside):
        nearest = np.sqrt(((out - (row, column)) ** 2).sum(1)).min() if len(out) else np.inf
        assert found[row, column] == pytest.approx(min(nearest, most))
    assert not found[~inside].any()


@pytest.mark.parametrize("wrong", [lambda a, b, s: (a[:5], b, s), lambda a, b, s: (a, b, s[:3])])
def test_sizes_that_differ_are_refused(wrong: Callable[..., tuple[object, ...]]) -> None:
    a = np.zeros((10, 10, 3), np.uint8)
    with pytest.raises(ValueError, match="one size"):
        laid_over(*wrong(a, a, np.zeros((10, 10), np.float32)))  # type: ignore[arg-type]
