"""Sana: pictures from words, up to 4K at once. Its published weights are not for commercial use."""

from collections.abc import Callable
from typing import Any, Final

import torch
from diffusers import SanaPipeline
from PIL import Image

from generation.engine.families import Batch, Step, running
from generation.engine.families.framing import Frame, pixels, shrunk
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_MADE_FOR: Final = frozenset({"SanaPipeline"})
_MULTIPLE: Final = 32  # the pipeline refuses other sizes


def load(entry: Entry) -> "Sana":
    options = running.options(entry, clean_caption=False)
    pipeline, revision = running.loaded(entry, SanaPipeline, _MADE_FOR)
    return Sana(pipeline, entry, revision, options)


class Sana:
    max_references = 0

    def __init__(self, pipeline: Any, entry: Entry, revision: str, options: dict[str, Any]) -> None:
        self.capabilities = running.able(entry, {"text_to_image"})
        self.revision = revision
        self._name, self._options = entry.id, options
        self.pipeline = self._pipeline = pipeline
        self._factor = int(pipeline.vae_scale_factor)

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        running.refuse_unable(self, batch, self._name)
        frame = self._frame(batch.size)
        running.fresh_scheduler(self._pipeline)
        latents: torch.Tensor = running.run(
            self._pipeline,
            self._options
            | {
                "prompt": list(batch.prompts),
                "negative_prompt": list(batch.negative_prompts),
                "num_inference_steps": batch.steps,
                "guidance_scale": batch.guidance,
                "generator": running.generators(batch),
                "width": frame.drawn.width,
                "height": frame.drawn.height,
                "use_resolution_binning": False,  # it would draw another shape and crop it
            },
            on_step,
            lambda one: frame.preview(Image.fromarray(self._decoded(shrunk(one, self._factor)))),
        )
        return latents

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(self._decoded(latents[None]))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    def _frame(self, size: Size) -> Frame:
        return Frame.around(size, _MULTIPLE)

    @torch.no_grad()
    def _decoded(self, latents: torch.Tensor) -> Pixels:
        """[1, channels, h, w] → uint8 [H, W, 3]. The pipeline's own decoding swallows a lack of memory."""
        vae = self._pipeline.vae
        with running.tiling(vae, latents.shape[-1] * latents.shape[-2] * self._factor**2):
            scaled = (latents / vae.config.scaling_factor).to(vae.dtype)
            return pixels(vae.decode(scaled, return_dict=False)[0][0])
