"""The drawn world: the same scene is the same picture, at any size, and every kind can be seen."""

from dataclasses import replace
from itertools import combinations, pairwise
from math import hypot
from random import Random

import pytest
import torch

from generation.bundled import draw, scenery
from generation.bundled.layout import lay_out
from generation.bundled.palette import NAMED
from generation.bundled.scenes import (
    ALL_SETTINGS,
    KINDS,
    NATURAL_COLOURS,
    NATURAL_SETTINGS,
    Group,
    Scene,
    sample,
)
from generation.bundled.vocabulary import COLOURS, SETTINGS


def _picture(scene: Scene, seed: int, scale: int = 6, width: int = 16, height: int = 16) -> torch.Tensor:
    return draw.pictures([lay_out(scene, Random(seed), width, height)], scale)


def test_the_same_seed_draws_the_same_picture() -> None:
    first, again = (_picture(sample(Random(3)), 3) for _ in range(2))
    assert torch.equal(first, again)


def test_a_batch_draws_what_each_picture_alone_would_be() -> None:
    layouts = [lay_out(sample(Random(seed)), Random(seed)) for seed in range(6)]
    together = draw.pictures(layouts, 4)
    alone = torch.cat([draw.pictures([layout], 4) for layout in layouts])
    assert torch.allclose(together, alone, atol=1e-5)


def test_a_larger_drawing_made_smaller_is_the_smaller_drawing() -> None:
    scene = Scene("hills", groups=(Group("house", "red"),))
    small, large = _picture(scene, 5, scale=6), _picture(scene, 5, scale=24)
    assert (torch.nn.functional.avg_pool2d(large, 4) - small).abs().mean() < 0.004


def test_single_points_have_the_colours_of_the_pixels_that_they_are_the_middle_of() -> None:
    layouts = [lay_out(sample(Random(seed)), Random(seed)) for seed in range(5)]
    scale = 48
    whole = draw.pictures(layouts, scale)
    row, column = (torch.randint(16 * scale, (5, 400)) for _ in range(2))
    points = draw.at(layouts, (column + 0.5) / scale, (row + 0.5) / scale, scale)
    assert torch.allclose(points, whole[torch.arange(5).unsqueeze(1), :, row, column], atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_object_shows_on_a_plain_ground(kind: str) -> None:
    colour = "blue" if kind != "whale" else "red"
    empty = _picture(Scene("plain", background="yellow"), 1)
    drawn = _picture(Scene("plain", background="yellow", groups=(Group(kind, colour),)), 1)
    assert ((drawn - empty).abs().amax(1) > 0.1).float().mean() > 0.02


@pytest.mark.parametrize("shape", [(16, 9), (9, 16), (21, 9), (12, 18)])
def test_every_shape_is_drawn_whole(shape: tuple[int, int]) -> None:
    width, height = shape
    scene = Scene("sea", groups=(Group("sailboat", "red", 3),))
    picture = _picture(scene, 2, 4, width, height)
    assert picture.shape == (1, 3, height * 4, width * 4)
    assert float(picture.min()) >= 0
    assert float(picture.max()) <= 1


def test_every_setting_and_colour_has_its_words_and_paint() -> None:
    assert set(ALL_SETTINGS) == set(SETTINGS)
    assert set(NAMED) == set(COLOURS)
    assert set(NATURAL_SETTINGS) == set(NATURAL_COLOURS) == set(KINDS)
    assert set(KINDS) <= set(draw.ALL_KINDS)


@pytest.mark.parametrize("seed", range(12))
def test_small_things_keep_room_around_each(seed: int) -> None:
    rng = Random(seed)
    strewn = [thing for thing in lay_out(sample(rng), rng, 21, 9).things if thing.kind in scenery.SMALL]
    for one, other in combinations(strewn, 2):
        assert hypot(one.x - other.x, one.y - other.y) >= 2.29


@pytest.mark.parametrize("setting", ["city", "forest", "snow", "hills"])
def test_what_stands_in_a_row_does_not_overlap(setting: str) -> None:
    row = [
        (thing.x - half * thing.size, thing.x + half * thing.size)
        for thing in lay_out(Scene(setting), Random(7), 21, 9).things
        if (half := {"tower": 0.4, "block": 0.74, "pine": 0.56}.get(thing.kind))
    ]
    assert row == sorted(row)
    assert len(row) >= 2
    assert all(right <= left for (_, right), (left, _) in pairwise(row))


def test_clouds_touch_no_other() -> None:
    plain = lay_out(Scene("plain", background="blue"), Random(1), 21, 9)
    empty = draw.pictures([plain], 6)
    for seed in range(20):
        layout = lay_out(Scene("sea", weather="cloudy"), Random(seed), 21, 9)
        alone = [replace(plain, things=[thing]) for thing in layout.things if thing.kind == "cloud"]
        for one, other in combinations(alone, 2):
            first, second = draw.pictures([one, other], 6)
            assert not ((first != empty[0]).any(0) & (second != empty[0]).any(0)).any()
