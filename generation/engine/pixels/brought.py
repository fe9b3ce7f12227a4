"""Networks for enlarging that an operator brings (Real-ESRGAN and its like), as spandrel knows them by their weights.

Only safetensors are read, here and not by spandrel, so nothing in the file can run. Spandrel's second package, with
architectures that are not for commercial use, is never asked for.
"""

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from generation.engine import device
from generation.engine.contract import ModelUnavailable
from generation.engine.pixels.tiling import Floats
from generation.requests.catalogue import ROOT

# Pixels around a tile that are dropped. These networks look further, but what lies beyond changes next to nothing.
_MARGIN: Final = 24


class Brought:
    """One network; `revision` names its weights in recipes."""

    margin = _MARGIN

    def __init__(self, network: Any, name: str, revision: str) -> None:
        self._network = network.eval()
        self.scale, self.revision = int(network.scale), revision
        self.name = f"{name}-x{self.scale}"

    @torch.inference_mode()
    def enlarge(self, tiles: Floats) -> Floats:
        return np.concatenate([self._one(tile) for tile in tiles])

    def _one(self, tile: Floats) -> Floats:
        """[h, w, 3] → [1, h * scale, w * scale, 3]: spandrel takes one picture at a time, and pads it as needed."""
        network = self._network
        levels = torch.from_numpy(tile).permute(2, 0, 1)[None].to(network.device, network.dtype)
        large: Floats = network(levels).float().permute(0, 2, 3, 1).cpu().numpy()
        return large


def load(place: str) -> Brought:
    """The network in a .safetensors file, or in a folder with one. Raises ModelUnavailable."""
    path = _file(place)
    try:
        import spandrel  # of an extra, and it imports torchvision
    except ImportError as error:
        raise ModelUnavailable(
            f"{path}: networks of this kind need the extra 'vision', which isn't installed ({error})"
        ) from error
    try:
        network = spandrel.ModelLoader().load_from_state_dict(load_file(path))
    except (SafetensorError, OSError) as error:
        raise ModelUnavailable(f"{path}: this is no safetensors file that can be read ({error})") from error
    except Exception as error:
        # Whatever an architecture raises over weights that are nearly its own.
        raise ModelUnavailable(f"{path}: spandrel knows no network with these weights ({error})") from error
    _refuse_unfit(network, path, spandrel)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Brought(network.to(device.device(), _dtype(network)), path.stem, f"sha256:{digest[:32]}")


def _file(place: str) -> Path:
    path = ROOT / Path(place).expanduser()
    if path.is_file():
        return path
    found = sorted(path.glob("*.safetensors"))
    if len(found) != 1:
        raise ModelUnavailable(
            f"{path}: name a .safetensors file that is there, or a folder with one ({len(found)} are in it)"
        )
    return found[0]


def _refuse_unfit(network: Any, path: Path, spandrel: Any) -> None:
    """Only what makes three colours larger, and may be shown a picture in tiles."""
    named = f"{path}: {network.architecture.name}"
    if not isinstance(network, spandrel.ImageModelDescriptor) or network.scale < 2:
        raise ModelUnavailable(f"{named} doesn't enlarge pictures; choose a network of ×2 or more")
    if (network.input_channels, network.output_channels) != (3, 3):
        raise ModelUnavailable(
            f"{named} takes {network.input_channels} channels; choose one for colour pictures"
        )
    if network.tiling == spandrel.ModelTiling.INTERNAL:
        raise ModelUnavailable(f"{named} has to see whole pictures, and large ones are enlarged in tiles")


def _dtype(network: Any) -> torch.dtype:
    """The device's own, where the network is made for it."""
    wanted = device.dtype()
    able = {torch.float16: network.supports_half, torch.bfloat16: network.supports_bfloat16}
    return wanted if able.get(wanted, True) else torch.float32
