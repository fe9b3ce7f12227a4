"""Z-Image: pictures from words, from a picture, and parts redrawn, in few steps. Turbo weights take no guidance."""

from collections.abc import Callable
from typing import Any

import torch
from diffusers import ZImageImg2ImgPipeline, ZImagePipeline
from PIL import Image

from generation.engine.families import Batch, Step, inpainting, running
from generation.engine.families.framing import Frame, pixels, shrunk, unscaled
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_MADE_FOR = frozenset({"ZImagePipeline", "ZImageImg2ImgPipeline", "ZImageInpaintPipeline"})


def load(entry: Entry) -> "ZImage":
    options = running.options(entry, cfg_normalization=False, cfg_truncation=1.0)
    pipeline, revision = running.loaded(entry, ZImagePipeline, _MADE_FOR)
    return ZImage(pipeline, entry, revision, options)


class ZImage:
    """The pipeline and its image-to-image twin, which shares every module with it."""

    max_references = 0

    def __init__(self, pipeline: Any, entry: Entry, revision: str, options: dict[str, Any]) -> None:
        self.capabilities = running.able(entry, {"text_to_image", "image_to_image", "inpaint"})
        self.revision = revision
        self._name, self._options = entry.id, options
        self.pipeline = self._text = pipeline
        self._image = running.twin(ZImageImg2ImgPipeline, pipeline)

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        running.refuse_unable(self, batch, self._name)
        frame = self._frame(batch.size)
        pipeline = self._text if batch.reference is None else self._image
        scheduler = running.fresh_scheduler(pipeline, batch.noise)
        put_back = None
        if batch.mask is not None:
            height, width = self._cells(frame)
            put_back = inpainting.surroundings(
                scheduler, batch, frame.cells(batch.mask, height, width)
            ).put_back
        latents: torch.Tensor = running.run(
            pipeline,
            self._arguments(batch, frame),
            on_step,
            lambda one: frame.preview(Image.fromarray(self._decoded(shrunk(one, self._factor)))),
            put_back,
        )
        return latents

    def _arguments(self, batch: Batch, frame: Frame) -> dict[str, Any]:
        arguments = self._options | {
            "prompt": list(batch.prompts),  # lists of their own: the pipeline writes its template into them
            "negative_prompt": list(batch.negative_prompts) if batch.guidance > 0 else None,
            "num_inference_steps": batch.steps,
            "guidance_scale": batch.guidance,
            "generator": running.generators(batch),
            "width": frame.drawn.width,
            "height": frame.drawn.height,
        }
        if batch.reference is not None:
            # One copy a picture: each is encoded with its own generator, in a batch as alone.
            pictures = [frame.padded(batch.reference)] * len(batch.prompts)
            arguments |= {"image": pictures, "strength": inpainting.strength(batch)}
        return arguments

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(self._decoded(latents[None]))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    @property
    def _factor(self) -> int:
        return int(self._text.vae_scale_factor)

    def _frame(self, size: Size) -> Frame:
        return Frame.around(size, 2 * self._factor)

    def _cells(self, frame: Frame) -> tuple[int, int]:
        return frame.drawn.height // self._factor, frame.drawn.width // self._factor

    @torch.no_grad()
    def _decoded(self, latents: torch.Tensor) -> Pixels:
        """[1, channels, h, w] → uint8 [H, W, 3]. Outside of the pipeline, so that running out of memory is noticed."""
        vae = self._text.vae
        with running.tiling(vae, latents.shape[-1] * latents.shape[-2] * self._factor**2):
            return pixels(vae.decode(unscaled(latents, vae.config).to(vae.dtype), return_dict=False)[0][0])
