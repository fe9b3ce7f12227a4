"""Pictures of which some is painted: their files say so, and what is made from them later has the same outlines."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from generation.engine import ProducedPicture, Sources
from generation.engine.edits import fields
from generation.requests import catalogue, ordering
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, a_request, draw, levels_of

BUNDLED = catalogue.get("bundled")
ABOUT: dict[str, Any] = {"reference": REFERENCE, "source": Size(1024, 576)}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> ProducedPicture:
    request = a_request(
        prompt="a red house on a hill", shape="16:9", steps=10, guidance=BUNDLED.default_guidance
    )
    return draw(request, BUNDLED, tmp_path_factory.mktemp("scene"))[0]


@pytest.fixture
def unmarked(scene: ProducedPicture, tmp_path: Path) -> Path:
    """The fields as pictures from before have them: they don't say that anything was painted."""
    assert scene.fields
    path = tmp_path / "before.safetensors"
    save_file(load_file(scene.fields), path)
    return path


def pixels(picture: ProducedPicture) -> NDArray[np.float32]:
    with picture.master.open("rb") as file:
        return levels_of(file).astype(np.float32)


def stages(picture: ProducedPicture) -> list[str]:
    return [stage["stage"] for stage in picture.recipe["stages"]]


def steepest(picture: ProducedPicture) -> float:
    """Levels between neighbours across the sharpest edges."""
    steps = np.abs(np.diff(pixels(picture)[:, :, :3].mean(2), axis=1))
    return float(np.percentile(steps, 99.95))


def test_its_file_says_that_it_was_painted(scene: ProducedPicture, unmarked: Path) -> None:
    assert "paint" in stages(scene)
    assert fields.is_painted(scene.fields)
    assert not fields.is_painted(unmarked)
    assert not fields.is_painted(None)


def test_drawn_larger_later_it_is_the_picture_and_sharper(scene: ProducedPicture, tmp_path: Path) -> None:
    sources = Sources(scene.master, fields=scene.fields)
    (larger,) = draw(
        ordering.upscale(BUNDLED, scale="x2", **ABOUT), BUNDLED, tmp_path / "larger", sources=sources
    )
    halved = pixels(larger).reshape(576, 2, 1024, 2, 3).mean((1, 3))
    assert -10 * np.log10(np.mean(((halved - pixels(scene)) / 255) ** 2)) >= 35


def test_a_picture_from_before_stays_the_decoders(
    scene: ProducedPicture, unmarked: Path, tmp_path: Path
) -> None:
    def larger(stored: Path | None, folder: str) -> ProducedPicture:
        request = ordering.upscale(BUNDLED, scale="x2", **ABOUT)
        sources = Sources(scene.master, fields=stored)
        return draw(request, BUNDLED, tmp_path / folder, sources=sources)[0]

    assert steepest(larger(unmarked, "before")) < steepest(larger(scene.fields, "now")) / 2


def test_changed_a_little_it_keeps_its_outlines(scene: ProducedPicture, tmp_path: Path) -> None:
    request = a_request(
        kind="image_to_image", prompt="a red house on a hill", shape="16:9", reference=REFERENCE, strength=0.1,
        steps=20, guidance=BUNDLED.default_guidance,
    )  # fmt: skip
    sources = Sources(scene.master, fields=scene.fields)
    (changed,) = draw(request, BUNDLED, tmp_path / "changed", sources=sources)
    assert "paint" in stages(changed)
    assert "project" not in stages(changed)
    assert steepest(changed) > steepest(scene) / 2
