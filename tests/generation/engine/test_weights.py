"""Folders of weights hold data, never code, and are named by what is in them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from generation.engine import ModelUnavailable
from generation.engine.families import load
from generation.engine.families.weights import locate, refuse_unsafe, revision
from generation.hub import places
from generation.requests import catalogue
from generation.requests.catalogue import Entry


@pytest.fixture
def folder(tmp_path: Path, tiny_folder: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.mark.parametrize(
    "name", ["unet/diffusion_pytorch_model.bin", "model.ckpt", "pipeline.py", "vae/a.pt"]
)
def test_a_format_that_can_run_code_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    with pytest.raises(ModelUnavailable, match=r"can run code|use safetensors"):
        refuse_unsafe(folder)


@pytest.mark.parametrize(
    "change",
    [{"unet": ["my_module", "MyUNet"]}, {"_class_name": ["my_pipeline", "MyPipeline"]}],
    ids=["module", "pipeline"],
)
def test_a_pipeline_with_code_of_its_own_is_refused(folder: Path, change: dict[str, object]) -> None:
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | change))
    with pytest.raises(ModelUnavailable, match="not run"):
        refuse_unsafe(folder)


def test_a_folder_without_a_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model_index\.json"):
        refuse_unsafe(tmp_path)


def test_missing_weights_are_reported(folder: Path, tiny_entry: Entry) -> None:
    shutil.rmtree(folder / "vae")
    with pytest.raises(ModelUnavailable, match="can't be loaded"):
        load(replace(tiny_entry, source=str(folder)))


def test_the_revision_of_a_folder_changes_with_its_content(folder: Path, tiny_entry: Entry) -> None:
    entry = replace(tiny_entry, revision="")
    before = revision(folder, entry)
    assert before == revision(folder, entry)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert revision(folder, entry) != before


def test_the_shipped_model_is_safe_and_no_file_of_it_is_large() -> None:
    folder = locate(catalogue.get("bundled"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert max(path.stat().st_size for path in files) < 16 * 1024 * 1024
    assert sum(path.stat().st_size for path in files) < 27 * 1024 * 1024


def test_weights_that_are_not_here_are_not_downloaded_while_a_job_runs(
    tiny_entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE2_MODELS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    entry = replace(tiny_entry, source="owner/model", revision="a" * 40)
    with pytest.raises(ModelUnavailable, match="models pull"):
        locate(entry)


def test_a_pulled_folder_is_found_once_it_is_complete(
    folder: Path, tiny_entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE2_MODELS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    entry = replace(tiny_entry, source="owner/model", revision="a" * 40)
    pulled = places.folder_of(entry)
    shutil.copytree(folder, pulled)
    with pytest.raises(ModelUnavailable):
        locate(entry)
    (pulled / places.MANIFEST).write_text("{}")
    assert locate(entry) == pulled
