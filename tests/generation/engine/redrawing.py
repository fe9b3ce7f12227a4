"""A stand-in for a family that draws detail, and what it is given: for tests of tiles, networks and memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from generation.engine import ProducedPicture, Sources
from generation.engine.families import Batch, Step
from generation.engine.families.residency import Residency
from generation.engine.pixels.encode import Pixels
from generation.requests import catalogue, ordering
from generation.requests.catalogue import Entry
from generation.requests.enhancing import Enhance
from generation.requests.request import GenerationRequest
from generation.requests.sizes import SHAPES, Size
from tests.generation.engine.orders import REFERENCE, draw, levels_of

HOW = Enhance(strength=0.5, steps=4, tile=256)
SOURCE = Size(300, 200)


class Redrawer:
    """A family that gives back what it sees, with detail from its noise, and each tile in a light of its own.

    It keeps what it was given; with `keeps` off only that it was given something, where memory is measured.
    """

    capabilities, max_references, revision = frozenset({"image_to_image", "text_to_image"}), 0, "stub"

    def __init__(self, *, drift: int = 0, detail: float = 0.0, most: int = 10**9, keeps: bool = True) -> None:
        self.drift, self.detail, self.most, self.keeps = drift, detail, most, keeps
        self.batches: list[Batch] = []

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        if batch.reference is None:
            return torch.full((1, batch.size.height, batch.size.width, 3), 90.0)
        self.batches.append(batch if self.keeps else replace(batch, reference=None))
        if batch.size.pixels > self.most:
            raise torch.OutOfMemoryError("no more memory (a test)")
        on_step(Step(1, 1, lambda _picture: batch.reference or Image.new("RGB", (1, 1))))
        assert batch.noise is not None
        seen = torch.from_numpy(np.asarray(batch.reference).astype(np.float32))
        cells = batch.noise.like(torch.zeros(1, 1, batch.size.height // 8, batch.size.width // 8))
        fine = cells.repeat_interleave(8, 2).repeat_interleave(8, 3)[0, 0]
        light = self.drift * (-1) ** len(self.batches)
        seen += (
            light + self.detail * fine[:, :, None]
        )  # in place: what it takes itself isn't what is measured
        return seen[None]

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return latents.round_().clamp_(0, 255).to(torch.uint8).numpy()

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None


def an_entry(**changes: Any) -> Entry:
    sizes = {shape: Size(64, 64) for shape in SHAPES}
    able = frozenset({"text_to_image", "image_to_image", "upscale"})
    usual: dict[str, Any] = {
        "base_sizes": sizes,
        "scaler": "lanczos",
        "projection": "",
        "enhance": HOW,
        "capabilities": able,
    }
    return replace(catalogue.get("bundled"), **(usual | changes))


def a_gradient(size: Size = SOURCE) -> Image.Image:
    """Softly from a dark to a light blue: where borders show first."""
    ramp = np.linspace(60, 180, size.width)[None, :, None] + np.linspace(0, 30, size.height)[:, None, None]
    return Image.fromarray((ramp * np.array([0.5, 0.8, 1.0])).astype(np.uint8))


def a_photo(size: Size = SOURCE) -> Image.Image:
    """Detail of every size, as in a photograph: noise with a spectrum of 1/f."""
    random = np.random.default_rng(3)
    total = np.zeros((size.height, size.width, 3))
    for coarse in (2, 4, 8, 16, 32, 64):
        some = random.integers(0, 256, (coarse, coarse * 3 // 2, 3), dtype=np.uint8)
        total += (
            np.asarray(Image.fromarray(some).resize((size.width, size.height), Image.Resampling.BICUBIC))
            / coarse
        )
    return Image.fromarray((40 + total * 160 / total.max()).astype(np.uint8))


def enhanced(
    folder: Path,
    family: Redrawer,
    picture: Image.Image | None = None,
    entry: Entry | None = None,
    **options: Any,
) -> ProducedPicture:
    """The picture, twice as large, with detail."""
    entry = entry or an_entry()
    picture = picture or a_gradient()
    folder.mkdir(exist_ok=True)
    picture.save(folder / "a.png")
    request = options.pop("request", None) or upscaled_twice(entry, Size(*picture.size))
    lends = Residency(load=lambda _entry: family)
    sources = Sources(folder / "a.png")
    (made,) = draw(request, entry, folder / "out", sources=sources, residency=lends, **options)
    return made


def upscaled_twice(entry: Entry, source: Size, seed: int = 5) -> GenerationRequest:
    return ordering.upscale(
        entry, reference=REFERENCE, source=source, scale="x2", prompt="a lake", enhance=True, seed=seed
    )


def pixels_of(made: ProducedPicture) -> NDArray[np.int64]:
    with made.master.open("rb") as file:
        return levels_of(file).astype(np.int64)
