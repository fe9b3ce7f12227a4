"""An instruction about up to four pictures, and layers that a model draws: what it is given, and what comes out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from generation.engine import Sources
from generation.engine.families import Batch, Step
from generation.engine.families.residency import Residency
from generation.engine.pixels.encode import Pixels
from generation.requests import catalogue, ordering
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, Journal, draw, levels_of

OTHERS = tuple(REFERENCE[:-1] + str(number) for number in range(1, 4))


class Painter:
    """A family that mixes the references it is given, and puts a square of its seed's colour on every layer."""

    capabilities = frozenset({"edit", "layers"})
    max_references = 4
    revision = "painter"

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
        self.batches.append(batch)
        size = (batch.size.width, batch.size.height)
        on_step(Step(1, 1, lambda _picture: Image.new("RGB", (32, 32))))
        if batch.layers:
            layers = torch.zeros(batch.layers, 4, batch.size.height, batch.size.width)
            for number in range(batch.layers):
                layers[number, number % 3] = 1
                layers[number, 3, :, : batch.size.width // (number + 1)] = 1
            return layers
        seen = [np.asarray(picture.resize(size)) for picture in batch.references]
        mixed = torch.from_numpy(np.mean(seen, axis=0)).permute(2, 0, 1) / 255
        return mixed[None].expand(len(batch.prompts), -1, -1, -1)

    def decode(self, latents: torch.Tensor, size: Size) -> Pixels:
        return (latents.permute(1, 2, 0) * 255).round().byte().numpy()

    def canvas(self, latents: torch.Tensor, size: Size) -> None:
        return None


@pytest.fixture
def painter() -> Painter:
    return Painter()


def an_entry() -> Entry:
    return replace(
        catalogue.get("bundled"),
        capabilities=catalogue.CAPABILITIES,
        max_references=4,
        projection="",
        scaler="lanczos",
    )


def colours(folder: Path, *names: str) -> list[Path]:
    paths = [folder / f"{name}.png" for name in names]
    for name, path in zip(names, paths, strict=True):
        Image.new("RGB", (80, 60), name).save(path)
    return paths


@pytest.mark.parametrize("count", [1, 2, 4])
def test_every_reference_reaches_the_model_in_its_order(painter: Painter, tmp_path: Path, count: int) -> None:
    first, *others = colours(tmp_path, *("red", "lime", "blue", "white")[:count])
    request = ordering.edit(
        an_entry(),
        references=(REFERENCE, *OTHERS)[:count],
        prompt="mix them",
        shape="1:1",
        size="1k",
        seed=5,
        count=2,
    )
    made = draw(
        request, an_entry(), tmp_path / "out", sources=Sources(first, others=tuple(others)),
        residency=Residency(load=lambda _entry: painter),
    )  # fmt: skip
    (batch,) = painter.batches
    assert [picture.getpixel((0, 0)) for picture in batch.references] == [
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255),
    ][:count]  # fmt: skip
    assert (batch.prompts, batch.reference, batch.mask) == (("mix them",) * 2, None, None)
    assert len(made) == 2
    with made[0].master.open("rb") as file:
        assert tuple(levels_of(file)[9, 9]) == tuple(
            np.rint(np.mean([np.asarray(p)[0, 0] for p in batch.references], axis=0)).astype(int)
        )


def test_a_reference_that_is_missing_is_said(painter: Painter, tmp_path: Path) -> None:
    (first,) = colours(tmp_path, "red")
    request = ordering.edit(
        an_entry(), references=(REFERENCE, OTHERS[0]), prompt="mix", shape="1:1", size="1k", seed=5
    )
    with pytest.raises(ValueError, match="every reference"):
        draw(
            request, an_entry(), tmp_path / "out", sources=Sources(first),
            residency=Residency(load=lambda _entry: painter),
        )  # fmt: skip


def test_layers_of_one_run_are_pictures_with_opacity(painter: Painter, tmp_path: Path) -> None:
    (first,) = colours(tmp_path, "red")
    request = ordering.layers(an_entry(), reference=REFERENCE, source=Size(80, 60), count=5, seed=5)
    journal = Journal()
    made = draw(
        request, an_entry(), tmp_path / "out", sources=Sources(first), on_progress=journal,
        residency=Residency(load=lambda _entry: painter),
    )  # fmt: skip
    (batch,) = painter.batches
    assert (batch.layers, len(batch.prompts)) == (5, 1)
    assert [picture.index for picture in made] == list(range(5))
    for number, picture in enumerate(made):
        with picture.master.open("rb") as file:
            pixels = levels_of(file)
        assert pixels.shape == (60, 80, 4)
        assert pixels[30, 2, number % 3] == 255
        assert pixels[30, 2, 3] == 255
        assert (pixels[30, 78, 3] == 255) == (number == 0)
    assert {progress.stage for progress in journal} >= {"drawing", "upscaling", "encoding"}
