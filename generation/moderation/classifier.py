"""An image classifier in a folder of transformers: safetensors alone, and no code of its own."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification

from generation.hub import safety


class Classifier:
    """Any model of transformers' image classification. It runs beside the drawing, so on the processor."""

    def __init__(self, folder: Path) -> None:
        """Raises hub.HubError for files that could run code, OSError and ValueError for no such folder."""
        safety.refuse_files(path.name for path in folder.rglob("*") if path.is_file())
        local = {"local_files_only": True, "trust_remote_code": False}
        self._processor = AutoImageProcessor.from_pretrained(folder, **local)
        self._model = AutoModelForImageClassification.from_pretrained(
            folder, use_safetensors=True, **local
        ).eval()

    def scores(self, picture: Path) -> dict[str, float]:
        """A probability (0 to 1) by label, of a picture's file. One with alpha is looked at on white."""
        with Image.open(picture) as image:
            seen = _on_white(image)
        with torch.inference_mode():
            logits = self._model(**self._processor(seen, return_tensors="pt")).logits[0]
        labels = self._model.config.id2label
        return {labels[number]: float(score) for number, score in enumerate(logits.softmax(0))}


def _on_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")
