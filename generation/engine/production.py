"""From orders to files: draw in batches, enlarge each picture, and encode its rows while they are computed."""

import shutil
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch

from generation.engine import adapters, device, drawing, projecting, wording
from generation.engine.batch import ActiveJobs, JobGone, OnProgress
from generation.engine.contract import (
    NOTHING,
    AcceleratorFailed,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    ProducedPicture,
    Progress,
    Sources,
)
from generation.engine.edits import cutting, enhancing, leading, picking, upscaling
from generation.engine.edits.given import Given, given
from generation.engine.families import Family, controlled
from generation.engine.families.residency import Residency
from generation.engine.finishing import Finish, thumbnail
from generation.engine.pixels.encode import PngWriter
from generation.engine.pixels.thumbnails import Thumbnails
from generation.engine.previews import webp
from generation.requests import kinds, marking
from generation.requests import recipe as recipes
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size

# Pixels that are drawn together: four pictures of one megapixel. A model's entry decides what one picture has.
PIXEL_BUDGET: Final = 4 * 1024 * 1024
RESIDENCY: Final = Residency()


def produce(
    orders: Sequence[PictureOrder],
    entry: Entry,
    *,
    sources: Sources = NOTHING,
    workdir: Path,
    on_progress: OnProgress,
    pixel_budget: int = PIXEL_BUDGET,
    residency: Residency = RESIDENCY,
) -> Generator[ProducedPicture, None, None]:
    """Yield each picture as soon as its files are in `workdir`. The orders have one batch key and one model.

    A caller that may stop early has to close it (contextlib.closing): until then its thread keeps the model.

    They may be those of several jobs: each keeps its own generator, progress and previews, and one that is cancelled
    leaves the batch without the others. A picture is the same in every batch but for rounding in the last place.

    `sources` are the files that the requests start from. Raises ValueError for orders that do not belong together and
    sources that are not theirs, ModelUnavailable, OutOfMemory, AcceleratorFailed, and whatever `on_progress` raises
    (Cancelled).
    """
    if not orders:
        raise ValueError("there is nothing to draw")
    first = orders[0].request
    if len({order.request.batch_key() for order in orders}) > 1 or first.model != entry.id:
        raise ValueError("only orders with the same batch key, of this model, can be drawn together")
    if (first.reference is None) != (sources.reference is None):
        raise ValueError("a request with a reference needs its file, and no other takes one")
    if (first.control is None) != (sources.control is None):
        raise ValueError("a request with a control picture needs its file, and no other takes one")
    jobs = ActiveJobs(orders, on_progress)
    # What takes longest comes last, so that nobody waits for another's tiles.
    orders = sorted(orders, key=lambda order: order.request.enhance)
    return _in_our_words(_produce(orders, entry, sources, workdir, jobs, pixel_budget, residency))


def _in_our_words(produced: Generator[ProducedPicture]) -> Generator[ProducedPicture]:
    """Where memory runs out outside of the model's own runs, or the device fails there: a fresh process may do it."""
    try:
        with closing(produced):
            yield from produced
    except Exception as error:
        if device.is_out_of_memory(error):
            raise OutOfMemory(str(error)) from error
        if device.is_accelerator_failure(error):
            raise AcceleratorFailed(str(error)) from error
        raise


def _produce(
    orders: Sequence[PictureOrder],
    entry: Entry,
    sources: Sources,
    workdir: Path,
    jobs: ActiveJobs,
    pixel_budget: int,
    residency: Residency,
) -> Generator[ProducedPicture, None, None]:
    kind = orders[0].request.kind
    jobs.report_each_job(orders, Progress("loading", 0, 1))
    adapter, control = orders[0].request.adapter, orders[0].request.control
    with (
        residency.lend(entry, control.kind if control else "") as family,
        adapters.applied(family, entry, adapter, partial(residency.mark, entry)) as used,
        ThreadPoolExecutor(_encoders(), "encode") as encoders,
    ):
        if not _is_computed(kind, family) and kinds.NEEDS[kind] not in family.capabilities:
            raise ModelUnavailable(f"{entry.id}: this family can't do {kind}")
        jobs.report_each_job(orders, Progress("loading", 1, 1))
        orders = wording.read(orders, entry)
        if _is_computed(kind, family):
            yield from _computed(orders, entry, family, sources, workdir, jobs, encoders)
            return
        first = orders[0].request
        start = given(first, entry, sources)
        if first.kind == "image_to_image":
            start = start.read_by(family, entry, first.strength)
        led = _said_of_control(first, entry, family)
        at_once = max(1, pixel_budget // start.base.pixels)
        for batch, latents in drawing.drawn(orders, family, start, jobs, at_once):
            for place, order in enumerate(batch):
                if not jobs.has(order):
                    continue
                size = order.request.output
                draft = _Draft(order, latents[place], start.of_size(size), len(batch), used, led)
                try:
                    produced = _finished(draft, entry, family, workdir, jobs, encoders)
                except JobGone:
                    continue
                jobs.finished(order)
                yield produced


@dataclass(frozen=True, slots=True)
class _Draft:
    """A drawn picture on its way to its files."""

    order: PictureOrder
    latents: torch.Tensor
    given: Given
    batch: int
    adapters: tuple[dict[str, Any], ...]
    control: dict[str, Any] | None


def _finished(
    draft: _Draft,
    entry: Entry,
    family: Family,
    workdir: Path,
    jobs: ActiveJobs,
    encoders: ThreadPoolExecutor,
) -> ProducedPicture:
    """Decode and enlarge. Raises JobGone and whatever ends the run."""
    order, start = draft.order, draft.given
    # Before any of it is computed: decoding belongs to the stage of this picture, not to what came before it.
    jobs.report(order, Progress("upscaling", 0, order.request.output.height))
    if start.redrawn:
        is_whole = start.drawn == order.request.output
        projected = projecting.redrawn_part(
            entry, start.redrawn, draft.latents, whole=is_whole, painted=start.painted
        )
    else:
        # Beside what can't be read, things come from words alone. But then the fields are not the picture's.
        kind = "text_to_image" if start.unread else order.request.kind
        is_whole = start.part is None and start.unread is None
        is_painted = start.painted or start.unread is not None
        projected = projecting.understood(entry, kind, draft.latents, whole=is_whole, painted=is_painted)
    picture = start.whole(family, entry, projected.picture)
    picture = enhancing.wanted(picture, order, entry, family, _tiles_of(order, jobs))

    def recipe() -> dict[str, object]:
        return recipes.make(
            order.request,
            index=order.index,
            seed=order.seed,
            model_revision=family.revision,
            batch=draft.batch,
            adapters=draft.adapters,
            control=draft.control,
            read=asdict(order.read) if order.read else None,
            stages=(*_base(start.base), *projected.stages, *picture.stages),
        )

    fields = projecting.keep(projected, workdir / f"{_stem(order)}.safetensors")
    return _encoded(order, picture, recipe, fields, workdir, jobs, encoders)


def _said_of_control(request: GenerationRequest, entry: Entry, family: Family) -> dict[str, Any] | None:
    if request.control is None:
        return None
    kind = request.control.kind
    revision = controlled.of(family, entry)[kind].revision
    return leading.said(request.control, revision, entry.controls[kind].licence)


def _is_computed(kind: str, family: Family) -> bool:
    """Layers are drawn by models that can do that; for others they are computed from a picture's fields."""
    return kind in kinds.COMPUTED or (kind == "layers" and "layers" not in family.capabilities)


def _computed(
    orders: Sequence[PictureOrder],
    entry: Entry,
    family: Family,
    sources: Sources,
    workdir: Path,
    jobs: ActiveJobs,
    encoders: ThreadPoolExecutor,
) -> Generator[ProducedPicture, None, None]:
    """Yield what no model draws: it is made from the picture itself. There may be fewer layers than were ordered."""
    for order in jobs.remaining(orders):
        try:
            jobs.report(order, Progress("upscaling", 0, order.request.output.height))
            pictures = _from_itself(order.request, entry, family, sources)
            if order.index >= len(pictures):
                continue
            picture = enhancing.wanted(pictures[order.index], order, entry, family, _tiles_of(order, jobs))
            produced = _kept(order, picture, family, sources, workdir, jobs, encoders)
        except JobGone:
            continue
        jobs.finished(order)
        yield produced


def _from_itself(
    request: GenerationRequest, entry: Entry, family: Family, sources: Sources
) -> Sequence[Finish]:
    assert sources.reference is not None
    if request.kind == "layers":
        return cutting.layers(request, entry, family, sources.fields)
    if request.kind == "remove_background":
        return [cutting.without_background(request, entry, family, sources.reference, sources.fields)]
    if request.kind == "segment":
        return [picking.picked(request, entry, family, sources.reference, sources.fields)]
    return [upscaling.upscaled(request, entry, family, sources.reference, sources.fields)]


def _kept(
    order: PictureOrder,
    picture: Finish,
    family: Family,
    sources: Sources,
    workdir: Path,
    jobs: ActiveJobs,
    encoders: ThreadPoolExecutor,
) -> ProducedPicture:
    def recipe() -> dict[str, object]:
        return recipes.make(
            order.request,
            index=order.index,
            seed=order.seed,
            model_revision=family.revision,
            batch=1,
            # Words are read where detail is drawn by them, and by nothing else that is computed.
            read=asdict(order.read) if order.read and order.request.enhance else None,
            stages=picture.stages,
        )

    # A larger picture shows the same: what is known about the one is known about the other.
    kept = None
    if order.request.kind == "upscale" and sources.fields:
        kept = Path(shutil.copy(sources.fields, workdir / f"{_stem(order)}.safetensors"))
    return _encoded(order, picture, recipe, kept, workdir, jobs, encoders)


def _tiles_of(order: PictureOrder, jobs: ActiveJobs) -> enhancing.OnTile:
    """Report each tile of this picture's enhancement."""
    return lambda number, of: jobs.report(order, Progress("enhancing", number, of))


def _encoded(
    order: PictureOrder,
    picture: Finish,
    recipe: Callable[[], dict[str, object]],
    fields: Path | None,
    workdir: Path,
    jobs: ActiveJobs,
    encoders: ThreadPoolExecutor,
) -> ProducedPicture:
    """The picture's files; from the start again with smaller tiles where one didn't fit. `recipe` says how it went."""
    while True:
        try:
            return _written(order, picture, recipe, fields, workdir, jobs, encoders)
        except enhancing.SmallerTiles:
            pass
        # Here, not in the handler: the traceback keeps alive what the failed run had allocated.
        device.drop_caches()


def _written(
    order: PictureOrder,
    picture: Finish,
    recipe: Callable[[], dict[str, object]],
    fields: Path | None,
    workdir: Path,
    jobs: ActiveJobs,
    encoders: ThreadPoolExecutor,
) -> ProducedPicture:
    """Compute and encode in one stream: a strip is deflated by the encoders while the next one is computed."""
    output, stem, rows = order.request.output, _stem(order), 0
    channels = picture.channels
    master = workdir / f"{stem}.png"
    chunks = marking.png_chunks(recipe(), include_recipe=False)
    thumbnails = Thumbnails(output, channels)
    jobs.report(order, Progress("upscaling", 0, output.height, preview=webp(thumbnail(picture, 256))))
    writer = PngWriter(
        master, output.width, output.height, chunks=chunks, executor=encoders, channels=channels
    )
    with writer, closing(picture.strips()) as strips:
        for strip in strips:
            writer.write(strip)
            thumbnails.write(strip)
            rows += len(strip)
            if not order.request.enhance:  # else each tile is reported
                jobs.report(order, Progress("upscaling", rows, output.height))
    jobs.report(order, Progress("encoding", 0, 1))
    paths = thumbnails.save(workdir, stem)
    jobs.report(order, Progress("encoding", 1, 1))
    return ProducedPicture(
        index=order.index,
        seed=order.seed,
        master=master,
        width=output.width,
        height=output.height,
        sha256=writer.sha256,
        bytes=writer.bytes_written,
        thumbnails=paths,
        recipe=recipe(),
        job=order.job,
        fields=fields,
    )


def _base(size: Size) -> tuple[dict[str, object], ...]:
    return ({"stage": "base", "width": size.width, "height": size.height},)


def _stem(order: PictureOrder) -> str:
    return f"{order.job}-{order.index}-{order.seed}"


def _encoders() -> int:
    return max(2, min(8, torch.get_num_threads()))
