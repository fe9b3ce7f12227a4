"""Any other pipeline that diffusers knows by its name. What it can do is read from what its pipelines take."""

import inspect
import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
import torch
from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting, AutoPipelineForText2Image
from diffusers.pipelines import auto_pipeline
from PIL import Image

from generation.engine import placement
from generation.engine.contract import ModelUnavailable
from generation.engine.families import Batch, Step, running, weights
from generation.engine.families.framing import (
    PREVIEW_SIDE,
    Frame,
    as_reference,
    pixels,
    shrunk,
    unscaled,
    within,
)
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_TASKS: Final = (
    (AutoPipelineForText2Image, auto_pipeline.AUTO_TEXT2IMAGE_PIPELINES_MAPPING),
    (AutoPipelineForImage2Image, auto_pipeline.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING),
    (AutoPipelineForInpainting, auto_pipeline.AUTO_INPAINT_PIPELINES_MAPPING),
)
# Set by every request, so an entry can't set them for all.
_OF_THE_REQUEST: Final = frozenset(
    {
        *(
            "prompt",
            "negative_prompt",
            "num_inference_steps",
            "guidance_scale",
            "true_cfg_scale",
            "generator",
        ),
        *("width", "height", "image", "mask_image", "strength", "num_images_per_prompt", "latents"),
        *("output_type", "return_dict", "callback", "callback_on_step_end"),
    }
)


def load(entry: Entry) -> "Auto":
    folder = weights.locate(entry)
    name = json.loads((folder / "model_index.json").read_text("utf-8"))["_class_name"]
    known = [auto for auto, mapping in _TASKS if auto_pipeline._get_task_class(mapping, name, False)]  # noqa: SLF001
    if not known:
        raise ModelUnavailable(f"{entry.id}: diffusers has no automatic pipeline for {name}")
    pipeline, revision = running.loaded(entry, known[0], ())
    found = {
        kind: twin for auto in known if (twin := _from(auto, pipeline)) and (kind := ability(auto, twin))
    }
    return Auto(found, entry, revision)


def _from(auto: Any, pipeline: Any) -> Any:
    """The pipeline of that task, sharing every module with this one; None where it needs others."""
    try:
        twin = auto.from_pipe(pipeline)
    except ValueError:
        return None
    twin.set_progress_bar_config(disable=True)
    return placement.follow(twin, pipeline)


def ability(auto: Any, pipeline: Any) -> str | None:
    """Which of KINDS_OF_RUN a pipeline does, by its task and by its arguments; None where it is none of them."""
    takes = _takes(pipeline)
    if not {"prompt", "num_inference_steps", "generator", "output_type"} <= takes or "layers" in takes:
        return None
    if auto is AutoPipelineForText2Image:
        return "text_to_image"
    if auto is AutoPipelineForInpainting:
        return "inpaint" if {"image", "mask_image", "strength"} <= takes else None
    if "image" not in takes:
        return None
    return "image_to_image" if "strength" in takes else "edit"


class Auto:
    """One pipeline for each kind that it can do. They decode by themselves: a picture's latents here are its pixels."""

    max_references = 1

    def __init__(self, pipelines: dict[str, Any], entry: Entry, revision: str) -> None:
        self.capabilities = running.able(entry, pipelines.keys())
        self.revision = revision
        self._name, self._pipelines = entry.id, pipelines
        self.pipeline: Any = next(iter(pipelines.values()), None)
        self._options = running.options(entry, **dict.fromkeys(_settable(pipelines.values())))
        for pipeline in pipelines.values():
            vae: Any = getattr(pipeline, "vae", None)
            if hasattr(vae, "enable_slicing"):
                vae.enable_slicing()

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        """[pictures, 3, height, width] of what is drawn, from -1 to 1."""
        running.refuse_unable(self, batch, self._name)
        if (
            batch.references
        ):  # such pipelines take several pictures for several references, if they take them at all
            frame = self._frame(batch.size)
            return running.one_by_one(
                batch, on_step, self._run, lambda one: frame.preview(Image.fromarray(pixels(one[0])))
            )
        return self._run(batch, on_step)

    def _run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        frame = self._frame(batch.size)
        pipeline = self._pipelines[running.kind_of(batch)]
        running.fresh_scheduler(pipeline, batch.noise)
        with running.tiling(getattr(pipeline, "vae", None), frame.drawn.pixels):
            pictures = running.run(
                pipeline,
                self._arguments(pipeline, batch, frame),
                on_step,
                lambda one: _preview(pipeline, one, frame),
            )
        if len(pictures) != len(batch.prompts) or not all(isinstance(one, Image.Image) for one in pictures):
            raise ModelUnavailable(
                f"{self._name}: {type(pipeline).__name__} does not give one picture a prompt"
            )
        drawn = (frame.drawn.width, frame.drawn.height)
        levels = np.stack([np.asarray(one.convert("RGB").resize(drawn)) for one in pictures])
        return torch.from_numpy(levels).permute(0, 3, 1, 2).float() / 127.5 - 1

    def _arguments(self, pipeline: Any, batch: Batch, frame: Frame) -> dict[str, Any]:
        """What the request says, as far as the pipeline takes it, and the entry's options."""
        takes = inspect.signature(pipeline.__call__).parameters
        pictures = len(batch.prompts)
        said: dict[str, Any] = {
            "prompt": list(batch.prompts),
            "num_inference_steps": batch.steps,
            "generator": running.generators(batch),
            "width": frame.drawn.width,
            "height": frame.drawn.height,
            "use_resolution_binning": False,  # it would draw another shape and crop it
            "output_type": "pil",
        }
        # Some have guidance of the usual kind under this name, and another one, of distilled weights, under the other.
        usual = (
            "true_cfg_scale" if "true_cfg_scale" in takes and takes["true_cfg_scale"].default > 1 else None
        )
        said[usual or "guidance_scale"] = batch.guidance
        # Also where all are empty: some pipelines distinguish none from an empty one, and the batch must not decide.
        said["negative_prompt"] = [words or (" " if usual else "") for words in batch.negative_prompts]
        if batch.references:
            said["image"] = as_reference(batch.references[0])
        if batch.reference is not None:
            said |= {"image": [frame.padded(batch.reference)] * pictures, "strength": batch.strength}
        if batch.mask is not None:
            touched = frame.padded(batch.mask.convert("L")).point(lambda level: 255 if level else 0)
            said["mask_image"] = [touched] * pictures
        chosen = {name: value for name, value in self._options.items() if value is not None}
        return {name: value for name, value in (said | chosen).items() if name in takes}

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(pixels(latents))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    def _frame(self, size: Size) -> Frame:
        """No pipeline is known to need more than twice its own factor; 32 works for those that don't state one."""
        factors = [int(getattr(pipeline, "vae_scale_factor", 8)) for pipeline in self._pipelines.values()]
        return Frame.around(size, math.lcm(32, *(2 * factor for factor in factors)))


def _takes(pipeline: Any) -> set[str]:
    return set(inspect.signature(pipeline.__call__).parameters)


def _settable(pipelines: Iterable[Any]) -> set[str]:
    """What an entry may set for all requests: whatever some pipeline takes and no request says."""
    return set().union(*map(_takes, pipelines)) - _OF_THE_REQUEST


def _preview(pipeline: Any, latents: torch.Tensor, frame: Frame) -> Image.Image:
    """Decoded small, where the pipeline holds plain latents of its autoencoder; else grey."""
    vae: Any = getattr(pipeline, "vae", None)
    config = getattr(vae, "config", {})
    if (
        latents.ndim != 4
        or latents.shape[1] != config.get("latent_channels")
        or "scaling_factor" not in config
    ):
        return Image.new("RGB", within(frame.size, PREVIEW_SIDE), "grey")
    small = shrunk(latents, int(pipeline.vae_scale_factor))
    with torch.no_grad():
        decoded = vae.decode(unscaled(small, config).to(vae.dtype), return_dict=False)[0]
    return frame.preview(Image.fromarray(pixels(decoded[0])))
