"""Stable-Diffusion-type pipelines (text encoder, UNet, autoencoder): the bundled model, SD 1.x and 2.x, SDXL."""

import functools
import math
from collections.abc import Callable
from typing import Any, Final

import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForText2Image
from diffusers.utils import logging as diffusers_logging
from PIL import Image, ImageOps
from transformers.utils import logging as transformers_logging

from generation.catalogue import Entry
from generation.engine import device, folding, inpainting, weights
from generation.engine.contract import ModelUnavailable
from generation.engine.encode import Pixels
from generation.engine.families import Batch, Step
from generation.sizes import Size

_PREVIEW_SIDE: Final = 256
_TILED_ABOVE: Final = 1536 * 1536  # pixels; a whole decode of 2048² took 2 GB, a tiled one 0.3

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()
transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()


def load(entry: Entry) -> "StableDiffusion":
    folder = weights.locate(entry)
    try:
        # No safety checker: it is never asked for latents, and moderation is the site's, the same for every model.
        pipeline = AutoPipelineForText2Image.from_pretrained(
            str(folder),
            dtype=device.dtype(),
            variant=entry.variant or None,
            use_safetensors=True,
            local_files_only=True,
            safety_checker=None,
            requires_safety_checker=False,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(f"{entry.id}: {folder} can not be loaded: {error}") from error
    folding.fold_pointwise(pipeline.vae)
    return StableDiffusion(pipeline.to(device.device()), entry, weights.revision(folder, entry))


class StableDiffusion:
    """One loaded pipeline and its image-to-image twin, which shares every module with it."""

    def __init__(self, pipeline: Any, entry: Entry, revision: str) -> None:
        self.capabilities = entry.capabilities & {"text_to_image", "image_to_image"}
        self.revision = revision
        self._text = pipeline
        self._image = AutoPipelineForImage2Image.from_pipe(pipeline)
        self._multiple = _size_multiple(pipeline)
        for twin in (self._text, self._image):
            twin.set_progress_bar_config(disable=True)

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        pipeline = self._text if batch.reference is None else self._image
        # A scheduler carries the state of its run. A fresh one each time: no run can leave a trace in the next.
        scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
        pipeline.scheduler = scheduler
        clean = _watch_clean_estimate(scheduler)
        drawn = self._drawn_size(batch.size)
        of = batch.steps if batch.strength is None else int(batch.steps * batch.strength)

        kept = None if batch.mask is None else self._surroundings(scheduler, batch.mask, batch.size)

        def step_ended(_pipe: Any, number: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            if kept is not None:
                tensors["latents"] = kept.put_back(tensors["latents"], time)
            seen = clean[-1] if clean and clean[-1].shape == tensors["latents"].shape else tensors["latents"]
            on_step(Step(number + 1, of, lambda picture: self._preview(seen[picture], batch.size)))
            return tensors

        arguments: dict[str, Any] = {
            "prompt": list(batch.prompts),
            "negative_prompt": list(batch.negative_prompts) if any(batch.negative_prompts) else None,
            "num_inference_steps": batch.steps,
            "guidance_scale": batch.guidance,
            # On the processor, one a picture: the same picture on every device and in every company.
            "generator": [torch.Generator("cpu").manual_seed(seed) for seed in batch.seeds],
            "output_type": "latent",
            "callback_on_step_end": step_ended,
        }
        if batch.reference is None:
            arguments |= {"width": drawn.width, "height": drawn.height}
        else:
            picture = _padded(batch.reference, batch.size, drawn)
            arguments |= {"image": [picture] * len(batch.prompts), "strength": batch.strength}
        try:
            latents: torch.Tensor = pipeline(**arguments).images
        finally:
            pipeline.maybe_free_model_hooks()  # an exception out of the callback skips the pipeline's own call
        return latents

    def _surroundings(self, scheduler: Any, mask: Image.Image, size: Size) -> inpainting.Surroundings:
        drawn, factor = self._drawn_size(size), self._text.vae_scale_factor
        padded = _padded(mask.convert("RGB"), size, drawn)
        cells = inpainting.latent_mask(padded, drawn.height // factor, drawn.width // factor)
        return inpainting.Surroundings(scheduler, cells)

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        drawn = self._drawn_size(size)
        whole = self._decoded(latents[None])
        left, top = (drawn.width - size.width) // 2, (drawn.height - size.height) // 2
        picture: Pixels = whole[top : top + size.height, left : left + size.width]
        return picture

    def _drawn_size(self, size: Size) -> Size:
        """What the network can draw, at least `size`: it halves its picture and can not halve odd ones."""
        m = self._multiple
        return Size(math.ceil(size.width / m) * m, math.ceil(size.height / m) * m)

    @torch.no_grad()
    def _decoded(self, latents: torch.Tensor) -> Pixels:
        """[1, channels, h, w] → uint8 [H, W, 3]. Outside of the pipeline, so that running out of memory is seen."""
        vae, config = self._text.vae, self._text.vae.config
        if vae.dtype == torch.float16 and getattr(config, "force_upcast", False):
            vae.to(torch.float32)  # SDXL's overflows in half precision
        factor = self._text.vae_scale_factor
        tiled = latents.shape[-1] * latents.shape[-2] * factor**2 > _TILED_ABOVE
        if tiled and hasattr(vae, "enable_tiling"):
            vae.enable_tiling()
        decoded = vae.decode(_unscaled(latents, config).to(vae.dtype), return_dict=False)[0]
        if tiled and hasattr(vae, "disable_tiling"):
            vae.disable_tiling()
        levels = (decoded[0].float() / 2 + 0.5).clamp(0, 1).mul(255).round()
        pixels: Pixels = levels.byte().permute(1, 2, 0).contiguous().cpu().numpy()
        return pixels

    def _preview(self, latents: torch.Tensor, size: Size) -> Image.Image:
        """Decoded by the model's own decoder from latents shrunk to about 256 px."""
        factor = self._text.vae_scale_factor
        shrink = max(1, max(latents.shape[-2:]) * factor // (2 * _PREVIEW_SIDE) * 2)
        small = torch.nn.functional.avg_pool2d(latents[None].float(), shrink) if shrink > 1 else latents[None]
        whole = Image.fromarray(self._decoded(small))
        drawn = self._drawn_size(size)
        kept = (whole.width * size.width / drawn.width, whole.height * size.height / drawn.height)
        left, top = (whole.width - kept[0]) / 2, (whole.height - kept[1]) / 2
        scale = _PREVIEW_SIDE / max(kept)
        target = (max(1, round(kept[0] * scale)), max(1, round(kept[1] * scale)))
        return whole.resize(target, Image.Resampling.BICUBIC, box=(left, top, left + kept[0], top + kept[1]))


def _size_multiple(pipeline: Any) -> int:
    """Width and height have to be multiples of this. Blocks of the «Simple» kind can not fill up odd halves."""
    blocks = [*pipeline.unet.config.down_block_types, *pipeline.unet.config.up_block_types]
    halvings = len(pipeline.unet.config.down_block_types) - 1
    factor = int(pipeline.vae_scale_factor)
    if any(block.startswith("Simple") for block in blocks):
        factor *= 2**halvings
    return math.lcm(8, factor)  # the pipelines themselves refuse anything but multiples of 8


def _unscaled(latents: torch.Tensor, config: Any) -> torch.Tensor:
    """Back to the autoencoder's own scale: mean and deviation a channel where it has them, else one factor."""
    mean, deviation = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and deviation is not None:
        shape = (1, -1, 1, 1)
        means, deviations = latents.new_tensor(mean).view(shape), latents.new_tensor(deviation).view(shape)
        unscaled: torch.Tensor = latents * deviations / config.scaling_factor + means
        return unscaled
    shifted: torch.Tensor = latents / config.scaling_factor + (getattr(config, "shift_factor", None) or 0.0)
    return shifted


def _watch_clean_estimate(scheduler: Any) -> list[torch.Tensor]:
    """Keep the scheduler's estimate of the finished picture, where it has one: a preview of it shows no noise."""
    seen: list[torch.Tensor] = []
    step = scheduler.step

    @functools.wraps(step)  # diffusers asks for its signature, to know what to pass on
    def watched(*args: Any, **kwargs: Any) -> Any:
        result = step(*args, **kwargs)
        if isinstance(result, tuple) and len(result) > 1 and isinstance(result[1], torch.Tensor):
            seen[:] = [result[1]]
        return result

    scheduler.step = watched
    return seen


def _padded(picture: Image.Image, size: Size, drawn: Size) -> Image.Image:
    """Covering `size`, cropped in the middle, its edge pixels repeated out to what the network draws."""
    fitted = ImageOps.fit(picture, (size.width, size.height), Image.Resampling.LANCZOS)
    if drawn == size:
        return fitted
    left, top = (drawn.width - size.width) // 2, (drawn.height - size.height) // 2
    box = (-left, -top, drawn.width - left, drawn.height - top)
    padded = fitted.crop(box)
    inner = (left, top, left + size.width, top + size.height)
    for strip, target in _borders(inner, drawn):
        padded.paste(padded.crop(strip).resize((target[2] - target[0], target[3] - target[1])), target)
    return padded


_Rect = tuple[int, int, int, int]


def _borders(inner: _Rect, drawn: Size) -> list[tuple[_Rect, _Rect]]:
    """The one-pixel line to repeat and the border to fill with it: left, right, then top and bottom at full width."""
    left, top, right, bottom = inner
    pairs: list[tuple[_Rect, _Rect]] = [
        ((left, top, left + 1, bottom), (0, top, left, bottom)),
        ((right - 1, top, right, bottom), (right, top, drawn.width, bottom)),
        ((0, top, drawn.width, top + 1), (0, 0, drawn.width, top)),
        ((0, bottom - 1, drawn.width, bottom), (0, bottom, drawn.width, drawn.height)),
    ]
    return [(line, area) for line, area in pairs if area[2] > area[0] and area[3] > area[1]]
