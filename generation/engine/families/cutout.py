"""Background removal by an operator's ONNX model of the U²-Net and BiRefNet class: one picture in, its opacity out.

The folder of its entry holds `model.onnx`, with its weights inside, and may hold `preprocess.json`: `size` [width,
height], `mean` and `std` of the three colours. It is run by onnxruntime, which runs no code of the file's.
"""

import hashlib
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from generation.engine import device
from generation.engine.contract import ModelUnavailable
from generation.engine.families import Batch, Step, running
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.pointwise import Canvas
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_USUAL: Final = {"size": [1024, 1024], "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
_PROVIDERS: Final = {"cuda": "CUDAExecutionProvider", "mps": "CoreMLExecutionProvider"}


def load(entry: Entry) -> "Cutout":
    running.options(entry)
    if entry.folder is None:
        raise ModelUnavailable(f"{entry.id}: {entry.source} is no folder here")
    path = entry.folder / "model.onnx"
    try:
        runtime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise ModelUnavailable(f"{entry.id}: install the extra «cutout» (onnxruntime)") from error
    try:
        content = path.read_bytes()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = device.set_threads()
        wanted = (_PROVIDERS.get(device.device().type), "CPUExecutionProvider")
        available = [name for name in wanted if name in runtime.get_available_providers()]
        # From its bytes: a model that keeps weights in other files, wherever those may be, is not read.
        session = runtime.InferenceSession(content, options, providers=available)
        settings = _settings(entry.folder)
    except OSError as error:
        raise ModelUnavailable(f"{entry.id}: {path} can't be read: {error.strerror}") from error
    except Exception as error:
        raise ModelUnavailable(f"{entry.id}: {path} can't be loaded: {error}") from error
    return Cutout(session, settings, entry, f"sha256:{hashlib.sha256(content).hexdigest()[:32]}")


def _settings(folder: Path) -> dict[str, Any]:
    file = folder / "preprocess.json"
    own = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    if unknown := own.keys() - _USUAL.keys():
        raise ValueError(f"preprocess.json has {min(unknown)!r}; it may have {', '.join(_USUAL)}")
    settings = _USUAL | own
    width, height = settings["size"]
    return settings | {"size": (int(width), int(height))}


class Cutout:
    """A loaded model. It draws nothing: it has as much of the protocol of families as the engine asks of any model."""

    max_references = 0

    def __init__(self, session: Any, settings: dict[str, Any], entry: Entry, revision: str) -> None:
        self.capabilities = entry.capabilities & {"remove_background"}
        self.revision, self.name = revision, entry.id
        self._session, self._settings = session, settings
        self._input = session.get_inputs()[0].name

    def opacity(self, picture: Image.Image) -> NDArray[np.float32]:
        """An RGB picture → [h, w] from 0 (background) to 1, of the model's own size."""
        small = picture.resize(self._settings["size"], Image.Resampling.BILINEAR)
        mean, std = (np.asarray(self._settings[name], np.float32) for name in ("mean", "std"))
        colours = (np.asarray(small, np.float32) / 255 - mean) / std
        outputs = self._session.run(None, {self._input: colours.transpose(2, 0, 1)[None]})
        return _as_share(np.asarray(outputs[0], np.float32).squeeze())

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        raise ModelUnavailable(f"{self.name} draws no pictures")

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        raise ModelUnavailable(f"{self.name} draws no pictures")

    def canvas(self, latents: torch.Tensor, size: Size) -> Canvas | None:
        return None


def _as_share(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert the model's output: shares are taken as they are, other numbers as logits."""
    if levels.ndim != 2:
        raise ModelUnavailable(f"the model gives {levels.shape}, not one value a pixel")
    is_share = levels.min() >= 0 and levels.max() <= 1
    share: NDArray[np.float32] = (levels if is_share else 1 / (1 + np.exp(-levels))).astype(np.float32)
    return share
