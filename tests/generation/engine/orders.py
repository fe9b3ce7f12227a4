"""Requests, orders and runs for the tests of the engine."""

from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engine import PictureOrder, ProducedPicture, Progress
from generation.engine.production import produce
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.request import GenerationRequest
from generation.requests.sizes import SHAPES, Size

REFERENCE = "upload:00000000-0000-0000-0000-000000000000"


def a_request(**changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {
        "kind": "text_to_image",
        "model": "bundled",
        "prompt": "a red sailboat at sunset",
        "shape": "1:1",
        "size": "1k",
        "count": 1,
        "seed": 7,
        "steps": 4,
        "guidance": 4.0,
    }
    return GenerationRequest(**(values | changes))


def orders_of(request: GenerationRequest) -> list[PictureOrder]:
    return [PictureOrder(request, index, request.seed_of(index)) for index in range(request.count)]


def an_entry(folder: Path, **changes: Any) -> Entry:
    """An entry like the bundled one for a tiny pipeline, which draws 64 px."""
    sizes = {shape: Size(64, 64) for shape in SHAPES} | {"16:9": Size(64, 40)}
    return replace(
        catalogue.get("bundled"),
        source=str(folder),
        base_sizes=sizes,
        scaler="lanczos",
        projection="",
        id="bundled",
        **changes,
    )


class Journal(list[Progress]):
    """An `on_progress` that remembers."""

    def __call__(self, progress: Progress) -> None:
        self.append(progress)

    def of_stage(self, stage: str) -> list[Progress]:
        return [progress for progress in self if progress.stage == stage]


def draw(request: GenerationRequest, entry: Entry, folder: Path, **options: Any) -> list[ProducedPicture]:
    folder.mkdir(exist_ok=True)
    options.setdefault("on_progress", Journal())
    return list(produce(orders_of(request), entry, workdir=folder, **options))


def levels_of(file: IO[bytes]) -> NDArray[np.uint8]:
    """The pixels of a picture file, as they are stored."""
    with Image.open(file) as picture:
        return np.asarray(picture)
