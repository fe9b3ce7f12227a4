"""Redrawing a part: outside of the mask the latents are the picture's own and no pixel changes; inside it is drawn."""

import pytest
import torch
from PIL import Image, ImageDraw

from generation.engine.families import Batch, Family, load
from generation.engine.families.inpainting import Surroundings, latent_mask
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size
from tests.examples import few_of


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


@pytest.mark.few(1)
@pytest.mark.parametrize("strength", few_of([0.5, 1.0], [0.5]))
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


def test_a_cell_that_the_mask_only_touches_is_redrawn() -> None:
    mask = _mask(Size(64, 64), (17, 0, 17, 0))
    cells = latent_mask(mask, 4, 4)
    assert (cells > 0).sum() == 1
    assert cells[0, 1] == 1


class _Schedule:
    """Ten steps; noise is added as a plain sum."""

    timesteps = torch.arange(10, 0, -1)

    def add_noise(self, picture: torch.Tensor, noise: torch.Tensor, _times: torch.Tensor) -> torch.Tensor:
        return picture + noise


@pytest.mark.parametrize(("level", "joins_after"), [(1.0, 0), (0.5, 5), (0.3, 7), (0.0, None)])
def test_a_cell_of_a_lower_level_joins_later(level: float, joins_after: int | None) -> None:
    schedule = _Schedule()
    kept = Surroundings(schedule, torch.full((2, 2), level))
    schedule.add_noise(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2), schedule.timesteps[:1])
    drawn = torch.full((1, 1, 2, 2), 9.0)
    free = [bool((kept.put_back(drawn, time) == 9).all()) for time in schedule.timesteps]
    first = free.index(True) + 1 if True in free else None
    assert first == (None if joins_after is None else max(1, joins_after))
    assert joins_after is None or all(free[first - 1 :])  # type: ignore[operator]
