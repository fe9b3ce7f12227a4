"""The fields a picture was decoded from, stored with it: its latents, more exact than an encoder could make them."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

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
