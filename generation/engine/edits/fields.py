"""The fields a picture was decoded from, stored with it: its latents, more exact than an encoder could make them."""

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from generation.engine import projecting
from generation.engine.composing import Composition
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size


def read(path: Path | None, base: Size) -> torch.Tensor | None:
    """[channels, h, w] of a picture drawn at `base`; None where there are none, or of another shape."""
    if path is None:
        return None
    try:
        found = load_file(path)["fields"].float()
    except (SafetensorError, KeyError, OSError):
        return None
    _, height, width = found.shape
    return found if width * base.height == height * base.width and base.width % width == 0 else None


def is_painted(path: Path | None) -> bool:
    """Whether the picture that these fields are of was painted, as far as they fit a drawing."""
    if path is None:
        return False
    try:
        with safe_open(path, "pt") as file:
            return projecting.PAINTED in (file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def composed(entry: Entry, path: Path | None, base: Size) -> Composition | None:
    """The picture drawn at `base` as it was drawn then; None where its fields aren't there or aren't this model's."""
    found = read(path, base)
    if found is None or not entry.projection:
        return None
    module = projecting.module_of(entry)
    return module.composed(found, painted=is_painted(path)) if found.shape[0] == module.CHANNELS else None
