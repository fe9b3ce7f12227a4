"""A decoder of points: at the stock decoder's pixels it gives its picture, and previews are drawn from few points."""

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny

from generation.engine import families
from generation.engine.families import Batch, Family
from generation.engine.families.folding import fold_pointwise
from generation.engine.pixels.pointwise import point_decoder
from generation.requests import catalogue
from generation.requests.sizes import SHAPES, Size
from tests.examples import few_of


@pytest.fixture(scope="module")
def shipped() -> Family:
    return families.load(catalogue.get("bundled"))


@pytest.fixture(scope="module")
def autoencoder() -> AutoencoderTiny:
    """The shipped one, as the stock pipeline loads it."""
    folder = catalogue.get("bundled").folder
    assert folder
    return AutoencoderTiny.from_pretrained(folder / "vae").eval()


@pytest.mark.few(1)
@pytest.mark.parametrize("shape", few_of(SHAPES, ["16:9", "9:16"]))
def test_at_the_stock_decoders_pixels_the_colours_are_its_own(
    shipped: Family, autoencoder: AutoencoderTiny, shape: str
) -> None:
    size = catalogue.get("bundled").base_size(shape)
    torch.manual_seed(0)
    latents = torch.randn(44, size.height // 16, size.width // 16)
    with torch.no_grad():
        stock = autoencoder.decode(latents[None]).sample[0].permute(1, 2, 0) / 2 + 0.5
    canvas = shipped.canvas(latents, size)
    assert canvas
    row, column = torch.meshgrid(torch.arange(size.height), torch.arange(size.width), indexing="ij")
    colours = canvas.colours(column.flatten() + 0.5, row.flatten() + 0.5)
    assert (colours.view(size.height, size.width, 3) - stock.clamp(0, 1)).abs().max() < 1e-4


def test_outside_the_picture_is_the_colour_of_its_edge(shipped: Family) -> None:
    canvas = shipped.canvas(torch.randn(44, 9, 16), Size(256, 144))
    assert canvas
    inside = canvas.colours(torch.tensor([0.5, 255.5]), torch.tensor([70.0, 70.0]))
    outside = canvas.colours(torch.tensor([-9.0, 300.0]), torch.tensor([70.0, 70.0]))
    assert torch.equal(inside, outside)


def test_a_decoder_that_looks_at_neighbours_is_none() -> None:
    vae = AutoencoderTiny(latent_channels=4, decoder_block_out_channels=(8, 8), encoder_block_out_channels=(8, 8),
                          num_encoder_blocks=(1, 1), num_decoder_blocks=(1, 1), upsample_fn="bilinear")  # fmt: skip
    fold_pointwise(vae)
    assert point_decoder(vae) is None
    assert point_decoder(torch.nn.Identity()) is None


def test_a_preview_computes_a_sixteenth_of_the_picture_and_shows_it(shipped: Family) -> None:
    size = Size(256, 144)
    batch = Batch(
        prompts=("a red house in the snow",),
        negative_prompts=("",),
        seeds=(1,),
        size=size,
        steps=8,
        guidance=1.5,
    )
    seen: list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]] = []
    computed: list[int] = []
    decoder = shipped._points  # type: ignore[attr-defined]
    paint = decoder.paint

    def counted(points: torch.Tensor) -> torch.Tensor:
        computed.append(len(points))
        return paint(points)  # type: ignore[no-any-return]

    decoder.paint = counted
    try:
        latents = shipped.run(
            batch, lambda step: seen.append(np.asarray(step.preview(0))) if step.step == step.of else None
        )[0]
    finally:
        del decoder.paint
    assert sum(computed) * 16 <= size.pixels
    assert seen[0].shape == (144, 256, 3)
    whole = shipped.decode(latents, size).astype(int)
    assert np.abs(seen[0] - whole).mean() < 8
