"""Selecting by clicks with an operator's model of the class of Segment Anything: points and a box in, a mask out.

The folder of its entry is one that transformers saved for SamModel or Sam2Model: `config.json`, safetensors, and maybe
`preprocessor_config.json`, of which the means and deviations of the colours are read. SAM pads a picture to a square,
SAM 2 stretches it to one (transformers 5.23: `Sam…ImageProcessor`); both are done here, since the package's own way
needs torchvision.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

from generation.engine import device
from generation.engine.contract import ModelUnavailable
from generation.engine.families import Batch, Step, running, weights
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.laying import Floats
from generation.engine.pixels.pointwise import Canvas
from generation.hub import safety
from generation.hub.places import HubError
from generation.requests.boxes import Box
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

# What `model_type` of a folder's config says → the class that runs it. The folders of SAM 2 name the model for films.
_CLASSES: Final = {"sam": "SamModel", "sam2": "Sam2Model", "sam2_video": "Sam2Model"}
_PADDED: Final = frozenset({"sam"})
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_Point = tuple[int, int]
Look = Callable[[Size], Image.Image]  # the whole picture, as RGB, at a size


def load(entry: Entry) -> "SegmentAnything":
    """Raises ModelUnavailable."""
    import transformers

    running.options(entry)
    folder = _folder(entry)
    kind = str(_json(folder / "config.json").get("model_type"))
    if kind not in _CLASSES:
        raise ModelUnavailable(
            f"{entry.id}: {folder} is for {kind!r}; the family {entry.family!r} runs {', '.join(sorted(_CLASSES))}"
        )
    try:
        model = getattr(transformers, _CLASSES[kind]).from_pretrained(
            str(folder), use_safetensors=True, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, ImportError) as error:
        raise ModelUnavailable(f"{entry.id}: {folder} can't be loaded: {error}") from error
    return SegmentAnything(
        model.eval().to(device.device()),
        _json(folder / "preprocessor_config.json"),
        entry,
        weights.revision(folder, entry),
        is_padded=kind in _PADDED,
    )


def _folder(entry: Entry) -> Path:
    """The operator's folder, which is no pipeline's: data alone, without an index. Raises ModelUnavailable."""
    folder = entry.folder
    if folder is None:
        raise ModelUnavailable(f"{entry.id}: {entry.source} is no folder here")
    try:
        safety.refuse_files(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    except HubError as error:
        raise ModelUnavailable(str(error)) from error
    return folder


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class SegmentAnything:
    """A loaded model. It draws nothing: it has as much of the protocol of families as the engine asks of any model."""

    max_references = 0

    def __init__(
        self, model: Any, settings: dict[str, Any], entry: Entry, revision: str, *, is_padded: bool
    ) -> None:
        self.capabilities = entry.capabilities & {"segment"}
        self.revision, self.name = revision, entry.id
        self._model, self._is_padded = model, is_padded
        self._side = int(model.config.prompt_encoder_config.image_size)
        self._mean = np.asarray(settings.get("image_mean", _MEAN), np.float32)
        self._deviation = np.asarray(settings.get("image_std", _DEVIATION), np.float32)

    @torch.inference_mode()
    def share(
        self,
        look: Look,
        size: Size,
        inside: Sequence[_Point],
        outside: Sequence[_Point],
        box: Box | None,
    ) -> Floats:
        """[h, w] from 0 (something else) to 1, as large as the model sees the picture, which has this size."""
        seen = self._seen(size)
        across, down = seen.width / size.width, seen.height / size.height
        points = [((x + 0.5) * across, (y + 0.5) * down) for x, y in (*inside, *outside)]
        prompts: dict[str, torch.Tensor] = {}
        if points:
            labels = [1] * len(inside) + [0] * len(outside)
            prompts["input_points"] = self._tensor([[points]])
            prompts["input_labels"] = torch.tensor([[labels]], device=device.device())
        if box is not None:
            corners = (box.left * across, box.top * down, box.right * across, box.bottom * down)
            prompts["input_boxes"] = self._tensor([[corners]])
        # One click can mean a part or the whole of a thing, so the model is asked for several answers then.
        is_vague = len(points) == 1 and box is None
        out = self._model(pixel_values=self._pixels(look(seen), seen), multimask_output=is_vague, **prompts)
        best = int(out.iou_scores[0, 0].argmax())
        levels = out.pred_masks[0, 0, best].float()[None, None]
        square = functional.interpolate(
            levels, (self._side, self._side), mode="bilinear", align_corners=False
        )
        share: Floats = square.sigmoid()[0, 0, : seen.height, : seen.width].cpu().numpy()
        return share

    def _seen(self, size: Size) -> Size:
        """How large the picture is in the square that the model sees."""
        if not self._is_padded:
            return Size(self._side, self._side)
        factor = self._side / max(size.width, size.height)
        return Size(max(1, round(size.width * factor)), max(1, round(size.height * factor)))

    def _pixels(self, picture: Image.Image, seen: Size) -> torch.Tensor:
        """[1, 3, side, side]; what a padded picture does not fill is 0."""
        colours = (np.asarray(picture, np.float32) / 255 - self._mean) / self._deviation
        square = np.zeros((self._side, self._side, 3), np.float32)
        square[: seen.height, : seen.width] = colours
        return torch.from_numpy(square.transpose(2, 0, 1)[None].copy()).to(device.device())

    def _tensor(self, values: object) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device.device())

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        raise ModelUnavailable(f"{self.name} draws no pictures")

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        raise ModelUnavailable(f"{self.name} draws no pictures")

    def canvas(self, latents: torch.Tensor, size: Size) -> Canvas | None:
        return None
