"""FLUX.2 klein: pictures from words, parts redrawn, and edits by instruction with up to four reference pictures."""

from collections.abc import Callable
from typing import Any, Final

import torch
from diffusers import Flux2KleinInpaintPipeline, Flux2KleinPipeline
from PIL import Image

from generation.engine import device
from generation.engine.families import Batch, Step, inpainting, running
from generation.engine.families.framing import Frame, as_reference, pixels, shrunk
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_MADE_FOR: Final = frozenset({"Flux2KleinPipeline", "Flux2KleinInpaintPipeline"})
_MOST_REFERENCES: Final = 4


def load(entry: Entry) -> "Flux2Klein":
    running.options(entry)
    pipeline, revision = running.loaded(entry, Flux2KleinPipeline, _MADE_FOR)
    return Flux2Klein(pipeline, entry, revision)


class Flux2Klein:
    """The pipeline and its twin for changing a picture, which shares every module with it."""

    def __init__(self, pipeline: Any, entry: Entry, revision: str) -> None:
        self.capabilities = running.able(entry, {"text_to_image", "image_to_image", "inpaint", "edit"})
        self.max_references = min(_MOST_REFERENCES, entry.max_references)
        self.revision = revision
        self._name = entry.id
        self.pipeline = self._words = pipeline
        self._picture = running.twin(
            Flux2KleinInpaintPipeline, pipeline, is_distilled=pipeline.config.is_distilled
        )

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        running.refuse_unable(self, batch, self._name)
        frame = self._frame(batch.size)
        pipeline = self._words if batch.reference is None else self._picture
        scheduler = running.fresh_scheduler(pipeline, batch.noise)
        rows, columns = self._tokens(frame)
        put_back = None
        if batch.mask is not None:
            kept = inpainting.surroundings(scheduler, batch, frame.cells(batch.mask, rows, columns))

            def put_back(latents: torch.Tensor, time: Any) -> torch.Tensor:
                return _packed(kept.put_back(_unpacked(latents, rows, columns), time))

        latents: torch.Tensor = running.run(
            pipeline,
            self._arguments(batch, frame),
            on_step,
            lambda one: self._preview(_unpacked(one, rows, columns), frame),
            put_back,
        )
        return latents

    def _arguments(self, batch: Batch, frame: Frame) -> dict[str, Any]:
        """Steps and guidance are always passed: the pipeline's defaults are meant for other weights."""
        arguments: dict[str, Any] = {
            "prompt": list(batch.prompts),
            "num_inference_steps": batch.steps,
            "guidance_scale": batch.guidance,
            "generator": running.generators(batch),
            "width": frame.drawn.width,
            "height": frame.drawn.height,
        }
        if any(batch.negative_prompts) and batch.guidance > 1 and not self._words.config.is_distilled:
            embeds, _ids = self._words.encode_prompt(list(batch.negative_prompts))
            arguments["negative_prompt_embeds"] = embeds
        if batch.references:
            arguments["image"] = [as_reference(picture) for picture in batch.references]
        if batch.reference is not None:
            # Encoded here: the pipeline would shrink pictures of more than a megapixel. Its own mask is all white;
            # what is to stay is put back after each step.
            arguments |= {
                "image": self._encoded(frame.padded(batch.reference)),
                "mask_image": Image.new("L", (frame.drawn.width, frame.drawn.height), "white"),
                "strength": inpainting.strength(batch),
            }
        return arguments

    @torch.no_grad()
    def _encoded(self, picture: Image.Image) -> torch.Tensor:
        """[1, 4 × channels, h/2, w/2], before they are normalised: the pipeline does that to latents it is given."""
        vae = self._words.vae
        values = self._picture.image_processor.preprocess(picture).to(device.device(), vae.dtype)
        return _gathered(vae.encode(values).latent_dist.mode())

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(self._decoded(latents[None]))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    @property
    def _factor(self) -> int:
        return int(self._words.vae_scale_factor)

    def _frame(self, size: Size) -> Frame:
        return Frame.around(size, 2 * self._factor)

    def _tokens(self, frame: Frame) -> tuple[int, int]:
        return frame.drawn.height // (2 * self._factor), frame.drawn.width // (2 * self._factor)

    def _preview(self, grid: torch.Tensor, frame: Frame) -> Image.Image:
        """[1, 4 × channels, rows, columns], normalised as the network sees them."""
        norm, config = self._words.vae.bn, self._words.vae.config
        mean = norm.running_mean.view(1, -1, 1, 1).to(grid)
        deviation = torch.sqrt(norm.running_var.view(1, -1, 1, 1).to(grid) + config.batch_norm_eps)
        latents = _spread(grid * deviation + mean)
        return frame.preview(Image.fromarray(self._decoded(shrunk(latents, self._factor))))

    @torch.no_grad()
    def _decoded(self, latents: torch.Tensor) -> Pixels:
        """[1, channels, h, w] → uint8 [H, W, 3]. Outside of the pipeline, so that running out of memory is noticed."""
        vae = self._words.vae
        with running.tiling(vae, latents.shape[-1] * latents.shape[-2] * self._factor**2):
            return pixels(vae.decode(latents.to(vae.dtype), return_dict=False)[0][0])


def _unpacked(tokens: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """[pictures, rows × columns, channels] → [pictures, channels, rows, columns]."""
    grid: torch.Tensor = tokens.transpose(1, 2).unflatten(2, (rows, columns))
    return grid


def _packed(grid: torch.Tensor) -> torch.Tensor:
    return grid.flatten(2).transpose(1, 2)


def _gathered(latents: torch.Tensor) -> torch.Tensor:
    """[n, channels, 2h, 2w] → [n, 4 × channels, h, w]: what the network sees as one place."""
    return torch.nn.functional.pixel_unshuffle(latents, 2)


def _spread(grid: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.pixel_shuffle(grid, 2)
