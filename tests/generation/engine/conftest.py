"""Fixtures of the engine's tests: tiny pipelines built once a run."""

from pathlib import Path

import pytest

from generation.catalogue import Entry
from tests.generation.engine import tiny
from tests.generation.engine.orders import an_entry


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_stable_diffusion(tmp_path_factory.mktemp("tiny-sd"))


@pytest.fixture(scope="session")
def tiny_xl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_stable_diffusion_xl(tmp_path_factory.mktemp("tiny-sdxl"))


@pytest.fixture(scope="session")
def tiny_entry(tiny_folder: Path) -> Entry:
    return an_entry(tiny_folder)
