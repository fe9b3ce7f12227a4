"""Between drawing and decoding: project latents onto those of a drawing, for models whose latents can be read."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

import torch
from PIL import Image
from safetensors.torch import save_file

from generation.engine.composing import Composition
from generation.engine.families.inpainting import latent_mask
from generation.requests.catalogue import PROJECTIONS, Entry


@dataclass(frozen=True, slots=True)
class Understood:
    """One picture to decode, what its recipe says about it, and whether its latents are worth keeping."""

    picture: torch.Tensor | Composition
    stages: tuple[dict[str, Any], ...] = ()
    is_kept: bool = False

    @property
    def latents(self) -> torch.Tensor:
        return self.picture if isinstance(self.picture, torch.Tensor) else self.picture.fields


# What the file of a picture's fields says of one that was painted; pictures from before the decoder drew whole.
PAINTED: Final = "painted"


class Redrawn(Protocol):
    """What a run begins with [C, h, w], the levels of what it may change, and the picture's fields with its drawing."""

    seen: torch.Tensor
    levels: torch.Tensor

    def whole(self, drawn: torch.Tensor) -> torch.Tensor: ...


def redrawn_part(
    entry: Entry, part_: Redrawn, latents: torch.Tensor, *, whole: bool, painted: bool
) -> Understood:
    """Put what was drawn into the picture's fields and project that; what the run may not change stays as it was.

    `whole` says whether these are the fields of just the picture, `painted` whether that was painted.
    """
    module, drawn = module_of(entry), part_.whole(latents)
    found = module.project(drawn)
    fields = torch.where(part_.levels.to(drawn.device) > 0, found.fields, drawn)
    return _composed(module, fields, _projected(found), whole=whole, painted=painted)


def understood(
    entry: Entry, kind: str, latents: torch.Tensor, *, whole: bool = True, painted: bool = True
) -> Understood:
    """Project the latents of a picture from words, where the model's entry says so, and paint what fits a drawing.

    With a reference, the latents stay as they are: what it shows may be nothing that could be drawn. Those of a part
    that was laid into something else (`whole` false) are no fields of the picture. `painted` says whether a picture
    that this one was made from was painted.
    """
    if not entry.projection:
        return Understood(latents)
    module = module_of(entry)
    if latents.shape[0] != module.CHANNELS:  # weights of another make under this entry
        return Understood(latents)
    if kind != "text_to_image":
        return _composed(module, latents, (), whole=whole, painted=painted)
    found = module.project(latents)
    return _composed(module, found.fields, _projected(found), whole=whole, painted=painted)


def _projected(found: Any) -> tuple[dict[str, Any], ...]:
    return ({"stage": "project", "things": found.things, "lines": found.lines},)


def _composed(
    module: Any, fields: torch.Tensor, stages: tuple[dict[str, Any], ...], *, whole: bool, painted: bool
) -> Understood:
    if not painted:
        return Understood(fields, stages, is_kept=whole)
    # As they are kept: what is read from the file later has to be the same picture.
    picture = module.composed(fields.half().to(fields), painted=True)
    if picture.painting:
        stages = (*stages, {"stage": "paint", "things": picture.painted})
    return Understood(picture, stages, is_kept=whole)


def module_of(entry: Entry) -> Any:
    """What understands the latents of this model, which names one."""
    return importlib.import_module(PROJECTIONS[entry.projection])


def part(entry: Entry, fields: torch.Tensor, mask: Image.Image) -> Redrawn | None:
    """What is redrawn of a picture whose fields are known; None for models whose fields can't be understood."""
    module = importlib.import_module(PROJECTIONS[entry.projection]) if entry.projection else None
    if module is None or fields.shape[0] != module.CHANNELS:
        return None
    marked = latent_mask(mask, fields.shape[1], fields.shape[2])
    return cast("Redrawn", module.part(fields, marked))


def widened(
    entry: Entry, fields: torch.Tensor, size: tuple[int, int], step: float, left: float, top: float
) -> Redrawn | None:
    """What is drawn around a picture whose fields are known, on a canvas of so many columns and rows of cells.

    A new cell is `step` old ones wide, and the corner of the first is at (left, top) in old cells. None for models
    whose fields can't be understood.
    """
    module = importlib.import_module(PROJECTIONS[entry.projection]) if entry.projection else None
    if module is None or fields.shape[0] != module.CHANNELS:
        return None
    return cast("Redrawn", module.widened(fields, size, step, left, top))


def keep(found: Understood, path: Path) -> Path | None:
    """Write the latents as fp16 to a safetensors file, if they are worth it; return where."""
    if not found.is_kept:
        return None
    fields = found.latents.detach().half().cpu().contiguous()
    is_painted = not isinstance(found.picture, torch.Tensor) and found.picture.painting is not None
    save_file({"fields": fields}, path, {PAINTED: "yes"} if is_painted else None)
    return path
