"""Networks that an operator brings for enlarging: what is read, what is refused, and that tiles show no border."""

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from generation.engine import ModelUnavailable, Sources
from generation.engine.families.residency import Residency
from generation.engine.pixels import brought, scalers
from generation.engine.pixels.upscale import upscaled
from generation.requests import catalogue, ordering
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, draw
from tests.generation.engine.redrawing import Redrawer, a_photo, an_entry

with_spandrel = pytest.mark.skipif(
    importlib.util.find_spec("spandrel") is None or importlib.util.find_spec("torchvision") is None,
    reason="runs a network by spandrel, of the extra 'vision', which isn't installed",
)


@pytest.fixture(autouse=True)
def _nothing_is_loaded() -> Iterator[None]:
    scalers._network.cache_clear()
    yield
    scalers._network.cache_clear()


def a_network(path: Path, scale: int = 4, channels: int = 3) -> Path:
    """Real-ESRGAN's compact class with random weights."""
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    network = Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=2, upscale=scale)
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
    return path


@with_spandrel
@pytest.mark.parametrize("is_folder", [False, True], ids=["file", "folder"])
def test_in_tiles_it_gives_what_it_gives_for_the_whole(tmp_path: Path, *, is_folder: bool) -> None:
    path = a_network(tmp_path / "tiny.safetensors")
    scaler = scalers.for_entry(an_entry(scaler=str(tmp_path if is_folder else path)))
    assert scaler is not None
    assert (scaler.name, scaler.scale) == ("tiny-x4", 4)
    picture = np.asarray(a_photo(Size(400, 210)))
    streamed = np.concatenate(list(upscaled(picture, Size(1600, 840), scaler))).astype(int)
    whole = scaler.enlarge(picture[None].astype(np.float32) / np.float32(255))[0]
    assert np.abs(streamed - np.rint(whole * 255)).max() <= 1


@with_spandrel
def test_pictures_of_any_origin_are_enlarged_by_it_and_the_recipe_names_its_weights(tmp_path: Path) -> None:
    entry = an_entry(scaler=str(a_network(tmp_path / "tiny.safetensors")))
    size = Size(120, 90)
    a_photo(size).save(tmp_path / "a.png")
    request = ordering.upscale(entry, reference=REFERENCE, source=size, scale="x4")
    lends = Residency(load=lambda _entry: Redrawer())
    (made,) = draw(request, entry, tmp_path / "out", sources=Sources(tmp_path / "a.png"), residency=lends)
    stage: dict[str, Any] = made.recipe["stages"][0]
    assert (stage["scaler"], stage["passes"]) == ("tiny-x4", 1)
    assert stage["revision"].startswith("sha256:")


@with_spandrel
@pytest.mark.parametrize(
    ("changes", "says"), [({"scale": 1}, "doesn't enlarge"), ({"channels": 1}, "takes 1 channels")]
)
def test_a_network_of_another_use_is_refused(tmp_path: Path, changes: dict[str, int], says: str) -> None:
    with pytest.raises(ModelUnavailable, match=says):
        brought.load(str(a_network(tmp_path / "tiny.safetensors", **changes)))


@with_spandrel
def test_weights_that_spandrel_does_not_know_are_an_error(tmp_path: Path) -> None:
    save_file({"something": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelUnavailable, match="spandrel knows no network"):
        brought.load(str(tmp_path / "a.safetensors"))


@with_spandrel
def test_a_file_that_is_no_safetensors_is_never_unpickled(tmp_path: Path) -> None:
    torch.save({"body.0.weight": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelUnavailable, match="no safetensors file"):
        brought.load(str(tmp_path / "a.safetensors"))


def test_a_folder_needs_exactly_one(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="0 are in it"):
        brought.load(str(tmp_path))
    for name in "ab":
        save_file({"x": torch.zeros(1)}, tmp_path / f"{name}.safetensors")
    with pytest.raises(ModelUnavailable, match="2 are in it"):
        brought.load(str(tmp_path))


def test_without_the_extra_a_sentence_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "a.safetensors")
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(ModelUnavailable, match="extra 'vision', which isn't installed"):
        brought.load(str(tmp_path / "a.safetensors"))


def test_names_and_places_are_told_apart() -> None:
    assert scalers.for_entry(replace(catalogue.get("bundled"), scaler="lanczos")) is None
    found = scalers.for_pictures(replace(catalogue.get("bundled"), scaler="lanczos"))
    assert found is not None
    assert found.name == "bundled-sr-x4"
