"""Folders of weights hold data, never code, and are named by what is in them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from generation import catalogue
from generation.catalogue import Entry
from generation.engine import ModelUnavailable
from generation.engine.families import load
from generation.engine.weights import locate, refuse_unsafe, revision


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


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"no model_index\.json"):
        refuse_unsafe(tmp_path)


def test_missing_weights_are_said_to_be_missing(folder: Path, tiny_entry: Entry) -> None:
    shutil.rmtree(folder / "vae")
    with pytest.raises(ModelUnavailable, match="can not be loaded"):
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
