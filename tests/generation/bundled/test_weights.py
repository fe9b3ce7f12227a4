"""The shipped folder: a stock pipeline, small files, every shape, the same seed the same bytes, any prompt."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForText2Image
from PIL import Image

from generation.bundled.assemble import WEIGHTS
from generation.bundled.superresolution import SCALE

FOLDER = WEIGHTS / "text-to-image"


@pytest.fixture(scope="module")
def pipe() -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # diffusers and transformers speak of their own future
        pipe = AutoPipelineForText2Image.from_pretrained(FOLDER, torch_dtype=torch.float32)
        pipe.set_progress_bar_config(disable=True)
        yield pipe


def _draw(pipe: Any, prompt: str, width: int = 96, height: int = 96, **options: Any) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = pipe(prompt, width=width, height=height, num_inference_steps=3, guidance_scale=4.0,
                    generator=torch.Generator().manual_seed(1), **options)  # fmt: skip
    picture: Image.Image = made.images[0]
    return picture


def test_the_same_seed_gives_the_same_bytes(pipe: Any) -> None:
    assert _draw(pipe, "a red house").tobytes() == _draw(pipe, "a red house").tobytes()


def test_every_recommended_size_is_drawn_exactly(pipe: Any) -> None:
    advice = json.loads((WEIGHTS / "recommended.json").read_text())
    assert advice["sizes"].keys() == {"1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "21:9"}
    for width, height in advice["sizes"].values():
        assert width % pipe.vae_scale_factor == height % pipe.vae_scale_factor == 0
    width, height = advice["sizes"]["16:9"]
    assert (3840 % width, 2160 % height) == (0, 0)
    assert _draw(pipe, "a sea", width, height).size == (width, height)
    assert SCALE * width <= 3840


def test_the_same_folder_changes_pictures(pipe: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = AutoPipelineForImage2Image.from_pipe(pipe)
        other.set_progress_bar_config(disable=True)
        made = other(
            "a red house", image=Image.new("RGB", (96, 96), "skyblue"), strength=0.6, num_inference_steps=5
        )
    assert made.images[0].size == (96, 96)


@pytest.mark.parametrize("prompt", ["", "🐱🎉", "blorp zzz", "ein Schloss am Meer", "a cat " * 1700])
def test_any_prompt_is_a_picture(pipe: Any, prompt: str) -> None:
    assert _draw(pipe, prompt).size == (96, 96)


def test_files_are_small() -> None:
    files = [file for file in FOLDER.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) <= 25_000_000
    assert max(file.stat().st_size for file in files) < 16_000_000
