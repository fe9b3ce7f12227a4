"""Tiles of a larger picture by every family that draws from pictures: one field noises them, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from generation.engine.families import Batch, Family
from generation.engine.families.noise import TileNoise
from generation.requests.sizes import Size
from tests.examples import few_of
from tests.generation.engine.families.batches import a_batch, differences, drawn
from tests.generation.engine.tiny.models import MODELS

TILE = Size(128, 64)
NAMES = few_of(
    [name for name, model in MODELS.items() if "image_to_image" in model.kinds], ["sdxl", "z-image"]
)


def a_tile(seed: int, left: int = 0) -> Batch:
    noise = TileNoise(seed, 512, left, 64, TILE)
    return replace(a_batch("image_to_image", size=TILE), strength=0.6, noise=noise)


@pytest.mark.parametrize("name", NAMES)
def test_a_tile_is_noised_by_the_field_and_not_by_its_pipeline(
    families: Callable[[str], Family], name: str
) -> None:
    family = families(name)
    one, again, other = (drawn(family, a_tile(seed)) for seed in (1, 1, 2))
    assert differences(one, again) == [0.0]
    assert differences(one, other)[0] > 0.5
    assert differences(one, drawn(family, a_tile(1, left=64)))[0] > 0.5
    # All that is left of the seed is what the encoder draws, if it draws at all.
    reseeded = differences(one, drawn(family, replace(a_tile(1), seeds=(99,))))[0]
    assert reseeded < differences(one, other)[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_run_with_a_field_leaves_no_trace_in_the_next(families: Callable[[str], Family], name: str) -> None:
    family, plain = families(name), a_batch("image_to_image", size=TILE)
    before = family.run(plain, lambda _step: None)
    family.run(a_tile(1), lambda _step: None)
    assert torch.equal(before, family.run(plain, lambda _step: None))
