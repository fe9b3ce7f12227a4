"""Between drawing and decoding: project latents onto those of a drawing, for models whose latents can be read."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from PIL import Image
from safetensors.torch import save_file

from generation.engine.families.inpainting import latent_mask
from generation.requests.catalogue import PROJECTIONS, Entry


@dataclass(frozen=True, slots=True)
class Understood:
    """The latents of one picture to decode, what its recipe says about it, and whether they are worth keeping."""

    latents: torch.Tensor
    stages: tuple[dict[str, Any], ...] = ()
    is_kept: bool = False


class Redrawn(Protocol):
    """What a run begins with [C, h, w], the levels of what it may change, and the picture's fields with its drawing."""

    seen: torch.Tensor
    levels: torch.Tensor

    def whole(self, drawn: torch.Tensor) -> torch.Tensor: ...


def redrawn_part(entry: Entry, part_: Redrawn, latents: torch.Tensor, *, whole: bool) -> Understood:
    """Put what was drawn into the picture's fields and project that; what the run may not change stays as it was.

    `whole` says whether these are the fields of just the picture.
    """
    drawn = part_.whole(latents)
    found = understood(entry, "text_to_image", drawn)
    fields = torch.where(part_.levels.to(drawn.device) > 0, found.latents, drawn)
    return Understood(fields, found.stages, is_kept=whole)


def understood(entry: Entry, kind: str, latents: torch.Tensor, *, whole: bool = True) -> Understood:
    """Project the latents of a picture from words, where the model's entry says so.

    With a reference, the latents stay as they are: what it shows may be nothing that could be drawn. Those of a part
    that was laid into something else (`whole` false) are no fields of the picture.
    """
    if not entry.projection:
        return Understood(latents)
    module = importlib.import_module(PROJECTIONS[entry.projection])
    if latents.shape[0] != module.CHANNELS:  # weights of another make under this entry
        return Understood(latents)
    project = cast("Callable[[torch.Tensor], Any]", module.project)
    if kind != "text_to_image":
        return Understood(latents, is_kept=whole)
    found = project(latents)
    stage = {"stage": "project", "things": found.things, "lines": found.lines}
    return Understood(found.fields, (stage,), is_kept=whole)


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


def keep(picture: Understood, path: Path) -> Path | None:
    """Write the latents as fp16 to a safetensors file, if they are worth it; return where."""
    if not picture.is_kept:
        return None
    save_file({"fields": picture.latents.detach().half().cpu().contiguous()}, path)
    return path
