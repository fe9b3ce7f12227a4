"""Qwen-Image-Edit-Plus: edits a picture by an instruction, with up to four references. One picture at a time."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import torch
from diffusers import QwenImageEditPlusPipeline
from PIL import Image
from transformers import BatchFeature, Qwen2Tokenizer, Qwen2VLImageProcessorPil

from generation.engine.contract import ModelUnavailable
from generation.engine.families import Batch, Step, running, weights
from generation.engine.families.framing import Frame, as_reference, shrunk
from generation.engine.families.qwen.image import decoded, guided, unpacked
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

_MADE_FOR: Final = frozenset({"QwenImageEditPlusPipeline"})
_MOST_REFERENCES: Final = 4
_PICTURE: Final = "<|image_pad|>"


def load(entry: Entry) -> "QwenImageEdit":
    running.options(entry)
    pipeline, revision = running.loaded(entry, QwenImageEditPlusPipeline, _MADE_FOR, processor=None)
    pipeline.processor = PictureReader.of(entry)
    return QwenImageEdit(pipeline, entry, revision)


class QwenImageEdit:
    """The pipeline draws one picture at a time."""

    def __init__(self, pipeline: Any, entry: Entry, revision: str) -> None:
        self.capabilities = running.able(entry, {"edit"})
        self.max_references = min(_MOST_REFERENCES, entry.max_references)
        self.revision = revision
        self._name = entry.id
        self.pipeline = self._pipeline = pipeline
        self._factor = int(pipeline.vae_scale_factor)

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        running.refuse_unable(self, batch, self._name)
        return running.one_by_one(batch, on_step, self._run_one, lambda one: self._preview(one, batch.size))

    def _run_one(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        frame = self._frame(batch.size)
        height, width = frame.drawn.height // self._factor, frame.drawn.width // self._factor
        running.fresh_scheduler(self._pipeline)
        latents = running.run(
            self._pipeline,
            guided(batch)
            | {
                "image": [as_reference(picture) for picture in batch.references],
                "width": frame.drawn.width,
                "height": frame.drawn.height,
            },
            on_step,
            lambda one: self._preview(unpacked(one, height, width), batch.size),
        )
        return unpacked(latents, height, width)

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return self._frame(size).cropped(decoded(self._pipeline.vae, latents[None], self._factor))

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None

    def _preview(self, latents: torch.Tensor, size: Size) -> Image.Image:
        small = decoded(self._pipeline.vae, shrunk(latents, self._factor), self._factor)
        return self._frame(size).preview(Image.fromarray(small))

    def _frame(self, size: Size) -> Frame:
        return Frame.around(size, 2 * self._factor)


class PictureReader:
    """Words and pictures as the text encoder takes them, read with Pillow.

    The library's own processor also reads films and needs torchvision for that. With two ways to shrink a picture,
    one seed would give two results; so this is the only one.
    """

    def __init__(self, pictures: Qwen2VLImageProcessorPil, tokenizer: Qwen2Tokenizer) -> None:
        self._pictures, self._tokenizer = pictures, tokenizer

    @classmethod
    def of(cls, entry: Entry) -> "PictureReader":
        """From the folder `processor` of the weights. Raises ModelUnavailable."""
        folder = weights.locate(entry) / "processor"
        try:
            return cls(
                Qwen2VLImageProcessorPil.from_pretrained(str(folder), local_files_only=True),
                Qwen2Tokenizer.from_pretrained(str(folder), local_files_only=True),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(f"{entry.id}: {folder} can't be loaded: {error}") from error

    def __call__(
        self, text: Sequence[str], images: Sequence[Image.Image], padding: bool, return_tensors: str
    ) -> BatchFeature:
        """One mark for a picture in `text` becomes as many as the encoder makes of it; every text shows them all."""
        seen = self._pictures(list(images) * len(text), return_tensors=return_tensors)
        places = [int(grid.prod()) // self._pictures.merge_size**2 for grid in seen["image_grid_thw"]]
        filled = [self._filled(words, places[: len(images)]) for words in text]
        return BatchFeature(
            {**self._tokenizer(filled, padding=padding, return_tensors=return_tensors), **seen}
        )

    @staticmethod
    def _filled(words: str, places: Sequence[int]) -> str:
        parts = words.split(_PICTURE, len(places))
        return parts[0] + "".join(
            _PICTURE * count + part for count, part in zip(places, parts[1:], strict=True)
        )
