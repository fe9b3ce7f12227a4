"""Weights where the card is small: quantised while they are read, offloaded part by part, and measured as they are."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import torch
from safetensors import safe_open

from generation.engine import device, placement
from generation.engine.contract import ModelUnavailable
from generation.engine.families import Family, load
from generation.requests.catalogue import Entry
from tests.generation.engine import quantised
from tests.generation.engine.families.batches import a_batch
from tests.generation.engine.tiny.models import MODELS

Named = Callable[[str], Entry]


@pytest.fixture(scope="module")
def entry(tmp_path_factory: pytest.TempPathFactory) -> Named:
    """The entry of a tiny model, which is saved when it is first asked for."""
    found: dict[str, Entry] = {}

    def named(name: str) -> Entry:
        if name not in found:
            found[name] = MODELS[name].entry(MODELS[name].save(tmp_path_factory.mktemp(name)))
        return found[name]

    return named


@pytest.fixture
def offloading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offload on the processor too: hooks and order are those of a card, only the way is shorter."""

    def placed(pipeline: Any, _entry: Entry) -> Any:
        placement.offload(pipeline, torch.device("cpu"))
        return pipeline

    monkeypatch.setattr(placement, "placed", placed)


def drawn(family: Family, kind: str) -> torch.Tensor:
    return family.run(a_batch(kind), lambda _step: None)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("name", "kind"),
    [("sdxl", "inpaint"), ("z-image", "image_to_image"), ("flux2-klein", "inpaint")],
)
def test_an_offloaded_model_draws_the_same_again_and_again(
    entry: Named, request: pytest.FixtureRequest, name: str, kind: str
) -> None:
    whole = load(entry(name))
    request.getfixturevalue("offloading")
    offloaded = load(replace(entry(name), offload="model"))
    size = a_batch(kind).size
    for kind_of_run in ("text_to_image", kind, "text_to_image"):
        expected, found = drawn(whole, kind_of_run), drawn(offloaded, kind_of_run)
        assert torch.equal(expected, found)
        assert (whole.decode(expected[0], size) == offloaded.decode(found[0], size)).all()


def test_after_a_cancelled_run_an_offloaded_model_is_as_before(
    entry: Named, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("offloading")
    family = load(replace(entry("z-image"), offload="model"))
    expected = drawn(family, "image_to_image")

    def stop(_step: object) -> None:
        raise KeyError("stopped")

    with pytest.raises(KeyError):
        family.run(a_batch("image_to_image"), stop)
    assert torch.equal(drawn(family, "image_to_image"), expected)


def test_on_a_processor_alone_there_is_nothing_to_offload_to(entry: Named) -> None:
    family: Any = load(replace(entry("z-image"), offload="model"))
    assert not placement.is_offloaded(family._text)


def test_a_decoder_that_is_asked_for_points_refuses_to_be_offloaded(
    request: pytest.FixtureRequest,
) -> None:
    from generation.requests import catalogue

    request.getfixturevalue("offloading")
    with pytest.raises(ModelUnavailable, match="can't be offloaded; take offload out"):
        load(replace(catalogue.get("bundled"), offload="model"))


@pytest.mark.long
@pytest.mark.parametrize("numbers", ["int8", "float8"])
def test_a_quantised_model_is_smaller_draws_nearly_the_same_and_its_recipe_says_so(numbers: str) -> None:
    try:
        found = quantised.in_a_process(numbers)
    except quantised.Missing as missing:
        pytest.skip(str(missing))
    for name, (plain, small) in found["linear_bytes"].items():
        assert small < plain / 2, name  # from four bytes a weight to one, and a scale for each row
    for name, share in found["differs_by"].items():
        assert 0 < share < 0.1, name
    for name, revisions in found["revisions"].items():
        assert revisions[1] == f'{revisions[0]} with {{"quantise": "{numbers}"}}', name


def test_the_recipe_names_options_offload_and_numbers_together(entry: Named) -> None:
    chosen = replace(
        entry("z-image"), options=MappingProxyType({"cfg_truncation": 0.5}), offload="model", quantise="int8"
    )
    assert placement.named(chosen) == {"cfg_truncation": 0.5, "offload": "model", "quantise": "int8"}
    assert placement.named(entry("z-image")) == {}


def test_without_the_package_it_says_how_to_install_it(entry: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "find_spec", lambda _name: None)
    with pytest.raises(ModelUnavailable, match=r"uv pip install -e '\.\[quantise\]'"):
        load(replace(entry("z-image"), quantise="int8"))


def test_a_pipeline_without_a_network_to_quantise_says_so(
    entry: Named, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "find_spec", lambda name: name)
    (tmp_path / "model_index.json").write_text('{"_class_name": "X", "vae": ["diffusers", "AutoencoderKL"]}')
    with pytest.raises(ModelUnavailable, match="no part of this pipeline can be quantised"):
        placement.quantised(replace(entry("z-image"), quantise="int8"), tmp_path)


def test_a_model_is_measured_by_its_own_weights(entry: Named) -> None:
    chosen = entry("sdxl")
    folder = chosen.folder
    assert folder is not None
    stored = sum(_weights_in(path) for path in folder.rglob("*.safetensors"))
    family = load(chosen)
    counted = sum(placement._bytes(part) for part in placement._parts(family))
    assert stored <= counted < 1.1 * stored + 100_000  # and its buffers: positions and the like
    assert placement.memory_mb(family, chosen, grown_mb=5000) == -(-counted // 1024**2)
    assert placement.memory_mb(object(), chosen, grown_mb=70) == 70
    assert placement.memory_mb(object(), chosen, grown_mb=0) == chosen.memory_mb


def test_offloaded_on_a_card_its_largest_part_counts(entry: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a card would say isn't known here: that the rule goes by the kind of device is."""
    chosen = replace(entry("sdxl"), offload="model")
    family: Any = load(chosen)
    largest = max(placement._bytes(part) for part in placement._parts(family))
    monkeypatch.setattr(device, "device", lambda: torch.device("cuda"))
    assert placement.memory_mb(family, chosen, grown_mb=3) == -(-largest // 1024**2)
    assert placement.memory_mb(family, entry("sdxl"), grown_mb=300) == 300


def _weights_in(path: Path) -> int:
    """Bytes of the tensors of a file, in the numbers that they are computed with here."""
    with safe_open(path, "pt") as file:
        return sum(4 * file.get_tensor(name).numel() for name in file.keys())  # noqa: SIM118  (it is no dict)
