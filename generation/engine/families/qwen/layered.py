"""Qwen-Image-Layered: takes a picture apart into layers with opacity, from the back to the front."""

import contextlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from diffusers import QwenImageLayeredPipeline
from diffusers.pipelines.qwenimage import pipeline_qwenimage_layered
from PIL import Image

from generation.engine.contract import ModelUnavailable
from generation.engine.families import Batch, Step, running
from generation.engine.families.framing import PREVIEW_SIDE, shrunk, within
from generation.engine.families.qwen.image import decoded, guided, unpacked
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_MADE_FOR: Final = frozenset({"QwenImageLayeredPipeline"})
_RESOLUTIONS: Final = (640, 1024)  # a side of the square whose area is drawn; the pipeline knows no other


def load(entry: Entry) -> "QwenImageLayered":
    options = running.options(entry, resolution=640, cfg_normalize=True)
    if options["resolution"] not in _RESOLUTIONS:
        raise ModelUnavailable(f"{entry.id}: the option resolution is one of {_RESOLUTIONS}")
    # Its processor only describes pictures that come without words; here words are part of every request.
    pipeline, revision = running.loaded(entry, QwenImageLayeredPipeline, _MADE_FOR, processor=None)
    return QwenImageLayered(pipeline, entry, revision, options)


class QwenImageLayered:
    max_references = 0

    def __init__(self, pipeline: Any, entry: Entry, revision: str, options: dict[str, Any]) -> None:
        self.capabilities = running.able(entry, {"layers"})
        self.revision = revision
        self._name, self._options = entry.id, options
        self.pipeline = self._pipeline = pipeline
        self._factor = int(pipeline.vae_scale_factor)

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        """[pictures × layers, channels, h, w]. The shape is the reference's, the area that of `resolution`."""
        running.refuse_unable(self, batch, self._name)
        if batch.reference is None:
            raise ModelUnavailable(f"{self._name}: layers are made of a picture, and there is none")
        height, width = self._cells(batch.size)
        running.fresh_scheduler(self._pipeline)
        # Stretched, not cropped: every part of the picture is to be in some layer.
        picture = batch.reference.convert("RGBA").resize((batch.size.width, batch.size.height))
        arguments = {"image": picture, "layers": batch.layers}
        shown = [0]

        def report(step: Step) -> None:
            def preview(place: int) -> Image.Image:
                shown[0] = place % batch.layers
                return step.preview(place // batch.layers)

            on_step(Step(step.step, step.of, preview))

        tokens = _drawn(
            self._pipeline,
            guided(batch) | self._options | arguments,
            report,
            lambda one: self._preview(_apart(one, batch.layers, height, width)[0, 1 + shown[0]], batch.size),
        )
        layers = _apart(tokens, batch.layers, height, width)
        return layers[:, 1:].flatten(0, 1)

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        """One layer → uint8 [size.height, size.width, 4]."""
        layer = Image.fromarray(decoded(self._pipeline.vae, latents[None], self._factor))
        # With its colours weighed by opacity: invisible colours must not bleed into the rim.
        weighed = layer.convert("RGBa").resize((size.width, size.height), Image.Resampling.LANCZOS)
        return np.asarray(weighed.convert("RGBA"))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    def _cells(self, size: Size) -> tuple[int, int]:
        """Height and width in latents of what the pipeline draws of a picture of that shape."""
        area, ratio = self._options["resolution"] ** 2, size.width / size.height
        width, height = pipeline_qwenimage_layered.calculate_dimensions(area, ratio)
        return height // self._factor, width // self._factor

    def _preview(self, layer: torch.Tensor, size: Size) -> Image.Image:
        """One layer [channels, h, w] on white."""
        small = Image.fromarray(decoded(self._pipeline.vae, shrunk(layer[None], self._factor), self._factor))
        shown = Image.new("RGBA", small.size, "white")
        shown.alpha_composite(small)
        return shown.convert("RGB").resize(within(size, PREVIEW_SIDE), Image.Resampling.BICUBIC)


class _Drawn(Exception):
    """Raised after the last step."""


def _drawn(
    pipeline: Any,
    arguments: dict[str, Any],
    on_step: Callable[[Step], None],
    preview: Callable[[torch.Tensor], Image.Image],
) -> torch.Tensor:
    """The latents after the last step. Asked for latents, this pipeline fails at its end; so it's left before that."""
    latest: list[torch.Tensor] = []

    def kept(latents: torch.Tensor, _time: Any) -> torch.Tensor:
        latest[:] = [latents]
        return latents

    def report(step: Step) -> None:
        on_step(step)
        if step.step == step.of:
            raise _Drawn

    with contextlib.suppress(_Drawn):
        running.run(pipeline, arguments, report, preview, kept)
    return latest[0]


def _apart(tokens: torch.Tensor, layers: int, height: int, width: int) -> torch.Tensor:
    """[n, (1 + layers) × h/2 × w/2, 4 × channels] → [n, 1 + layers, channels, h, w]: the whole picture, then layers."""
    frames = tokens.unflatten(1, (1 + layers, -1))
    apart: torch.Tensor = unpacked(frames.flatten(0, 1), height, width).unflatten(0, (-1, 1 + layers))
    return apart
