"""The pictures of the model card beside the sample sheet: `python -m generation.bundled.plates`.

`drawings.png` shows training pictures; `decoder.png` unseen drawings, each above what the decoder makes of its exact
fields; `crops-4k.png` a part of a scene of 3840×2160 at 100 %: by Lanczos, by the network, drawn at that size.
"""

import argparse
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from diffusers import AutoencoderTiny
from PIL import Image
from torch import Tensor

from generation.engine.pixels import scalers, upscale
from generation.requests.sizes import Size

from . import draw, latents, superresolution
from .assemble import WEIGHTS
from .layout import lay_out
from .scenes import Group, Scene
from .training.data import HELD_OUT, TRAINING, batch

_PIXELS: Final = 16  # a cell, at the base size
_LARGE: Final = 240  # a cell, for 16 of them across 3840
_CROP: Final = 480


def drawings() -> Image.Image:
    """Eight by five training pictures."""
    _, layouts, _ = batch(TRAINING, 0, 0, 40, (16, 16))
    return _grid(draw.pictures(layouts, 10), 8)


@torch.no_grad()
def decoder(weights: Path) -> Image.Image:
    """Ten unseen drawings in two rows, each above what the decoder makes of it."""
    vae = AutoencoderTiny.from_pretrained(weights / "text-to-image" / "vae").eval()
    _, layouts, _ = batch(HELD_OUT, 0, 0, 10, (16, 16))
    drawn = draw.pictures(layouts, _PIXELS)
    made = ((vae.decode(latents.fields(layouts)).sample + 1) / 2).clamp(0, 1)
    return _grid(torch.cat((drawn[:5], made[:5], drawn[5:], made[5:])), 5)


def crops(weights: Path) -> Image.Image:
    """A window of a house, three times."""
    layout = lay_out(Scene("hills", weather="clear", groups=(Group("house", "red"),)), Random(4), 16, 9)
    house = next(thing for thing in layout.things if thing.kind == "house")
    small = _levels(draw.pictures([layout], _PIXELS)[0])
    size = Size(16 * _LARGE, 9 * _LARGE)
    network = scalers.Network(superresolution.load(weights / "super-resolution", "cpu"), "bundled-sr")
    larger = [
        np.asarray(Image.fromarray(small).resize((size.width, size.height), Image.Resampling.LANCZOS)),
        np.concatenate(list(upscale.upscaled(small, size, network))),
        _levels(draw.pictures([layout], _LARGE)[0]),
    ]
    left = int((house.x - 0.45 * house.size) * _LARGE) - _CROP // 2
    top = int((house.y + 0.36 * house.size) * _LARGE) - _CROP // 2
    page = Image.new("RGB", (3 * _CROP + 16, _CROP), "white")
    for place, picture in enumerate(larger):
        crop = picture[top : top + _CROP, left : left + _CROP]
        page.paste(Image.fromarray(crop), (place * (_CROP + 8), 0))
    return page


def _grid(pictures: Tensor, columns: int) -> Image.Image:
    height, width = pictures.shape[2:]
    page = Image.new("RGB", (columns * width, len(pictures) // columns * height))
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        page.paste(Image.fromarray(_levels(picture)), (column * width, row * height))
    return page


def _levels(picture: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """[3, h, w] in 0..1 → [h, w, 3] of bytes."""
    return (picture * 255).round().byte().permute(1, 2, 0).contiguous().numpy()


def main() -> None:
    arguments = argparse.ArgumentParser(description="Draws the model card's pictures of its parts.")
    arguments.add_argument("weights", type=Path, nargs="?", default=WEIGHTS)
    arguments.add_argument("out", type=Path, nargs="?", default=Path("docs/bundled-model"))
    chosen = arguments.parse_args()
    for name, page in (
        ("drawings", drawings()),
        ("decoder", decoder(chosen.weights)),
        ("crops-4k", crops(chosen.weights)),
    ):
        page.save(chosen.out / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
