"""Loading a pipeline as data alone, and driving one run of it: a fresh scheduler, and a report after every step."""

import functools
import inspect
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, Protocol

import torch
from diffusers.utils import logging as diffusers_logging
from PIL import Image, ImageOps
from transformers.utils import logging as transformers_logging

from generation.engine import device, placement
from generation.engine.contract import ModelUnavailable
from generation.engine.families import KINDS_OF_RUN, Batch, Step, weights
from generation.engine.families.framing import PREVIEW_SIDE, within
from generation.engine.families.noise import TileNoise, noised_by
from generation.requests.catalogue import Entry

_TILED_ABOVE: Final = 1536 * 1536  # pixels; a whole decode of 2048² took 2 GB, a tiled one 0.3

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()
transformers_logging.set_verbosity_error()
transformers_logging.disable_progress_bar()


def loaded(entry: Entry, pipeline_class: Any, made_for: Collection[str], **parts: Any) -> tuple[Any, str]:
    """The pipeline on its device, and its revision. `made_for` names the pipelines whose weights it runs, or all.

    `parts` go into the pipeline as they are. Raises ModelUnavailable.
    """
    folder = weights.locate(entry)
    name = json.loads((folder / "model_index.json").read_text("utf-8"))["_class_name"]
    if made_for and name not in made_for:
        raise ModelUnavailable(
            f"{entry.id}: {folder} is for {name}; the family {entry.family!r} runs {', '.join(sorted(made_for))}"
        )
    try:
        pipeline = pipeline_class.from_pretrained(
            str(folder),
            dtype=device.dtype(),
            variant=entry.variant or None,
            use_safetensors=True,
            local_files_only=True,
            **placement.quantised(entry, folder),
            **parts,
        )
    except ImportError as error:
        raise ModelUnavailable(
            f"{entry.id}: {folder} needs a package that isn't installed. If it is torchvision: it comes with the "
            f"extra 'vision' ({error})"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(f"{entry.id}: {folder} can't be loaded: {error}") from error
    pipeline.set_progress_bar_config(disable=True)
    revision = weights.revision(folder, entry)
    if chosen := placement.named(entry):
        revision += f" with {json.dumps(chosen, sort_keys=True)}"
    return placement.placed(pipeline, entry), revision


def twin(pipeline_class: Any, pipeline: Any, **config: Any) -> Any:
    """A pipeline of another class that shares every module with this one."""
    other = pipeline_class(**pipeline.components, **config)
    other.set_progress_bar_config(disable=True)
    return placement.follow(other, pipeline)


class _Able(Protocol):
    capabilities: frozenset[str]
    max_references: int


def refuse_unable(family: _Able, batch: Batch, name: str) -> None:
    """Raises ModelUnavailable, with a sentence, for a batch that wants what the family doesn't claim."""
    kind = kind_of(batch)
    if kind not in family.capabilities:
        able = ", ".join(sorted(family.capabilities)) or "nothing"
        raise ModelUnavailable(f"{name}: this model can't do {kind}; it can do {able}")
    if len(batch.references) > family.max_references:
        raise ModelUnavailable(
            f"{name}: at most {family.max_references} references, and these are {len(batch.references)}"
        )


def kind_of(batch: Batch) -> str:
    """One of KINDS_OF_RUN, from what is set."""
    if batch.layers:
        return "layers"
    if batch.references:
        return "edit"
    if batch.mask is not None:
        return "inpaint"
    return "text_to_image" if batch.reference is None else "image_to_image"


def generators(batch: Batch) -> list[torch.Generator]:
    """On the processor, one a picture: the same picture on every device and in every batch."""
    return [torch.Generator("cpu").manual_seed(seed) for seed in batch.seeds]


def fresh_scheduler(pipeline: Any, noise: TileNoise | None = None) -> Any:
    """A scheduler carries the state of its run. A new one each time: no run can leave a trace in the next.

    With `noise`, what a run begins with is noised by that field.
    """
    pipeline.scheduler = type(pipeline.scheduler).from_config(pipeline.scheduler.config)
    if noise is not None:
        noised_by(pipeline.scheduler, noise)
    return pipeline.scheduler


def run(
    pipeline: Any,
    arguments: dict[str, Any],
    on_step: Callable[[Step], None],
    preview: Callable[[torch.Tensor], Image.Image],
    put_back: Callable[[torch.Tensor, Any], torch.Tensor] | None = None,
) -> Any:
    """What the pipeline gives: latents, unless the arguments say otherwise. Its scheduler has to be a fresh one.

    `preview` gets the latents of one picture [1, …] as the pipeline holds them, without their noise where that is
    known; `put_back` changes all of them after each step. What `on_step` raises passes.
    """
    clean = _watch_clean_estimate(pipeline.scheduler)

    def report(number: int, of: int, latents: torch.Tensor) -> None:
        seen = clean[-1]() if clean else latents
        seen = seen if seen.shape == latents.shape else latents
        on_step(Step(number, of, lambda picture: preview(seen[picture : picture + 1])))

    def step_ended(pipe: Any, number: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        if put_back is not None:
            tensors["latents"] = put_back(tensors["latents"], time)
        report(number + 1, pipe.num_timesteps, tensors["latents"])
        return tensors

    arguments = {"output_type": "latent"} | arguments
    if "callback_on_step_end" in inspect.signature(pipeline.__call__).parameters:
        arguments["callback_on_step_end"] = step_ended
    else:
        _report_from_scheduler(pipeline.scheduler, report)
    try:
        return pipeline(**arguments).images
    finally:
        pipeline.maybe_free_model_hooks()  # an exception out of a step skips the pipeline's own call


def _report_from_scheduler(scheduler: Any, report: Callable[[int, int, torch.Tensor], None]) -> None:
    """For pipelines without a callback: report each step that the scheduler has taken."""
    step, taken = scheduler.step, 0

    @functools.wraps(step)
    def watched(*args: Any, **kwargs: Any) -> Any:
        nonlocal taken
        result = step(*args, **kwargs)
        taken += 1
        report(taken, len(scheduler.timesteps), result[0])
        return result

    scheduler.step = watched


def _watch_clean_estimate(scheduler: Any) -> list[Callable[[], torch.Tensor]]:
    """Keep the newest estimate of the finished picture, where there is one: a preview of it shows no noise."""
    seen: list[Callable[[], torch.Tensor]] = []
    step = scheduler.step
    flows = type(scheduler).__name__ == "FlowMatchEulerDiscreteScheduler"

    @functools.wraps(step)  # diffusers asks for its signature, to know what to pass on
    def watched(*args: Any, **kwargs: Any) -> Any:
        result = step(*args, **kwargs)
        if isinstance(result, tuple) and len(result) > 1 and isinstance(result[1], torch.Tensor):
            seen[:] = [lambda: result[1]]
        elif flows:  # it holds a velocity, which leads from the picture to its noise
            velocity, _time, sample = args[:3]
            sigma = scheduler.sigmas[scheduler.step_index - 1]
            seen[:] = [lambda: sample.float() - sigma.to(sample.device) * velocity.float()]
        return result

    scheduler.step = watched
    return seen


@contextmanager
def tiling(vae: Any, pixels: int) -> Iterator[None]:
    """Decode in tiles above `_TILED_ABOVE`, where the autoencoder can: a whole decode takes gigabytes."""
    if pixels <= _TILED_ABOVE or not hasattr(vae, "enable_tiling"):
        yield
        return
    vae.enable_tiling()
    try:
        yield
    finally:
        vae.disable_tiling()


def able(entry: Entry, can: Collection[str]) -> frozenset[str]:
    """What the entry claims of KINDS_OF_RUN. Raises ModelUnavailable for a claim that its weights can't keep."""
    claimed = entry.capabilities & KINDS_OF_RUN
    # Without such a model the engine takes pictures apart itself, by the fields that are stored with them.
    if "layers" not in can:
        claimed -= {"layers"}
    if wrong := claimed.difference(can):
        raise ModelUnavailable(
            f"{entry.id}: capabilities has {', '.join(sorted(wrong))}, but its weights can do only "
            f"{', '.join(sorted(can)) or 'nothing'}"
        )
    return claimed


def options(entry: Entry, **defaults: Any) -> dict[str, Any]:
    """The entry's own options over the family's defaults. Raises ModelUnavailable for one that the family hasn't."""
    if unknown := entry.options.keys() - defaults.keys():
        known = ", ".join(sorted(defaults)) or "none"
        raise ModelUnavailable(
            f"{entry.id}: the family {entry.family!r} has no option {min(unknown)!r}; it has: {known}"
        )
    return defaults | dict(entry.options)


def one_by_one(
    batch: Batch,
    on_step: Callable[[Step], None],
    run_one: Callable[[Batch, Callable[[Step], None]], torch.Tensor],
    preview: Callable[[torch.Tensor], Image.Image],
) -> torch.Tensor:
    """For pipelines that draw one picture at a time: the steps of all count as one run's.

    `run_one` gives the latents [1 or layers, …] of a batch of one, `preview` shows such latents. A picture that isn't
    begun looks like the one that it changes.
    """
    done: list[torch.Tensor] = []
    pictures = len(batch.prompts)
    untouched = batch.references[0] if batch.references else batch.reference

    def report(step: Step) -> None:
        now = len(done)

        def shown(picture: int) -> Image.Image:
            if picture == now:
                return step.preview(0)
            if picture < now:
                return preview(done[picture])
            start = untouched or Image.new("RGB", (batch.size.width, batch.size.height), "grey")
            return ImageOps.fit(start.convert("RGB"), within(batch.size, PREVIEW_SIDE))

        on_step(Step(now * step.of + step.step, pictures * step.of, shown))

    for place in range(pictures):
        alone = replace(
            batch,
            prompts=batch.prompts[place : place + 1],
            negative_prompts=batch.negative_prompts[place : place + 1],
            seeds=batch.seeds[place : place + 1],
        )
        done.append(run_one(alone, report))
    return torch.cat(done)
