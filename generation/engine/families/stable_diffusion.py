"""Stable-Diffusion-type pipelines (text encoder, UNet, autoencoder): the bundled model, SD 1.x and 2.x, SDXL.

Weights that were trained for inpainting do that and nothing else: their network also sees the mask and the picture
without what it covers.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting, AutoPipelineForText2Image
from PIL import Image

from generation.engine import device, placement
from generation.engine.contract import ControlUnavailable, ModelUnavailable
from generation.engine.families import Batch, Step, controlled, folding, inpainting, running
from generation.engine.families.controlled import Control
from generation.engine.families.framing import PREVIEW_SIDE, Frame, pixels, shrunk, unscaled, within
from generation.engine.pixels import pointwise
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

# A side: what a preview computes of a picture whose decoder can be asked for points.
_PREVIEW_POINTS: Final = 64


def load(entry: Entry) -> "StableDiffusion":
    running.options(entry)
    pipeline, revision = running.loaded(
        entry,
        AutoPipelineForText2Image,
        (),
        # No safety checker: it is never asked for latents, and moderation is the site's, the same for every model.
        safety_checker=None,
        requires_safety_checker=False,
    )
    if not hasattr(pipeline, "unet"):
        raise ModelUnavailable(
            f"{entry.id}: {type(pipeline).__name__} is not of the family {entry.family!r}; the family 'auto' may run it"
        )
    folding.fold_pointwise(pipeline.vae)
    return StableDiffusion(pipeline, entry, revision)


class StableDiffusion:
    """One loaded pipeline and its twins, which share every module with it."""

    max_references = 0

    def __init__(self, pipeline: Any, entry: Entry, revision: str) -> None:
        vae, unet = pipeline.vae.config, pipeline.unet.config
        self._inpaints = unet.in_channels == 2 * vae.latent_channels + 1
        can = {"inpaint"} if self._inpaints else {"text_to_image", "image_to_image", "inpaint"}
        self.capabilities = running.able(entry, can)
        self.revision = revision
        self._name = entry.id
        self.pipeline = self._text = pipeline
        auto = AutoPipelineForInpainting if self._inpaints else AutoPipelineForImage2Image
        self._image = placement.follow(auto.from_pipe(pipeline), pipeline)
        self._image.set_progress_bar_config(disable=True)
        self._multiple = _size_multiple(pipeline)
        # What a control picture can lead by now: `Residency` loads them. Beside it, pipelines by kind and whether they
        # start from a picture too.
        self.controls: dict[str, Control] = {}
        self._led: dict[tuple[str, bool], Any] = {}
        self._points = pointwise.point_decoder(pipeline.vae)
        if self._points and placement.is_offloaded(pipeline):
            raise ModelUnavailable(
                f"{entry.id}: its decoder computes single points and can't be offloaded; take offload out"
            )

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        running.refuse_unable(self, batch, self._name)
        frame = self._frame(batch.size)
        pipeline = self._pipeline(batch)
        scheduler = running.fresh_scheduler(pipeline, batch.noise)
        kept = None if self._inpaints else self._surroundings(scheduler, batch, frame)
        latents: torch.Tensor = running.run(
            pipeline,
            self._arguments(batch, frame),
            on_step,
            lambda one: self._preview(one, batch.size),
            kept.put_back if kept else None,
        )
        return latents

    def _pipeline(self, batch: Batch) -> Any:
        if batch.lead is None:
            return self._text if batch.reference is None else self._image
        kind = batch.lead.kind
        if kind not in self.controls or batch.mask is not None or self._inpaints:
            raise ControlUnavailable(f"{self._name}: this can't be led by {kind}")
        key = kind, batch.reference is not None
        if key not in self._led:
            self._led[key] = controlled.twin(self.pipeline, self.controls[kind], from_picture=key[1])
        return self._led[key]

    def _surroundings(self, scheduler: Any, batch: Batch, frame: Frame) -> inpainting.Surroundings | None:
        if batch.mask is None and batch.latents is None:
            return None
        cells = batch.levels
        if batch.mask is not None and cells is None:
            factor = self._text.vae_scale_factor
            cells = frame.cells(batch.mask, frame.drawn.height // factor, frame.drawn.width // factor)
        fill = inpainting.is_filled(batch)
        return inpainting.Surroundings(scheduler, cells, fill=fill, latents=batch.latents)

    def _arguments(self, batch: Batch, frame: Frame) -> dict[str, Any]:
        arguments: dict[str, Any] = self._negatives(batch) | {
            "prompt": list(batch.prompts),
            "num_inference_steps": batch.steps,
            "guidance_scale": batch.guidance,
            "generator": running.generators(batch),
        }
        pictures = len(batch.prompts)
        if batch.reference is not None:
            strength = batch.strength if self._inpaints else inpainting.strength(batch)
            arguments |= {"image": [frame.padded(batch.reference)] * pictures, "strength": strength}
        if batch.reference is None or self._inpaints:
            arguments |= {"width": frame.drawn.width, "height": frame.drawn.height}
        if batch.lead is not None:
            name = "image" if batch.reference is None else "control_image"
            arguments[name] = [frame.padded(batch.lead.picture)] * pictures
            arguments["controlnet_conditioning_scale"] = batch.lead.strength
        if batch.mask is not None and self._inpaints:
            touched = frame.padded(batch.mask.convert("L")).point(lambda level: 255 if level else 0)
            arguments["mask_image"] = [touched] * pictures
        return arguments

    @torch.no_grad()
    def _negatives(self, batch: Batch) -> dict[str, Any]:
        """XL takes zeros for no negative prompt, but the meaning of «» beside one that is given; here always zeros."""
        if not any(batch.negative_prompts):
            return {}
        words = list(batch.negative_prompts)
        if not getattr(self._text.config, "force_zeros_for_empty_prompt", False):
            return {"negative_prompt": words}
        embeds, _, pooled, _ = self._text.encode_prompt(words, do_classifier_free_guidance=False)
        given = torch.tensor([bool(text) for text in words], device=embeds.device)
        return {
            "negative_prompt_embeds": embeds * given[:, None, None],
            "negative_pooled_prompt_embeds": pooled * given[:, None],
        }

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(self._decoded(latents[None]))

    @torch.no_grad()
    def encoded(self, picture: Image.Image, size: Size) -> torch.Tensor:
        """What the encoder reads of a picture that covers `size`, [channels, h, w]; for a decoder of points."""
        levels = np.asarray(self._frame(size).padded(picture.convert("RGB")), np.float32)
        pixels = torch.from_numpy(levels / 127.5 - 1).permute(2, 0, 1)[None].to(self._text.vae.dtype)
        read = self._text.vae.encode(pixels.to(device.device())).latents[0]
        latents: torch.Tensor = read * self._text.vae.config.scaling_factor
        return latents

    def canvas(self, latents: torch.Tensor, size: Size) -> pointwise.Canvas | None:
        if self._points is None:
            return None
        frame = self._frame(size)
        return self._points.canvas(unscaled(latents, self._text.vae.config), left=frame.left, top=frame.top)

    def _frame(self, size: Size) -> Frame:
        return Frame.around(size, self._multiple)

    @torch.no_grad()
    def _decoded(self, latents: torch.Tensor) -> Pixels:
        """[1, channels, h, w] → uint8 [H, W, 3]. Outside of the pipeline, so that running out of memory is noticed."""
        vae, config = self._text.vae, self._text.vae.config
        if vae.dtype == torch.float16 and getattr(config, "force_upcast", False):
            vae.to(torch.float32)  # SDXL's overflows in half precision
        with running.tiling(vae, latents.shape[-1] * latents.shape[-2] * self._text.vae_scale_factor**2):
            return pixels(vae.decode(unscaled(latents, config).to(vae.dtype), return_dict=False)[0][0])

    def _preview(self, latents: torch.Tensor, size: Size) -> Image.Image:
        """By points, few of them; else by the model's own decoder, from latents shrunk to about 256 px."""
        if canvas := self.canvas(latents[0], size):
            return canvas.picture(within(size, _PREVIEW_POINTS), size).resize(
                within(size, PREVIEW_SIDE), Image.Resampling.BICUBIC
            )
        small = shrunk(latents, self._text.vae_scale_factor)
        return self._frame(size).preview(Image.fromarray(self._decoded(small)))


def _size_multiple(pipeline: Any) -> int:
    """Width and height have to be multiples of this. “Simple” blocks can't fill up odd halves."""
    blocks = [*pipeline.unet.config.down_block_types, *pipeline.unet.config.up_block_types]
    halvings = len(pipeline.unet.config.down_block_types) - 1
    factor = int(pipeline.vae_scale_factor)
    if any(block.startswith("Simple") for block in blocks):
        factor *= 2**halvings
    return math.lcm(8, factor)  # the pipelines themselves refuse anything but multiples of 8
