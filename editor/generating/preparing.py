"""What a worker does for an order: draw from the log what the model sees, and submit the job. Both, or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from editor import assets, exporting, opening, replaying, runs
from editor.generating import building, framing, offering, standing
from editor.generating.asking import Asked
from editor.generating.building import Source
from editor.generating.framing import Frame
from editor.generating.refusing import refusal_of
from editor.models import Asset, Document, Generation, Run
from editor.replay import layers
from editor.replay.document import Document as Replayed
from editor.replay.layers import Impossible, Layer
from editor.replay.planes import Bytes, Plane
from generation import availability
from generation.files import storing
from generation.jobs import refusals, submission
from generation.models import Picture
from generation.pictures import changes, references
from generation.requests import pricing
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size
from generation.uploads import intake, masks, unlisted

Progress = Callable[[int, int], None]
State = Generation.State


class Failed(Exception):
    """The order can't be carried out. `sentence` is for the person; nothing was held."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(slots=True)
class _Drawn:
    """What was drawn for the job, and where its results stand."""

    source: Source
    mask: str = ""  # the asset whose alpha is the mask of a result's layer
    place: list[int] | None = None
    kept: list[str] = field(default_factory=list)  # uploads to let go of when nothing comes of it


def prepare(run: Run, *, on_replay: Progress, on_draw: Progress) -> None:
    """Carry out an order up to its job. Raises Failed, runs.Lost, and what a replay and storage raise."""
    generation, document = run.generation, run.document
    if generation is None or generation.state != State.PREPARING:
        raise runs.Lost
    _check_document(document)
    asked = Asked.from_json(generation.asked)
    entry = _entry(generation.model, asked)
    drawn: _Drawn | None = None
    try:
        with intake.refusing_when_full():
            drawn = _without_drawing(generation, asked, entry)
            if drawn is None:
                replay = replaying.replayed(document, run.operation, on_progress=on_replay)
                with replay as state, exporting.work_folder() as folder:
                    drawn = _Drawing(generation, asked, entry, state, folder, on_draw).drawn()
        _submit(run, generation, asked, entry, drawn)
    except BaseException as error:
        if drawn is not None:
            unlisted.discard(user=document.owner, references=drawn.kept)
        if isinstance(error, intake.Refused):
            raise Failed(error.sentence) from None
        if isinstance(error, Impossible):
            raise Failed(str(error)) from None
        raise


def _check_document(document: Document) -> None:
    if document.deleted_at is not None:
        raise Failed(_("The document is in the trash. Restore it, and order again."))


def _entry(model: str, asked: Asked) -> Entry:
    """The model that was ordered, if it may still be. Raises Failed."""
    found = next((entry for entry in availability.able(asked.kind) if entry.id == model), None)
    if found is None:
        raise Failed(str(refusals.refusal(submission.ModelNotOffered()).sentence))
    return found


def _without_drawing(generation: Generation, asked: Asked, entry: Entry) -> _Drawn | None:
    """What a job needs that is about the picture the document began with, and not about what is shown; else None."""
    if asked.kind != "segment" or not entry.projection:
        return None
    size = offering.size_at(generation.document, generation.operation)
    picture = standing.begun_with(generation.document, generation.operation, size, entry)
    if picture is None:
        raise Failed(_("The picture is deleted. Nothing was selected."))
    return _Drawn(Source(size=size, reference=f"picture:{picture.pk}"))


def _submit(run: Run, generation: Generation, asked: Asked, entry: Entry, drawn: _Drawn) -> None:
    """One transaction: the job, its hold, and what the order knows of it."""
    words = exporting.words_of(run.document)
    try:
        request = building.request_of(asked, entry, drawn.source, words=words, uid=generation.uid)
        if pricing.price(request) != generation.price:
            raise Failed(_("The price has changed meanwhile. Order again at the new one."))
        submission.admit(request)  # before the transaction: a refusal is counted, and ends it
        with transaction.atomic():
            _check_document(Document.objects.select_for_update().get(pk=run.document_id))
            waiting = Generation.objects.select_for_update().filter(pk=generation.pk, state=State.PREPARING)
            mine = waiting.first()
            if mine is None:
                raise runs.Lost  # cancelled while it was drawn
            mine.job = submission.submit(
                user=run.document.owner,
                request=request,
                idempotency_key=mine.job_key,
                is_admitted=True,
            )
            mine.state, mine.mask, mine.place = State.SUBMITTED, drawn.mask, drawn.place
            mine.box = list(drawn.source.frame.box.corners) if drawn.source.frame else None
            mine.save(update_fields=["job", "state", "mask", "place", "box"])
            if not runs.finish(run):
                raise runs.Lost
    except (building.InvalidRequest, *refusals.REFUSED) as error:
        raise Failed(refusal_of(error).sentence) from None


class _Drawing:
    """Draws what one order needs of a document as it was at the order's operation."""

    def __init__(
        self,
        generation: Generation,
        asked: Asked,
        entry: Entry,
        state: Replayed,
        folder: Path,
        on_draw: Progress,
    ) -> None:
        self._generation, self._asked, self._entry = generation, asked, entry
        self._state, self._folder, self._on_draw = state, folder, on_draw
        self._document = generation.document
        self._size = Size(*state.size)
        self._kept: list[str] = []

    def drawn(self) -> _Drawn:
        """Return everything the job needs. Nothing stays of it after an error."""
        try:
            return self._drawn()
        except BaseException:
            unlisted.discard(user=self._document.owner, references=self._kept)
            raise

    def _drawn(self) -> _Drawn:
        if self._asked.is_of_selection:
            return self._of_selection()
        if self._asked.kind == "outpaint":
            return self._extended()
        if self._asked.kind == "edit":
            return self._all()
        reference = (
            self._layer_reference() if self._asked.definition.field == "layer" else self._whole_reference()
        )
        return _Drawn(Source(size=self._size, reference=reference), kept=self._kept)

    # --- a part -------------------------------------------------------------------------------------------------

    def _of_selection(self) -> _Drawn:
        marked = _bounds(self._state.selection, self._size)
        if marked is None:
            raise Failed(_("Nothing is selected there. Select the part that is to change, and order again."))
        picture = self._known_whole()
        if picture is not None:
            frame = framing.of_all(self._asked, self._size, marked)
            reference = f"picture:{picture.pk}"
        else:
            frame = self._frame(marked)
            reference = self._part(self._state.layers, frame.source)
        levels = self._levels(frame.region)
        if self._asked.kind == "edit" and (levels == 255).all():
            return self._all()
        upload = masks.keep(user=self._document.owner, mask=Image.fromarray(levels))
        mask = f"upload:{upload.pk}"
        self._kept.append(mask)
        source = Source(size=self._size, frame=frame, reference=reference, mask=mask)
        return _Drawn(source, self._mask_asset(levels > 0), frame.place, self._kept)

    def _frame(self, marked: Box) -> Frame:
        frame = framing.of_selection(self._asked, self._entry, self._size, marked)
        if frame.box != frame.marked or not (self._levels(frame.region) == 255).all():
            return frame
        # A box without a pixel around what is selected shows the model nothing to go on with.
        return framing.of_selection(replace(self._asked, box=None), self._entry, self._size, marked)

    def _levels(self, region: Box) -> Bytes:
        assert self._state.selection is not None
        return self._state.selection.read(region.corners)

    def _known_whole(self) -> Picture | None:
        """The picture that the document shows, where the model knows more of it than its pixels, and may use that."""
        if self._asked.wanted_box not in (None, framing.whole(self._size)):
            return None
        return self._known()

    def _known(self) -> Picture | None:
        known = standing.known_at(self._document, self._generation.operation, self._size, self._entry)
        return known if known is not None and self._shows(known, self._state.layers) else None

    def _extended(self) -> _Drawn:
        frame = framing.of_canvas(self._asked, self._entry, self._size)
        if frame is None:
            # Refused when it was ordered; the document's size at an operation never changes.
            raise Failed(_("The new size has to hold the whole picture. Make it larger."))
        picture = self._known()
        if picture is not None:
            frame = framing.of_whole_canvas(self._asked, self._entry, self._size) or frame
        reference = f"picture:{picture.pk}" if picture else self._part(self._state.layers, frame.source)
        new = np.ones((frame.region.size.height, frame.region.size.width), bool)
        new[frame.held.top : frame.held.bottom, frame.held.left : frame.held.right] = False
        source = Source(size=self._size, frame=frame, reference=reference)
        return _Drawn(source, self._mask_asset(new), frame.place, self._kept)

    def _all(self) -> _Drawn:
        """All of the picture, to be laid over itself."""
        frame = framing.of_whole(self._asked, self._entry, self._size)
        source = Source(size=self._size, frame=frame, reference=self._whole_reference(), mask="")
        everything = np.ones((frame.region.size.height, frame.region.size.width), bool)
        return _Drawn(source, self._mask_asset(everything), frame.place, self._kept)

    def _mask_asset(self, inside: Any) -> str:
        """Keep a mask as a picture whose alpha it is: all of what may have changed, so that a layer shows a result."""
        pixels = np.zeros((*inside.shape, 4), np.uint8)
        pixels[..., 3] = np.where(inside, 255, 0)
        png = io.BytesIO()
        Image.fromarray(pixels).save(png, "PNG", compress_level=6)
        height, width = inside.shape
        return assets.keep(self._document, png.getvalue(), Asset.Role.MASK, width, height).sha256

    # --- the whole ----------------------------------------------------------------------------------------------

    def _whole_reference(self) -> str:
        shown = standing.shown_at(self._document, self._generation.operation, self._size)
        if shown is not None and self._shows(shown, self._state.layers):
            return f"picture:{shown.pk}"
        return self._part(self._state.layers, framing.whole(self._size))

    def _layer_reference(self) -> str:
        """A layer by itself, without its mask: as the picture that it came from, where a model can only do that."""
        layer = layers.find(self._state.layers, self._asked.layer)
        alone = [_alone(layer)]
        picture = opening.picture_of(self._document)
        able = picture is not None and changes.is_able(self._entry, self._asked.kind, picture)
        if picture is not None and able and self._shows(picture, alone):
            return f"picture:{picture.pk}"
        if self._entry.projection:
            raise Failed(
                _(
                    "This model does that only with pictures that it drew itself. Choose another model or layer."
                )
            )
        return self._part(alone, framing.whole(self._size))

    def _shows(self, picture: Picture, parts: list[Layer]) -> bool:
        """Tell whether layers show exactly the pixels of a picture."""
        if (picture.width, picture.height) != (self._size.width, self._size.height):
            return False
        try:
            with storing.opened(references.master_of(picture).key) as file:
                theirs = assets.decoded(file)
        except (references.ReferenceGone, storing.ObjectMissing):
            return False
        ours = self._rendered(parts, framing.whole(self._size))
        return bool(np.array_equal(ours.pixels, theirs))

    # --- pixels -------------------------------------------------------------------------------------------------

    def _part(self, parts: list[Layer], box: Box) -> str:
        rendered = self._rendered(parts, box)
        png = exporting.png(rendered, self._folder)
        upload = unlisted.keep_part(
            user=self._document.owner, png=png, width=box.size.width, height=box.size.height
        )
        self._kept.append(f"upload:{upload.pk}")
        return self._kept[-1]

    def _rendered(self, parts: list[Layer], box: Box) -> exporting.Rendered:
        return exporting.part(self._state, parts, box.corners, self._folder, self._on_draw)


def _alone(layer: Layer) -> Layer:
    return replace(layer.copy(), visible=True, opacity=255, mode="normal", clip=False, mask=None)


def _bounds(selection: Plane | None, size: Size) -> Box | None:
    """The exact rectangle around what is selected at all."""
    if selection is None:
        return None
    around = selection.bounds() if selection.blank == (0,) else (0, 0, size.width, size.height)
    if around is None:
        return None
    left, top, right, bottom = around[0], around[1], min(around[2], size.width), min(around[3], size.height)
    if left >= right or top >= bottom:
        return None
    inside = selection.read((left, top, right, bottom)) > 0
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return None
    return Box(
        left + int(columns[0]), top + int(rows[0]), left + int(columns[-1]) + 1, top + int(rows[-1]) + 1
    )
