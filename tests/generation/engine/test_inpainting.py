"""Redrawing a part: outside of the mask the latents are the picture's own and no pixel changes; inside it is drawn."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from generation import catalogue
from generation.catalogue import Entry
from generation.engine.families import Batch, Family, load
from generation.engine.inpainting import laid_over, latent_mask
from generation.sizes import Size


def _mask(size: Size, box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (size.width, size.height), 0)
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    return mask


def _redraw(
    family: Family, picture: Image.Image, mask: Image.Image, prompt: str, strength: float
) -> torch.Tensor:
    batch = Batch(
        prompts=(prompt, prompt), negative_prompts=("", ""), seeds=(3, 4), size=Size(*picture.size), steps=6,
        guidance=3.0, reference=picture, strength=strength, mask=mask,
    )  # fmt: skip
    return family.run(batch, lambda _step: None)


@pytest.fixture(params=["shipped", "tiny"])
def family(request: pytest.FixtureRequest, tiny_entry: Entry) -> Family:
    return load(catalogue.get("bundled") if request.param == "shipped" else tiny_entry)


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_latents_outside_of_the_mask_are_those_of_the_picture(family: Family, strength: float) -> None:
    size = Size(128, 96)
    picture = Image.effect_noise((128, 96), 60).convert("RGB")
    made = _redraw(family, picture, _mask(size, (64, 0, 127, 95)), "a red house", strength)
    unmasked = _redraw(family, picture, _mask(size, (0, 0, 127, 95)), "a red house", strength)
    nothing = _redraw(family, picture, Image.new("L", picture.size, 0), "a red house", strength)
    half = made.shape[-1] // 2
    assert torch.equal(made[..., :half], nothing[..., :half])
    assert not torch.equal(unmasked[..., :half], nothing[..., :half])
    assert not torch.equal(made[..., half:], nothing[..., half:])


@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from([0.0, 1.0, 6.0]),
)
def test_outside_of_the_mask_no_pixel_changes(
    seed: int, left: int, top: int, side: int, feather: float
) -> None:
    rng = np.random.default_rng(seed)
    original, drawn = (rng.integers(0, 256, (40, 48, 3), dtype=np.uint8) for _ in range(2))
    mask = _mask(Size(48, 40), (left, top, left + side, top + side))
    out = laid_over(original, drawn, mask, feather)
    outside = np.asarray(mask) == 0
    assert np.array_equal(out[outside], original[outside])
    if feather == 0:
        assert np.array_equal(out[~outside], drawn[~outside])


def test_the_feather_lies_inside_the_mask_and_its_middle_is_all_drawing() -> None:
    original, drawn = np.zeros((60, 60, 3), np.uint8), np.full((60, 60, 3), 200, np.uint8)
    out = laid_over(original, drawn, _mask(Size(60, 60), (10, 10, 49, 49)), feather=8)
    assert out[30, 30, 0] == 200
    assert 0 < out[30, 13, 0] < 200
    assert out[30, 9, 0] == 0


@pytest.mark.parametrize("wrong", [lambda a, b, m: (a[:5], b, m), lambda a, b, m: (a, b, m.resize((3, 3)))])
def test_sizes_that_differ_are_refused(wrong: Callable[..., tuple[object, ...]]) -> None:
    a = np.zeros((10, 10, 3), np.uint8)
    with pytest.raises(ValueError, match="one size"):
        laid_over(*wrong(a, a, Image.new("L", (10, 10))))  # type: ignore[arg-type]


def test_a_cell_that_the_mask_only_touches_is_redrawn() -> None:
    mask = _mask(Size(64, 64), (17, 0, 17, 0))
    cells = latent_mask(mask, 4, 4)
    assert cells.sum() == 1
    assert cells[0, 1] == 1
