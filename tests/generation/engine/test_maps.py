"""Maps for control pictures: edges one pixel wide where the picture has them, and depth by haze and height."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from generation.engine.pixels import depth, edges


def a_square(colour: int = 255, size: int = 64) -> Image.Image:
    picture = Image.new("L", (size, size), 0)
    ImageDraw.Draw(picture).rectangle((20, 24, 43, 47), fill=colour)
    return picture


def grown(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    wide = np.pad(found, 1)
    height, width = found.shape
    parts = [wide[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    found_near: NDArray[np.bool_] = np.logical_or.reduce(parts)
    return found_near


def outline() -> NDArray[np.bool_]:
    """The pixels of the square that touch what is around it."""
    inside = np.asarray(a_square()) > 0
    return inside & grown(~inside)


def test_the_outline_of_a_square_is_found_once_and_nothing_else() -> None:
    found = edges.edges(a_square())
    assert not (found & ~grown(outline())).any()
    # All around, but perhaps for the corners, which smoothing rounds.
    assert (grown(found) & outline()).sum() >= outline().sum() - 4
    # One pixel wide: each line across the middle of a side meets it twice.
    assert found[36].sum() == 2
    assert found[:, 32].sum() == 2


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_the_turned_edges_within_a_pixel(turns: int) -> None:
    levels = np.asarray(a_square())
    found = edges.edges(Image.fromarray(levels))
    turned = edges.edges(Image.fromarray(np.rot90(levels, turns).copy()))
    assert not (turned & ~grown(np.rot90(found, turns))).any()
    assert not (np.rot90(found, turns) & ~grown(turned)).any()


def test_a_flat_picture_and_one_of_faint_noise_have_none() -> None:
    assert not edges.edges(Image.new("RGB", (40, 30), "teal")).any()
    noise = np.random.default_rng(3).integers(120, 136, (64, 64), np.uint8)
    assert not edges.edges(Image.fromarray(noise)).any()


def test_a_weak_edge_stays_where_it_hangs_together_with_a_strong_one_and_goes_alone() -> None:
    # Between the two thresholds: a step of 45 levels has a gradient of about 150 once it is smoothed.
    alone = edges.edges(a_square(45))
    assert not alone.any()
    levels = np.zeros((64, 64), np.uint8)
    levels[:, 32:] = np.linspace(200, 45, 64).round()[:, None]  # the same edge, fading to the same step
    found = edges.edges(Image.fromarray(levels))
    assert found[10, 28:36].any()
    assert found[62, 28:36].any()


def test_nothing_is_found_across_the_border_of_the_picture() -> None:
    """Steps along rows that are stored one after another must not lead from the right border to the left one."""
    levels = np.zeros((32, 32), np.uint8)
    levels[:, 16:] = 255
    found = edges.edges(Image.fromarray(levels))
    assert not found[:, 0].any()
    assert not found[:, -1].any()
    assert found[:, 12:20].any(axis=1).sum() >= 30


def test_in_a_picture_without_haze_what_is_lower_is_nearer() -> None:
    near = depth.nearness(Image.new("RGB", (40, 60), "teal")).astype(int)
    assert near.shape == (60, 40)
    assert (near[0] == 0).all()
    assert (near[-1] == 255).all()
    assert (np.diff(near, axis=0) >= 0).all()


def hazy(far: NDArray[np.float64]) -> Image.Image:
    """Coloured ground seen through so much air: what the haze of a picture is a model of."""
    colours = np.random.default_rng(5).uniform(0, 0.6, (*far.shape, 3))
    colours[..., 0] *= 0.2  # some colour is dark nearly everywhere, as outdoors
    clear = np.exp(-2 * far)[..., None]
    return Image.fromarray(np.round(255 * (colours * clear + 0.9 * (1 - clear))).astype(np.uint8))


def test_haze_is_taken_for_distance_also_where_it_lies_low() -> None:
    """A view down a valley: the left half is near up to the top, the right half lies in haze down to the bottom."""
    far = np.zeros((96, 96))
    far[:, 48:] = 1
    near = depth.nearness(hazy(far)).astype(int)
    left, right = near[:, :40], near[:, 56:]
    assert (left.mean(axis=1) > right.mean(axis=1)).all()


def test_depth_changes_where_the_picture_has_an_edge() -> None:
    far = np.zeros((96, 96))
    far[:, 48:] = 1
    row = depth.nearness(hazy(far)).astype(int)[60]
    steps = np.abs(np.diff(row.reshape(-1, 4).mean(axis=1)))
    assert 9 <= int(steps.argmax()) <= 13


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (7, 5)])
def test_tiny_and_narrow_pictures_have_maps_of_their_size(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, "white")
    assert edges.edges(picture).shape == (size[1], size[0])
    assert depth.nearness(picture).shape == (size[1], size[0])
