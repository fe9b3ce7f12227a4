"""The family of Stable-Diffusion-type pipelines: the shipped model, tiny SD and tiny SDXL, sizes that do not divide."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from generation.engine.families import Batch, Family, load
from generation.engine.families.framing import Frame
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.sizes import SHAPES, Size
from tests.examples import few_of
from tests.generation.engine.orders import an_entry


def a_batch(prompt: str, size: Size, *, seed: int = 7, steps: int = 8, guidance: float = 4.0) -> Batch:
    return Batch(
        prompts=(prompt,), negative_prompts=("",), seeds=(seed,), size=size, steps=steps, guidance=guidance
    )


def drawn(family: Family, batch: Batch) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return family.decode(family.run(batch, lambda _step: None)[0], batch.size)


@pytest.fixture(scope="module")
def shipped() -> Family:
    return load(catalogue.get("bundled"))


@pytest.mark.long
def test_two_prompts_with_one_seed_give_clearly_different_pictures(shipped: Family) -> None:
    size = catalogue.get("bundled").base_size("1:1")
    night = drawn(shipped, a_batch("a lighthouse on the sea at night, stars", size, steps=12)).astype(int)
    desert = drawn(shipped, a_batch("a green cactus in the desert by day", size, steps=12)).astype(int)
    assert np.abs(night - desert).mean() > 40
    assert night.mean() + 20 < desert.mean()  # night is darker than day


@pytest.mark.long
def test_the_shipped_model_draws_no_noise(shipped: Family) -> None:
    size = catalogue.get("bundled").base_size("1:1")
    picture = drawn(shipped, a_batch("a red sailboat at sunset", size, steps=12)).astype(float)
    between_neighbours = np.abs(np.diff(picture, axis=1)).mean()
    assert between_neighbours < picture.std() / 3


@pytest.mark.few(1)
@pytest.mark.parametrize("shape", few_of(SHAPES, ["1:1", "21:9"]))
def test_the_shipped_model_draws_every_shape(shipped: Family, shape: str) -> None:
    size = catalogue.get("bundled").base_size(shape)
    assert drawn(shipped, a_batch("a house", size, steps=4)).shape == (size.height, size.width, 3)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    "prompt",
    few_of(["🦄🌈", "пейзаж", "x" * 2000, "a " * 900 + "boat", "<script>", "0"], ["🦄🌈", "x" * 2000]),
)
def test_odd_prompts_give_a_picture_not_an_error(shipped: Family, prompt: str) -> None:
    size = catalogue.get("bundled").base_size("1:1")
    assert drawn(shipped, a_batch(prompt, size, steps=4)).std() > 1


def test_a_tiny_sdxl_loads_and_draws(tiny_xl_folder: Path) -> None:
    entry = an_entry(tiny_xl_folder)
    family = load(entry)
    batch = a_batch("a boat", Size(64, 40), steps=2)
    assert drawn(family, batch).shape == (40, 64, 3)
    reference = replace(batch, reference=Image.new("RGB", (90, 30), "red"), strength=0.5, steps=4)
    assert drawn(family, reference).shape == (40, 64, 3)


def test_sizes_that_the_network_cannot_halve_are_drawn_larger_and_cropped(tiny_entry: Entry) -> None:
    family = load(tiny_entry)
    assert drawn(family, a_batch("a boat", Size(61, 43), steps=2)).shape == (43, 61, 3)


def test_an_exception_out_of_a_step_passes_and_the_next_run_is_the_same(tiny_entry: Entry) -> None:
    family = load(tiny_entry)
    batch = a_batch("a boat", Size(64, 64))
    before = family.run(batch, lambda _step: None)

    def stop(_step: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        family.run(replace(batch, seeds=(8,)), stop)
    assert torch.equal(before, family.run(batch, lambda _step: None))


def test_a_reference_is_cropped_to_the_shape_and_its_edges_are_repeated() -> None:
    picture = Image.new("RGB", (400, 100), "blue")
    picture.paste("red", (0, 0, 400, 50))
    padded = Frame(Size(60, 40), Size(64, 48)).padded(picture)
    assert padded.size == (64, 48)
    assert padded.getpixel((0, 0)) == padded.getpixel((63, 10)) == (255, 0, 0)
    assert padded.getpixel((0, 47)) == padded.getpixel((30, 47)) == (0, 0, 255)
