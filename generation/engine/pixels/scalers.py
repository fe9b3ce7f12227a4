"""Networks that enlarge a picture tile by tile, behind one small protocol; without one the 4K stage is Lanczos."""

import importlib
from functools import cache
from typing import Any, Final, Protocol

import numpy as np
import torch

from generation.engine import device
from generation.engine.pixels import brought
from generation.engine.pixels.tiling import Floats
from generation.requests.catalogue import NATIVE, SCALERS, Entry

OF_PIXELS: Final = ", ".join(name for name in SCALERS if name != NATIVE)


class Scaler(Protocol):
    """`enlarge` takes tiles [n, h, w, 3] of floats from 0 to 1 and gives them `scale` times as large.

    `revision` says which weights, where the version of the project doesn't.
    """

    name: str
    revision: str
    scale: int
    margin: int

    def enlarge(self, tiles: Floats) -> Floats: ...


def for_entry(entry: Entry) -> Scaler | None:
    """Return the network that enlarges this model's pictures; None where Lanczos does (the recipe says which)."""
    return _network(entry.scaler)


def for_pictures(entry: Entry) -> Scaler | None:
    """Return the network for pictures of any origin: the one that the entry brings, else the project's own.

    None without its weights.
    """
    return _network(entry.scaler if _is_brought(entry.scaler) else "bundled-sr")


def stage(scaler: Scaler | None, passes: int) -> dict[str, Any]:
    """What a recipe says of it."""
    if scaler is None:
        return {"stage": "upscale", "scaler": "lanczos", "passes": passes}
    named = {"stage": "upscale", "scaler": scaler.name, "passes": passes}
    return named | ({"revision": scaler.revision} if scaler.revision else {})


class Network:
    """A module [n, 3, h, w] → [n, 3, h * scale, w * scale] with its `scale` and `receptive_field` (radius, pixels)."""

    revision = ""

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
def _network(name: str) -> Scaler | None:
    if _is_brought(name):
        return brought.load(name)
    if not SCALERS[name]:
        return None
    module = importlib.import_module(SCALERS[name])
    if not any(module.WEIGHTS.glob("*.safetensors")):
        return None
    return Network(module.load(module.WEIGHTS, device.device()), name)


def _is_brought(name: str) -> bool:
    """Whether it is no name of SCALERS, but where a network of the operator's lies."""
    return name not in SCALERS
