"""Runs a model for the orders of one batch: as many at once as fit, half as many when memory runs out."""

from collections.abc import Iterator, Sequence

import torch

from generation.engine import device
from generation.engine.batch import ActiveJobs
from generation.engine.contract import AcceleratorFailed, OutOfMemory, PictureOrder, Progress
from generation.engine.edits.given import Given
from generation.engine.families import Batch, Family, Step
from generation.engine.previews import PreviewClock, webp


def drawn(
    orders: Sequence[PictureOrder], family: Family, given: Given, jobs: ActiveJobs, at_once: int
) -> Iterator[tuple[Sequence[PictureOrder], torch.Tensor]]:
    """Yield batches and their latents; out of memory, half as many at a time. Raises OutOfMemory the second time."""
    waiting, shortages = jobs.remaining(orders), 0
    while waiting:
        batch = _next(waiting, at_once)
        latents = _run(family, _batch(batch, given), batch, jobs)
        if latents is not None:
            yield batch, latents
            waiting = jobs.remaining(waiting[len(batch) :])
            continue
        # Here, not in the handler: the traceback keeps alive what the failed run had allocated.
        device.drop_caches()
        shortages += 1
        if shortages == 2:
            raise OutOfMemory(f"{len(batch)} pictures of {given.base} do not fit, on the second attempt")
        at_once = max(1, len(batch) // 2)
        waiting = jobs.remaining(waiting)


def _next(waiting: Sequence[PictureOrder], at_once: int) -> Sequence[PictureOrder]:
    """The layers of one job are drawn in one run, which can't be halved: it is only tried again."""
    first = waiting[0]
    if first.request.kind == "layers":
        return [order for order in waiting if order.job == first.job]
    return waiting[:at_once]


def _run(
    family: Family, batch: Batch, orders: Sequence[PictureOrder], jobs: ActiveJobs
) -> torch.Tensor | None:
    """The latents, or None when memory ran out."""
    clock = PreviewClock()

    def step_ended(step: Step) -> None:
        if not clock.is_due(step.step, step.of):
            jobs.report_each_job(orders, Progress("drawing", step.step, step.of))
            return
        for place, order in enumerate(orders):
            if jobs.has(order):
                preview = webp(step.preview(place))
                jobs.report_if_active(order, Progress("drawing", step.step, step.of, preview=preview))
        clock.shown()

    try:
        return family.run(batch, step_ended)
    except Exception as error:
        if device.is_out_of_memory(error):
            return None
        if device.is_accelerator_failure(error):
            raise AcceleratorFailed(str(error)) from error
        raise


def _batch(orders: Sequence[PictureOrder], given: Given) -> Batch:
    first = orders[0].request
    is_layers = first.kind == "layers"
    pictures = orders[:1] if is_layers else orders
    return Batch(
        prompts=tuple(order.prompt for order in pictures),
        negative_prompts=tuple(order.negative_prompt for order in pictures),
        seeds=tuple(order.seed for order in pictures),
        size=given.base,
        steps=first.steps,
        guidance=first.guidance,
        reference=given.reference,
        strength=_strength(first.kind, first.strength, given),
        mask=given.mask,
        latents=given.redrawn.seen if given.redrawn else given.latents,
        levels=given.redrawn.levels if given.redrawn else None,
        references=given.references,
        lead=given.lead,
        layers=len(orders) if is_layers else 0,
    )


def _strength(kind: str, strength: float | None, given: Given) -> float | None:
    """What is around a picture is all new."""
    if given.unread:
        return given.unread.run
    return 1.0 if kind == "outpaint" else strength
