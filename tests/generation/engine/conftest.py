"""Fixtures of the engine's tests: tiny pipelines built once a run."""

import os
from pathlib import Path

# One thread: pictures of 64 px gain nothing from more, and a suite in several processes loses much by them.
os.environ["IMAGE2_TORCH_THREADS"] = "1"

import pytest
import torch

from generation.requests.catalogue import Entry
from tests.generation.engine.orders import an_entry
from tests.generation.engine.tiny import stable_diffusion as tiny


@pytest.fixture(scope="session")
def tiny_xl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_stable_diffusion_xl(tmp_path_factory.mktemp("tiny-sdxl"))


@pytest.fixture(scope="session")
def tiny_entry(tiny_folder: Path) -> Entry:
    return an_entry(tiny_folder)


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
