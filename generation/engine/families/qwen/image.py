"""Qwen-Image: pictures from words, from a picture, and parts redrawn; it writes words into pictures."""

import re
from collections.abc import Callable
from typing import Any, Final

import torch
from diffusers import QwenImageImg2ImgPipeline, QwenImagePipeline
from PIL import Image

from generation.engine.families import Batch, Step, inpainting, running
from generation.engine.families.framing import Frame, pixels, shrunk
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_MADE_FOR: Final = frozenset({"QwenImagePipeline", "QwenImageImg2ImgPipeline", "QwenImageInpaintPipeline"})
# The tokenizer's own marks, such as the place of a picture. In a prompt they are removed.
_MARK: Final = re.compile(r"<\|\w+\|>")
# Without any negative prompt the pipelines leave guidance out; a blank stands for none.
_NOTHING: Final = " "


def load(entry: Entry) -> "QwenImage":
    running.options(entry)
    pipeline, revision = running.loaded(entry, QwenImagePipeline, _MADE_FOR)
    return QwenImage(pipeline, entry, revision)


class QwenImage:
    """The pipeline and its image-to-image twin, which shares every module with it."""

    max_references = 0

    def __init__(self, pipeline: Any, entry: Entry, revision: str) -> None:
        self.capabilities = running.able(entry, {"text_to_image", "image_to_image", "inpaint"})
        self.revision = revision
        self._name = entry.id
        self.pipeline = self._text = pipeline
        self._image = running.twin(QwenImageImg2ImgPipeline, pipeline)
        self._factor = int(pipeline.vae_scale_factor)

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        running.refuse_unable(self, batch, self._name)
        frame = self._frame(batch.size)
        pipeline = self._text if batch.reference is None else self._image
        scheduler = running.fresh_scheduler(pipeline, batch.noise)
        height, width = frame.drawn.height // self._factor, frame.drawn.width // self._factor
        put_back = None
        if batch.mask is not None:
            kept = inpainting.surroundings(scheduler, batch, frame.cells(batch.mask, height, width))

            def put_back(latents: torch.Tensor, time: Any) -> torch.Tensor:
                # The pipeline noises them with frames, before the channels.
                grid = kept.put_back(unpacked(latents, height, width)[:, None], time)
                return packed(grid[:, 0])

        latents = running.run(
            pipeline,
            self._arguments(batch, frame),
            on_step,
            lambda one: frame.preview(
                Image.fromarray(
                    decoded(self._text.vae, shrunk(unpacked(one, height, width), self._factor), self._factor)
                )
            ),
            put_back,
        )
        return unpacked(latents, height, width)

    def _arguments(self, batch: Batch, frame: Frame) -> dict[str, Any]:
        arguments = guided(batch) | {"width": frame.drawn.width, "height": frame.drawn.height}
        if batch.reference is not None:
            # One copy a picture: each is encoded with its own generator, in a batch as alone.
            pictures = [frame.padded(batch.reference)] * len(batch.prompts)
            arguments |= {"image": pictures, "strength": inpainting.strength(batch)}
        return arguments

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(decoded(self._text.vae, latents[None], self._factor))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    def _frame(self, size: Size) -> Frame:
        return Frame.around(size, 2 * self._factor)


def guided(batch: Batch) -> dict[str, Any]:
    """The arguments of every Qwen-Image pipeline for words, steps, guidance and seeds."""
    negative = [_plain(words) or _NOTHING for words in batch.negative_prompts]
    return {
        "prompt": [_plain(words) for words in batch.prompts],
        "negative_prompt": negative if batch.guidance > 1 else None,
        "true_cfg_scale": batch.guidance,
        "num_inference_steps": batch.steps,
        "generator": running.generators(batch),
    }


def _plain(words: str) -> str:
    return _MARK.sub(" ", words)


def unpacked(tokens: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """[n, height/2 × width/2, 4 × channels] → latents [n, channels, height, width]."""
    grid = tokens.transpose(1, 2).unflatten(2, (height // 2, width // 2))
    return torch.nn.functional.pixel_shuffle(grid, 2)


def packed(latents: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.pixel_unshuffle(latents, 2).flatten(2).transpose(1, 2)


@torch.no_grad()
def decoded(vae: Any, latents: torch.Tensor, factor: int) -> Pixels:
    """Latents [1, channels, h, w] → uint8 [H, W, 3], or 4 with opacity. The autoencoder is one for video."""
    shape = (1, -1, 1, 1, 1)
    mean = latents.new_tensor(vae.config.latents_mean).view(shape)
    deviation = latents.new_tensor(vae.config.latents_std).view(shape)
    film = latents[:, :, None] * deviation + mean
    with running.tiling(vae, latents.shape[-1] * latents.shape[-2] * factor**2):
        return pixels(vae.decode(film.to(vae.dtype), return_dict=False)[0][0, :, 0])
