"""Coarse to fine: few points are computed, the picture is what all of them would have given, at every size the same."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.refining import Refined
from generation.requests.sizes import Size

BASE = Size(256, 144)


class Poster:
    """A disc, a slanted stripe a quarter of a source pixel wide and a soft sky. Counts the points it was asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        self.asked += len(x)
        sky = torch.stack((y / 400, y / 300, 0.4 + y / 300), 1)
        disc = (0.5 - (torch.hypot(x - 90, y - 60) - 30) * 4).clamp(0, 1).unsqueeze(1)
        stripe = (0.5 - ((x * 0.6 - y * 0.8).abs() - 1.2) * 4).clamp(0, 1).unsqueeze(1)
        sky = torch.lerp(sky, torch.tensor([0.9, 0.3, 0.2]), disc)
        return torch.lerp(sky, torch.tensor([0.1, 0.1, 0.1]), stripe)


def drawn(colours: Callable[[Tensor, Tensor], Tensor], target: Size, base: Size = BASE) -> Pixels:
    return np.concatenate(list(Refined(colours, base, target, torch.device("cpu")).strips()))


def whole(target: Size, base: Size = BASE) -> Pixels:
    """Every pixel computed."""
    scale = min(base.width / target.width, base.height / target.height)
    left, top = ((b - t * scale) / 2 for b, t in ((base.width, target.width), (base.height, target.height)))
    row, column = torch.meshgrid(torch.arange(target.height), torch.arange(target.width), indexing="ij")
    x, y = left + (column.flatten() + 0.5) * scale, top + (row.flatten() + 0.5) * scale
    pixels: Pixels = (Poster()(x, y) * 255).round().byte().view(target.height, target.width, 3).numpy()
    return pixels


def decibels(one: Pixels, other: Pixels) -> float:
    return float(-10 * np.log10(np.mean(((one.astype(float) - other) / 255) ** 2) + 1e-12))


@pytest.mark.parametrize("target", [Size(1024, 576), Size(1024, 438), Size(682, 1024), Size(2048, 1152)])
def test_it_is_the_picture_that_all_points_would_have_given(target: Size) -> None:
    poster = Poster()
    picture = drawn(poster, target)
    assert picture.shape == (target.height, target.width, 3)
    assert decibels(picture, whole(target)) > 50
    assert np.abs(picture.astype(int) - whole(target)).max() <= 12
    assert poster.asked < target.pixels / 4


@pytest.mark.parametrize("largest", [3, pytest.param(4, marks=pytest.mark.long)])
def test_the_larger_the_picture_the_smaller_the_share_of_computed_points(largest: int) -> None:
    shares = []
    for target in (Size(1024, 576), Size(2048, 1152), Size(3840, 2160), Size(7680, 4320))[:largest]:
        poster = Poster()
        drawn(poster, target)
        shares.append(poster.asked / target.pixels)
    assert shares == sorted(shares, reverse=True)
    assert shares[2] < 0.03


@pytest.mark.parametrize(
    "target",
    [Size(2048, 1152), Size(3840, 2160), pytest.param(Size(7680, 4320), marks=pytest.mark.long)],
    ids=str,
)
def test_every_size_shows_the_same_picture(target: Size) -> None:
    small = drawn(Poster(), Size(1024, 576))
    reduced = Image.fromarray(drawn(Poster(), target)).resize((1024, 576), Image.Resampling.BOX)
    assert decibels(small, np.asarray(reduced)) >= 35


def test_the_first_look_is_a_small_picture_of_the_whole() -> None:
    refined = Refined(Poster(), BASE, Size(3840, 2160), torch.device("cpu"))
    small = Image.fromarray(refined.coarse())
    assert small.size == (240, 135)
    expected = Image.fromarray(whole(Size(1024, 576))).resize(small.size, Image.Resampling.BOX)
    assert np.abs(np.asarray(small).astype(int) - np.asarray(expected)).mean() < 6


def test_a_picture_smaller_than_its_source_is_computed_pixel_by_pixel() -> None:
    target = Size(64, 36)
    assert np.array_equal(drawn(Poster(), target), whole(target))
