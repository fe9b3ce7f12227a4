"""Tiles: their weights add up, they stay inside, and together they are the whole picture without a seam."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.tiling import Between, Floats, enlarged_strips, plan_axis
from generation.requests.sizes import Size
from tests.examples import examples


def repeat(tiles: Floats) -> Floats:
    """Each pixel three times each way: what a network of receptive field 0 might do."""
    return tiles.repeat(3, axis=1).repeat(3, axis=2)


def blur_and_repeat(tiles: Floats) -> Floats:
    """A network that sees two pixels around each, and zeros beyond its tile, as convolutions do."""
    padded = np.pad(tiles, ((0, 0), (2, 2), (2, 2), (0, 0)))
    total = np.zeros_like(tiles)
    for dy in range(5):
        for dx in range(5):
            total += padded[:, dy : dy + tiles.shape[1], dx : dx + tiles.shape[2]]
    return repeat(total / np.float32(25))


def enlarged(
    picture: Pixels, enlarge: object, *, tile: int, margin: int, feather: int = 4, batch: int = 3
) -> Pixels:
    strips = enlarged_strips(
        between(picture),
        Size(picture.shape[1], picture.shape[0]),
        enlarge,  # type: ignore[arg-type]
        scale=3,
        tile=tile,
        margin=margin,
        feather=feather,
        batch=batch,
    )
    return np.concatenate(list(strips))


def between(picture: Pixels) -> Between:
    return lambda first, last: picture[first:last]


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(width * 1000 + height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(
    size=st.integers(1, 400), tile=st.integers(20, 90), margin=st.integers(0, 6), feather=st.integers(0, 7)
)
def test_tiles_cover_the_axis_and_their_weights_add_up_to_one(
    size: int, tile: int, margin: int, feather: int
) -> None:
    axis = plan_axis(size, tile=tile, margin=margin, feather=feather, scale=2)
    total = np.zeros(2 * size)
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        assert 0 <= start <= size - axis.length
        assert (weights >= 0).all()
        total[2 * start : 2 * (start + axis.length)] += weights
    assert np.allclose(total, 1, atol=1e-6)
    assert axis.starts[-1] + axis.length == size
    assert list(axis.starts) == sorted(set(axis.starts))


@given(size=st.integers(1, 2000), tile=st.integers(40, 200))
def test_two_tiles_share_no_more_than_they_have_to(size: int, tile: int) -> None:
    """What they share is held as floats: a few pixels more, because all have one length, and never most of a tile."""
    axis = plan_axis(size, tile=tile, margin=12, feather=8, scale=4)
    shared = [first + axis.length - second for first, second in itertools.pairwise(axis.starts)]
    assert all(32 <= rows < 32 + len(axis.starts) for rows in shared)


@given(size=st.integers(60, 400), margin=st.integers(1, 6))
def test_what_a_network_saw_without_its_surroundings_has_no_weight(size: int, margin: int) -> None:
    axis = plan_axis(size, tile=40, margin=margin, feather=5, scale=2)
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        if start > 0:
            assert (weights[: 2 * margin] == 0).all()
        if start + axis.length < size:
            assert (weights[len(weights) - 2 * margin :] == 0).all()


@settings(max_examples=examples(40))
@given(
    width=st.integers(1, 90), height=st.integers(1, 90), tile=st.integers(16, 48), margin=st.integers(0, 4)
)
def test_the_tiles_of_a_pointwise_network_are_the_whole_picture(
    width: int, height: int, tile: int, margin: int
) -> None:
    picture = noise(width, height)
    assert np.array_equal(
        enlarged(picture, repeat, tile=tile, margin=margin), picture.repeat(3, axis=0).repeat(3, axis=1)
    )


@settings(max_examples=examples(20))
@given(width=st.integers(1, 80), height=st.integers(1, 80), tile=st.integers(20, 48))
def test_no_seam_shows_where_the_margin_is_the_receptive_field(width: int, height: int, tile: int) -> None:
    picture = noise(width, height)
    in_tiles = enlarged(picture, blur_and_repeat, tile=tile, margin=2).astype(int)
    whole = enlarged(picture, blur_and_repeat, tile=1000, margin=2).astype(int)
    assert np.abs(in_tiles - whole).max() <= 1


def test_a_margin_that_is_too_small_is_seen_by_this_test() -> None:
    picture = np.full((80, 80, 3), 200, np.uint8)
    seams = enlarged(picture, blur_and_repeat, tile=24, margin=0, feather=0).astype(int)
    assert seams[30:-30, 30:-30].min() < 150


def test_tiles_that_are_all_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="leave nothing"):
        plan_axis(100, tile=20, margin=8, feather=4, scale=2)


@pytest.mark.parametrize("height", [400, 1600])
def test_what_is_held_depends_on_the_width_alone(height: int) -> None:
    picture, row_of_tiles = noise(800, height), 3 * 800 * 3 * 96 * 3  # bytes
    tracemalloc.start()  # counts from here on
    try:
        rows = sum(
            len(strip)
            for strip in enlarged_strips(
                between(picture), Size(800, height), repeat, scale=3, tile=96, margin=4, feather=8, batch=1
            )
        )
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert rows == 3 * height
    assert peak < 7 * row_of_tiles
