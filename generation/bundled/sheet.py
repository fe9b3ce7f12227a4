"""The sample sheet: fixed prompts, the first seed, nothing picked.

`python -m generation.bundled.sheet FOLDER OUT.png`
"""

import argparse
import copy
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Final

import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from PIL import Image, ImageDraw

from generation.engine.families.folding import fold_pointwise
from generation.engine.pixels.pointwise import PointDecoder, point_decoder

from .assemble import GUIDANCE, STEPS, WEIGHTS
from .composition import composed
from .projection import project

PROMPTS: Final = (
    "a red sailboat on a calm sea at sunset",
    "a snowy mountain under a full moon",
    "a yellow house on a hill",
    "three blue balloons in the sky over a meadow",
    "a red house in the snow",
    "a purple fish underwater",
    "two red mushrooms in the forest",
    "a black cat on a white background",
    "a white rocket in space",
    "a green cactus in the desert",
    "an orange hot air balloon in the mountains at sunrise",
    "an orange cat on the beach",
    "a lighthouse by the sea at night",
    "a pink flower in a garden",
    "a tree with a rainbow",
    "a brown dog in the park",
    "two penguins in the snow under the stars",
    "a blue car in the city at night",
    "a castle on green hills",
    "a windmill in a field of flowers with clouds",
    "three yellow flowers on a hill",
    "a palm tree on the beach",
    "a red tent and a green tree in the woods",
    "a white rabbit next to a snowman in winter",
)


# An autoencoder and latents [N, C, h, w] → pictures [N, 3, H, W] in 0..1.
Finish = Callable[[AutoencoderTiny, torch.Tensor], torch.Tensor]


def painted(vae: AutoencoderTiny, drawn: torch.Tensor) -> torch.Tensor:
    """Pictures as the engine makes them: projected, and painted as far as they fit a drawing."""
    decoder = decoder_of(vae)
    return torch.stack([_pixels(decoder, project(fields).fields) for fields in drawn])


def projected(vae: AutoencoderTiny, drawn: torch.Tensor) -> torch.Tensor:
    """Projected pictures as the decoder draws them."""
    return as_drawn(vae, torch.stack([project(fields).fields for fields in drawn]))


def as_drawn(vae: AutoencoderTiny, drawn: torch.Tensor) -> torch.Tensor:
    """Latents left as they are, as the stock pipeline does."""
    with torch.no_grad():
        pictures: torch.Tensor = (vae.decode(drawn).sample / 2 + 0.5).clamp(0, 1)
    return pictures


def decoder_of(vae: AutoencoderTiny) -> PointDecoder:
    """The decoder as a function of points; ValueError where it isn't one. The input stays."""
    folded = copy.deepcopy(vae)
    fold_pointwise(folded)
    decoder = point_decoder(folded)
    if decoder is None:
        raise ValueError("its decoder can't be asked for points")
    return decoder


def _pixels(decoder: PointDecoder, fields: torch.Tensor) -> torch.Tensor:
    """[3, H, W], at the decoder's own size."""
    picture = composed(fields, painted=True)
    canvases = [decoder.canvas(part) for part in picture.parts]
    height, width = canvases[0].height, canvases[0].width
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    colours = picture.colours([canvas.colours for canvas in canvases], width / fields.shape[2])
    return colours(x.flatten(), y.flatten()).view(height, width, 3).permute(2, 0, 1)


def draw_prompts(pipe: StableDiffusionPipeline, prompts: list[str], width: int = 256, height: int = 256, seed: int = 0,
                 batch: int = 8, steps: int = STEPS, guidance: float = GUIDANCE,
                 finish: Finish = painted) -> torch.Tensor:  # fmt: skip
    """[N, 3, height, width] in 0..1; picture i has its own generator, seeded seed + i."""
    drawn = draw_latents(pipe, prompts, width, height, seed, batch, steps, guidance)
    return torch.cat([finish(pipe.vae, some) for some in drawn.split(batch)]).float().cpu()


def draw_latents(pipe: StableDiffusionPipeline, prompts: list[str], width: int = 256, height: int = 256, seed: int = 0,
                 batch: int = 8, steps: int = STEPS, guidance: float = GUIDANCE) -> torch.Tensor:  # fmt: skip
    """[N, C, h, w]; picture i has its own generator, seeded seed + i."""
    parts = []
    for start in range(0, len(prompts), batch):
        some = prompts[start : start + batch]
        generators = [torch.Generator().manual_seed(seed + start + i) for i in range(len(some))]
        parts.append(
            pipe(
                some, width=width, height=height, num_inference_steps=steps, guidance_scale=guidance,
                generator=generators, output_type="latent",
            ).images
        )  # fmt: skip
    return torch.cat(parts)


def sheet(pictures: torch.Tensor, titles: list[str], columns: int = 6) -> Image.Image:
    """A labelled grid."""
    height, width = pictures.shape[2:]
    rows = -(-len(titles) // columns)
    page = Image.new("RGB", (columns * (width + 8) + 8, rows * (height + 40) + 8), "white")
    pen = ImageDraw.Draw(page)
    for index, (picture, title) in enumerate(zip(pictures, titles, strict=True)):
        x, y = 8 + index % columns * (width + 8), 8 + index // columns * (height + 40)
        page.paste(Image.fromarray((picture.permute(1, 2, 0) * 255).round().byte().numpy()), (x, y))
        pen.text((x, y + height + 3), "\n".join(textwrap.wrap(title, width // 6)), fill="black")
    return page


def main() -> None:
    arguments = argparse.ArgumentParser(description="Draws the sample sheet of a model folder.")
    arguments.add_argument("folder", type=Path, nargs="?", default=WEIGHTS / "text-to-image")
    arguments.add_argument("out", type=Path, nargs="?", default=Path("docs/bundled-model/sheet.png"))
    chosen = arguments.parse_args()
    pipe = StableDiffusionPipeline.from_pretrained(chosen.folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    sheet(draw_prompts(pipe, list(PROMPTS)), list(PROMPTS)).save(chosen.out, optimize=True)


if __name__ == "__main__":
    main()
