"""A folder is looked at without loading it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.hub import inspecting, places, pulling
from generation.hub.places import HubError
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from tests.generation.hub.server import Hub

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def pulled(hub: Hub, entry: Entry) -> Path:
    return pulling.pull(entry, lambda _done, _whole: None)


def test_classes_sizes_types_hashes_and_licence_are_read(pulled: Path) -> None:
    found = inspecting.inspect(pulled)
    assert (found.pipeline, found.licence, found.verified) == ("StableDiffusionPipeline", "apache-2.0", 5)
    unet, tokenizer = found.parts
    assert (unet.name, unet.class_name) == ("unet", "UNet2DConditionModel")
    assert unet.numbers == {"F16": 400_000, "F32": 7}
    assert tokenizer.numbers == {}
    assert found.parameters == 400_007


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\ntags:\n- x\nlicense: mit\n---\nA model.\n", "mit"),
        ("---\ntags:\n- x\n---\nThe code has its own:\n\nlicense: apache-2.0\n", ""),
        ("---\nlicense:\nname: x\n---\n", ""),
    ],
)
def test_the_licence_is_read_in_the_front_matter_of_a_card_alone(
    tmp_path: Path, card: str, licence: str
) -> None:
    (tmp_path / "README.md").write_text(card)
    assert inspecting._card(tmp_path) == licence


def test_the_bundled_model_is_sound_and_not_a_pulled_one() -> None:
    folder = catalogue.get("bundled").folder
    assert folder is not None
    found = inspecting.inspect(folder)
    assert found.verified == 0
    assert found.parameters > 1_000_000


@pytest.mark.few(2)
@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: data[:-1], "is cut off"),
        (lambda data: data + b"0", "longer than its header says"),
        (lambda data: b"\xff" * 8 + data[8:], "no safetensors file"),
        (lambda data: data[:8] + b"x" + data[9:], "damaged header"),
        (lambda data: data[:4], "no safetensors file"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "isn't what was pulled"),
    ],
)
def test_damaged_weights_are_said(pulled: Path, damage, sentence: str) -> None:  # type: ignore[no-untyped-def]
    file = pulled / WEIGHTS
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(HubError, match=sentence):
        inspecting.inspect(pulled)


@pytest.mark.few(2)
@pytest.mark.parametrize(
    "manifest", ["[]", '{"files": 3}', '{"files": [3]}', '{"files": [{"name": "unet"}]}', "null", "{"]
)
def test_a_strange_manifest_is_said(pulled: Path, manifest: str) -> None:
    (pulled / places.MANIFEST).write_text(manifest)
    with pytest.raises(HubError, match="remove the model and pull it again"):
        inspecting.inspect(pulled)


def test_a_pickle_beside_the_weights_is_refused(pulled: Path) -> None:
    (pulled / "unet" / "a.bin").write_bytes(b"")
    with pytest.raises(HubError, match="can run code"):
        inspecting.inspect(pulled)
