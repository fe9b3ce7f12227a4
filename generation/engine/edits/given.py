"""What a model is given of the pictures that a request starts from."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import torch
from PIL import Image

from generation.engine import projecting
from generation.engine.composing import Composition
from generation.engine.contract import Sources
from generation.engine.edits import fields, leading, listening
from generation.engine.edits.boxed import Part
from generation.engine.edits.listening import LetIn, Unread
from generation.engine.families import Family, Lead
from generation.engine.finishing import Finish, finish
from generation.engine.pixels.reading import opened
from generation.engine.pixels.resample import cover_box
from generation.engine.projecting import Redrawn
from generation.requests import kinds
from generation.requests.boxes import nearest_shape
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Pictures for `families.Batch`, the size to draw at, and that of what is drawn: the whole or a part."""

    base: Size
    drawn: Size
    reference: Image.Image | None = None
    mask: Image.Image | None = None
    latents: torch.Tensor | None = None
    redrawn: Redrawn | None = None
    references: tuple[Image.Image, ...] = ()
    part: Part | None = None
    # What the drawing has to lie exactly over, of the size `base`.
    like: Image.Image | None = None
    # What the model can't read of the reference; the drawing is let into it.
    unread: Unread | None = None
    # What leads the drawing.
    lead: Lead | None = None
    # Whether the picture that it is drawn from was painted; without one it is.
    painted: bool = True

    def of_size(self, output: Size) -> "Given":
        """The same for another picture of the batch, whose size may be another one; a part has the size of its box."""
        return self if self.part else replace(self, drawn=output)

    def read_by(self, family: Family, entry: Entry, strength: float | None) -> "Given":
        """The same for a model that may not be able to read the reference, of which so much may change."""
        if self.reference is None or self.latents is not None or strength is None:
            return self
        found = listening.unread(family, entry, self.reference, self.base, strength)
        return self if found is None else replace(self, unread=found[0], latents=found[1])

    def whole(self, family: Family, entry: Entry, picture: torch.Tensor | Composition) -> Finish:
        """The picture that drawn latents become."""
        if self.unread:
            # Of a model whose latents are understood: else nothing is said to be unread.
            return LetIn(family, entry, cast("Composition", picture), self.unread, self.base, self.drawn)
        drawn = finish(family, entry, picture, self.base, self.drawn, self.like)
        return self.part.laid(drawn) if self.part else drawn


def given(request: GenerationRequest, entry: Entry, sources: Sources) -> Given:
    """Open the files. Raises ValueError where they are not those of the request, and what `leading.lead` does."""
    found = _given(request, entry, sources)
    if request.control is None or sources.control is None:
        return found
    return replace(found, lead=leading.lead(request.control, sources.control, found.base))


def _given(request: GenerationRequest, entry: Entry, sources: Sources) -> Given:
    base, output = entry.base_size(request.shape), request.output
    if (request.reference is None) != (sources.reference is None):
        raise ValueError("a picture from a picture needs a reference, and only that does")
    if sources.reference is None:
        return Given(base=base, drawn=output)
    if request.kind in kinds.IN_A_BOX:
        part = Part.of(request, sources.reference, sources.mask)
        mask = part.small_mask(base)
        return Given(
            base=base, drawn=part.box.size, part=part, reference=part.reference(base), mask=mask,
            redrawn=_redrawn(request, entry, part, mask, sources.fields), painted=fields.is_painted(sources.fields),
        )  # fmt: skip
    if request.kind == "edit":
        if len(sources.others) + 1 != len(request.references):
            raise ValueError("every reference of an instruction has to be there")
        others = tuple(looked_at(file, base) for file in sources.others)
        if request.edit is None or request.edit.source is None:
            return Given(base=base, drawn=output, references=(looked_at(sources.reference, base), *others))
        part = Part.of(request, sources.reference, sources.mask)
        seen = part.reference(base)
        return Given(base=base, drawn=part.box.size, part=part, references=(seen, *others), like=seen)
    return Given(
        base=base,
        drawn=output,
        reference=opened(sources.reference),
        latents=fields.read(sources.fields, base),
        painted=fields.is_painted(sources.fields),
    )


def _redrawn(
    request: GenerationRequest, entry: Entry, part: Part, mask: Image.Image, stored: Path | None
) -> Redrawn | None:
    """What is drawn into the fields stored with the picture; None where there are none, or the model sees a part."""
    base = entry.base_size(request.shape)
    if request.kind == "outpaint":
        return _around(request, entry, part, stored)
    known = fields.read(stored, base) if part.box.size == request.output else None
    return None if known is None else projecting.part(entry, known, mask)


def _around(request: GenerationRequest, entry: Entry, part: Part, stored: Path | None) -> Redrawn | None:
    """The picture's fields on its canvas: both have cells of one size, of what is drawn for each."""
    edit = request.edit
    assert edit is not None
    assert edit.place is not None
    before, base = (
        entry.base_size(shape) for shape in (nearest_shape(edit.size, entry.base_sizes), request.shape)
    )
    known = fields.read(stored, before)
    if known is None:
        return None
    cell = before.width / known.shape[2]
    # Pixels of the picture and of the canvas → pixels that are drawn of each.
    old, new = cover_box(before, edit.size), cover_box(base, part.box.size)
    old_scale = (old.right - old.left) / edit.size.width
    new_scale = (new.right - new.left) / part.box.size.width
    left = old.left + (part.box.left - edit.place[0] - new.left / new_scale) * old_scale
    top = old.top + (part.box.top - edit.place[1] - new.top / new_scale) * old_scale
    size = (round(base.width / cell), round(base.height / cell))
    return projecting.widened(entry, known, size, old_scale / new_scale, left / cell, top / cell)


def looked_at(path: Path, base: Size) -> Image.Image:
    """A reference, shrunk to the area that the model draws where it is larger.

    Pipelines differ in how large a picture they look at: some shrink to one megapixel, some take any size, and with it
    any time and memory.
    """
    picture = opened(path)
    scale = math.sqrt(base.pixels / (picture.width * picture.height))
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
