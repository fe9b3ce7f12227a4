"""Makes a picture larger: its decoder draws it anew at that size where its fields are stored, else super-resolution."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import torch

from generation.engine.composing import Composition, points
from generation.engine.edits import fields
from generation.engine.edits.original import Original
from generation.engine.families import Family
from generation.engine.finishing import Finish, finish
from generation.engine.pixels import scalers, upscale
from generation.engine.pixels.encode import Pixels
from generation.requests.catalogue import NATIVE, Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size


def upscaled(
    request: GenerationRequest, entry: Entry, family: Family, reference: Path, stored: Path | None
) -> Finish:
    """The picture at the request's output size."""
    base = entry.base_size(request.shape)
    known = _known(entry, stored, base) if entry.scaler == NATIVE else None
    if known is not None and points(family, known, base, request.output) is not None:
        return finish(family, entry, known, base, request.output)
    return _Enlarged(Original.read(reference), request.output, scalers.for_pictures(entry))


def _known(entry: Entry, stored: Path | None, base: Size) -> torch.Tensor | Composition | None:
    """What was drawn: composed where this model's fields can be understood, else as the decoder has it."""
    found = fields.composed(entry, stored, base)
    return fields.read(stored, base) if found is None else found


class _Enlarged:
    """By a network in tiles."""

    every: int | None = None

    def __init__(self, original: Original, output: Size, scaler: scalers.Scaler | None) -> None:
        self._original, self._output, self._scaler = original, output, scaler
        self.small, self.channels = original.sampled(), original.channels
        self.stages: tuple[dict[str, Any], ...] = (
            scalers.stage(scaler, upscale.passes(original.size, output, scaler)),
        )

    def strips(self) -> Generator[Pixels]:
        original = self._original
        return upscale.streamed(original.strips, original.size, original.channels, self._output, self._scaler)
