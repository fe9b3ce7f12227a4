"""What a model is given of the pictures that a request starts from."""

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from generation.engine import projecting
from generation.engine.contract import Sources
from generation.engine.edits import fields
from generation.engine.edits.boxed import Part
from generation.engine.finishing import Finish
from generation.engine.projecting import Redrawn
from generation.requests import kinds
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

    def whole(self, drawn: Finish) -> Finish:
        """The picture that the drawing becomes."""
        return self.part.laid(drawn) if self.part else drawn


def given(request: GenerationRequest, entry: Entry, sources: Sources) -> Given:
    """Open the files. Raises ValueError where they are not those of the request."""
    base, output = entry.base_size(request.shape), request.output
    if (request.reference is None) != (sources.reference is None):
        raise ValueError("a picture from a picture needs a reference, and only that does")
    if sources.reference is None:
        return Given(base=base, drawn=output)
    if request.kind in kinds.IN_A_BOX:
        part = Part.of(request, sources.reference, sources.mask)
        mask = part.small_mask(base)
        is_whole = request.kind == "inpaint" and part.box.size == output
        known = fields.read(sources.fields, base) if is_whole else None
        return Given(
            base=base, drawn=part.box.size, part=part, reference=part.reference(base), mask=mask,
            redrawn=None if known is None else projecting.part(entry, known, mask),
        )  # fmt: skip
    if request.kind == "edit":
        if len(sources.others) + 1 != len(request.references):
            raise ValueError("every reference of an instruction has to be there")
        files = (sources.reference, *sources.others)
        return Given(base=base, drawn=output, references=tuple(opened(file) for file in files))
    return Given(
        base=base,
        drawn=output,
        reference=opened(sources.reference),
        latents=fields.read(sources.fields, base),
    )


def opened(path: Path) -> Image.Image:
    """As RGB; what is transparent becomes white."""
    with Image.open(path) as picture:
        if not picture.has_transparency_data:
            return picture.convert("RGB")
        coloured = picture.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("RGB")
