"""Networks that enlarge a picture tile by tile, behind one small protocol; without one the 4K stage is Lanczos."""

import importlib
from functools import cache
from typing import Final, Protocol

import numpy as np
import torch

from generation.catalogue import ROOT, Entry
from generation.engine import device
from generation.engine.tiling import Floats

_BUNDLED: Final = ROOT / "generation" / "bundled" / "weights" / "super-resolution"


class Scaler(Protocol):
    """`enlarge` takes tiles [n, h, w, 3] of floats from 0 to 1 and gives them `scale` times as large."""

    name: str
    scale: int
    margin: int

    def enlarge(self, tiles: Floats) -> Floats: ...


def for_entry(entry: Entry) -> Scaler | None:
    """The network that this model's pictures are enlarged with; None where Lanczos does it (the recipe says which)."""
    if entry.scaler == "bundled-sr" and any(_BUNDLED.glob("*.safetensors")):
        return _bundled()
    return None


class Network:
    """A module [n, 3, h, w] → [n, 3, h * scale, w * scale] with its `scale` and `receptive_field` (radius, pixels)."""

    def __init__(self, module: torch.nn.Module, name: str) -> None:
        self.scale = int(module.scale)  # type: ignore[arg-type]
        self.margin = int(module.receptive_field)  # type: ignore[arg-type]
        self.name = f"{name}-x{self.scale}"
        self._module = module.eval()

    @torch.inference_mode()
    def enlarge(self, tiles: Floats) -> Floats:
        batch = torch.from_numpy(tiles).permute(0, 3, 1, 2).to(device.device())
        large = self._module(batch.contiguous(memory_format=torch.channels_last))
        result: Floats = large.float().permute(0, 2, 3, 1).cpu().numpy()
        return np.ascontiguousarray(result)


@cache
def _bundled() -> Scaler:
    module = importlib.import_module("generation.bundled.superresolution")
    return Network(module.load(_BUNDLED, device.device()), "bundled-sr")
