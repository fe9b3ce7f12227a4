"""The network of the 4K stage: through tiles it gives what it gives for the whole picture, and the recipe names it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.bundled import superresolution
from generation.engine.pixels import scalers
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.upscale import upscaled
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size
from tests.generation.engine.orders import a_request, draw


@pytest.fixture
def network_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small network with random weights in the place of the bundled one."""
    torch.manual_seed(0)
    module = superresolution.SuperResolution(width=8, blocks=1)
    torch.nn.init.normal_(module.tail.weight, std=0.05)
    superresolution.save(module, tmp_path / "sr")
    monkeypatch.setattr(superresolution, "WEIGHTS", tmp_path / "sr")
    return tmp_path / "sr"


@pytest.fixture(autouse=True)
def _nothing_is_loaded() -> Iterator[None]:
    scalers._network.cache_clear()
    yield
    scalers._network.cache_clear()


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_in_tiles_the_network_gives_what_it_gives_for_the_whole(network_folder: Path) -> None:
    scaler = scalers.for_entry(replace(catalogue.get("bundled"), scaler="bundled-sr"))
    assert scaler is not None
    picture = noise(400, 210)
    streamed = np.concatenate(list(upscaled(picture, Size(1600, 840), scaler))).astype(int)
    whole = scaler.enlarge(picture[None].astype(np.float32) / np.float32(255))[0]
    assert np.abs(streamed - np.rint(whole * 255)).max() <= 1


@pytest.mark.long
def test_the_recipe_names_the_network_and_its_passes(
    network_folder: Path, tiny_entry: Entry, tmp_path: Path
) -> None:
    (picture,) = draw(a_request(size="2k"), replace(tiny_entry, scaler="bundled-sr"), tmp_path / "out")
    assert picture.recipe["stages"][1] == {"stage": "upscale", "scaler": "bundled-sr-x4", "passes": 3}
    assert (picture.width, picture.height) == (2048, 2048)


def test_without_its_weights_the_stage_is_lanczos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(superresolution, "WEIGHTS", tmp_path / "nowhere")
    assert scalers.for_entry(replace(catalogue.get("bundled"), scaler="bundled-sr")) is None


def test_a_model_that_wants_lanczos_gets_it(network_folder: Path) -> None:
    assert scalers.for_entry(replace(catalogue.get("bundled"), scaler="lanczos")) is None
