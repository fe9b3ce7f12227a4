"""The ×4 network: size, speed of its tiles' agreement, and what it does to drawn and photo-like pictures."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from generation.bundled import superresolution
from generation.bundled.assemble import WEIGHTS
from generation.bundled.superresolution import SuperResolution
from generation.bundled.training.superresolution import decibels, drawn_pair
from generation.bundled.training.textures import photo_like, shrink

FOLDER = WEIGHTS / "super-resolution"
needs_weights = pytest.mark.skipif(not FOLDER.exists(), reason="super-resolution is not trained yet")


def test_untrained_it_is_lanczos() -> None:
    pixels = (100 + torch.rand(20, 31, 3) * 50).byte().numpy()  # Pillow clips between its two passes
    wanted = np.asarray(Image.fromarray(pixels).resize((124, 80), Image.Resampling.LANCZOS), float)
    with torch.no_grad():
        ours = SuperResolution()(torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255)
    ours = ours[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(ours - wanted)[16:-16, 16:-16].max() < 2


def test_saved_and_loaded_it_is_the_same(tmp_path: Path) -> None:
    module = SuperResolution(16, 2)
    torch.nn.init.normal_(module.tail.weight, std=0.05)
    superresolution.save(module, tmp_path)
    again = superresolution.load(tmp_path, "cpu")
    picture = torch.rand(1, 3, 16, 16)
    assert torch.allclose(again(picture), module(picture), atol=5e-3)


@needs_weights
def test_tiles_agree_with_the_whole_picture() -> None:
    module = superresolution.load(FOLDER, "cpu")
    picture, edge = torch.rand(1, 3, 40, 90), module.receptive_field
    whole = module(picture)
    left = module(picture[..., : 45 + edge])[..., : 45 * 4]
    right = module(picture[..., 45 - edge :])[..., edge * 4 :]
    assert torch.allclose(torch.cat([left, right], 3), whole, atol=1e-4)


@needs_weights
def test_the_weights_are_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 2_000_000


@needs_weights
def test_it_beats_lanczos_on_drawn_scenes_and_does_no_harm_to_photo_like_ones() -> None:
    module = superresolution.load(FOLDER, "cpu")
    small, large = drawn_pair("test", 1, 0, 4)
    assert decibels(module(small), large) > decibels(module.lanczos(small).clamp(0, 1), large) + 2
    torch.manual_seed(1)
    large = photo_like(4, 256)
    small = shrink(large, 1)
    assert decibels(module(small), large) > decibels(module.lanczos(small).clamp(0, 1), large) - 0.2
