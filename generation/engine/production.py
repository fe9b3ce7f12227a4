"""The one way from orders to files: draw together what fits, enlarge each picture, encode it while it flows by."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Final

import torch
from PIL import Image

from generation import recipes
from generation.catalogue import Entry
from generation.engine import device, scalers, upscale
from generation.engine.company import Company, Left, OnProgress
from generation.engine.contract import (
    AcceleratorFailed,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
)
from generation.engine.encode import PngWriter
from generation.engine.families import Batch, Family, Step
from generation.engine.previews import PreviewClock, webp
from generation.engine.residency import Residency
from generation.engine.thumbnails import Thumbnails
from generation.sizes import Size, output_size

# Pixels that are drawn together: four pictures of one megapixel. A model's entry decides what one picture has.
PIXEL_BUDGET: Final = 4 * 1024 * 1024
RESIDENCY: Final = Residency()


def produce(
    orders: Sequence[PictureOrder],
    entry: Entry,
    *,
    reference: Path | None = None,
    workdir: Path,
    on_progress: OnProgress,
    pixel_budget: int = PIXEL_BUDGET,
    residency: Residency = RESIDENCY,
) -> Generator[ProducedPicture, None, None]:
    """Yield each picture as soon as its files are in `workdir`. The orders have one batch key and one model.

    Whoever may stop before the last picture closes it (contextlib.closing): until then their thread has the model.

    They may be those of several jobs: each keeps its own generator, progress and previews, and one that is cancelled
    leaves without the others. A picture is the same in every company but for rounding in the last place.

    `reference` is an 8-bit sRGB picture file, for image_to_image. Raises ValueError for orders that do not belong
    together, ModelUnavailable, OutOfMemory, AcceleratorFailed, and whatever `on_progress` raises (Cancelled).
    """
    if not orders:
        raise ValueError("there is nothing to draw")
    first = orders[0].request
    if len({order.request.batch_key() for order in orders}) > 1 or first.model != entry.id:
        raise ValueError("only orders with the same batch key, of this model, can be drawn together")
    if (first.kind == "image_to_image") != (reference is not None):
        raise ValueError("a picture from a picture needs a reference, and only that does")
    company = Company(orders, on_progress)
    return _produce(orders, entry, reference, workdir, company, pixel_budget, residency)


def _produce(
    orders: Sequence[PictureOrder],
    entry: Entry,
    reference: Path | None,
    workdir: Path,
    company: Company,
    pixel_budget: int,
    residency: Residency,
) -> Generator[ProducedPicture, None, None]:
    base = entry.base_size(orders[0].request.shape)
    at_once = max(1, pixel_budget // base.pixels)
    company.tell_each_job(orders, Progress("loading", 0, 1))
    with residency.lend(entry) as family, ThreadPoolExecutor(_encoders(), "encode") as encoders:
        if orders[0].request.kind not in family.capabilities:
            raise ModelUnavailable(f"{entry.id}: this family can not do {orders[0].request.kind}")
        company.tell_each_job(orders, Progress("loading", 1, 1))
        picture = _opened(reference) if reference else None
        for batch, latents in _drawn(orders, family, base, picture, company, at_once):
            for place, order in enumerate(batch):
                if not company.wants(order):
                    continue
                draft = _Draft(order, entry, family, latents[place], base, len(batch))
                try:
                    produced = _finished(draft, workdir, company, encoders)
                except Left:
                    continue
                company.finished(order)
                yield produced


def _drawn(
    orders: Sequence[PictureOrder],
    family: Family,
    base: Size,
    reference: Image.Image | None,
    company: Company,
    at_once: int,
) -> Iterator[tuple[Sequence[PictureOrder], torch.Tensor]]:
    """Batches and their latents. Once out of memory, half as many at a time; the second time it is said so."""
    waiting, shortages = company.staying(orders), 0
    while waiting:
        batch = waiting[:at_once]
        latents = _run(family, _batch(batch, base, reference), batch, company)
        if latents is not None:
            yield batch, latents
            waiting = company.staying(waiting[len(batch) :])
            continue
        # Here, not in the handler: what the failed run had allocated hangs on the traceback until it is gone.
        device.drop_caches()
        shortages += 1
        if shortages == 2:
            raise OutOfMemory(f"{len(batch)} pictures of {base} do not fit, on the second attempt")
        at_once = max(1, len(batch) // 2)
        waiting = company.staying(waiting)


def _run(
    family: Family, batch: Batch, orders: Sequence[PictureOrder], company: Company
) -> torch.Tensor | None:
    """The latents, or None when memory ran out."""
    clock = PreviewClock()

    def step_ended(step: Step) -> None:
        if not clock.is_due(step.step, step.of):
            company.tell_each_job(orders, Progress("drawing", step.step, step.of))
            return
        for place, order in enumerate(orders):
            if company.wants(order):
                preview = webp(step.preview(place))
                company.tell_if_there(order, Progress("drawing", step.step, step.of, preview=preview))
        clock.shown()

    try:
        return family.run(batch, step_ended)
    except Exception as error:
        if device.is_out_of_memory(error):
            return None
        if device.is_accelerator_failure(error):
            raise AcceleratorFailed(str(error)) from error
        raise


class _Draft:
    """A drawn picture on its way to its files."""

    def __init__(
        self, order: PictureOrder, entry: Entry, family: Family, latents: torch.Tensor, base: Size, batch: int
    ) -> None:
        self.order, self.base, self.batch = order, base, batch
        self.pixels = family.decode(latents, base)
        self.scaler = scalers.for_entry(entry)
        self.revision = family.revision
        self.output = output_size(order.request.shape, order.request.size)

    def recipe(self) -> dict[str, object]:
        return recipes.make(
            self.order.request,
            index=self.order.index,
            seed=self.order.seed,
            model_revision=self.revision,
            batch=self.batch,
            base=self.base,
            scaler=self.scaler.name if self.scaler else "lanczos",
            passes=upscale.passes(self.base, self.output, self.scaler),
            output=self.output,
        )


def _finished(
    draft: _Draft, workdir: Path, company: Company, encoders: ThreadPoolExecutor
) -> ProducedPicture:
    """Enlarge and encode in one stream: a strip is deflated by the encoders while the next one is computed.

    Raises Left and whatever ends the run.
    """
    order, output, recipe = draft.order, draft.output, draft.recipe()
    stem = f"{order.job}-{order.index}-{order.seed}"
    master = workdir / f"{stem}.png"
    chunks = recipes.png_chunks(recipe, include_recipe=True)
    thumbnails, rows = Thumbnails(output), 0
    small = Image.fromarray(draft.pixels)
    small.thumbnail((256, 256))
    company.tell(order, Progress("upscaling", 0, output.height, preview=webp(small)))
    writer = PngWriter(master, output.width, output.height, chunks=chunks, executor=encoders)
    with writer, closing(upscale.upscaled(draft.pixels, output, draft.scaler)) as strips:
        for strip in strips:
            writer.write(strip)
            thumbnails.write(strip)
            rows += len(strip)
            company.tell(order, Progress("upscaling", rows, output.height))
    company.tell(order, Progress("encoding", 0, 1))
    paths = thumbnails.save(workdir, stem)
    company.tell(order, Progress("encoding", 1, 1))
    return ProducedPicture(
        index=order.index,
        seed=order.seed,
        master=master,
        width=output.width,
        height=output.height,
        sha256=writer.sha256,
        bytes=writer.bytes_written,
        thumbnails=paths,
        recipe=recipe,
        job=order.job,
    )


def _batch(orders: Sequence[PictureOrder], base: Size, reference: Image.Image | None) -> Batch:
    first = orders[0].request
    return Batch(
        prompts=tuple(order.request.prompt for order in orders),
        negative_prompts=tuple(order.request.negative_prompt for order in orders),
        seeds=tuple(order.seed for order in orders),
        size=base,
        steps=first.steps,
        guidance=first.guidance,
        reference=reference,
        strength=first.strength,
    )


def _opened(path: Path) -> Image.Image:
    """As RGB; what is transparent becomes white."""
    with Image.open(path) as picture:
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        coloured = picture.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("RGB")


def _encoders() -> int:
    return max(2, min(8, torch.get_num_threads()))
