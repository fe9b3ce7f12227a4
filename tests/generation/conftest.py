"""A model of a few hundred kilobytes for the tests of everything around the drawing."""

from __future__ import annotations

from pathlib import Path

import pytest

from generation.requests import catalogue
from generation.requests.sizes import SHAPES


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.generation.engine.tiny import (
        stable_diffusion as tiny,
    )  # brings torch along, which few tests need

    return tiny.save_stable_diffusion(tmp_path_factory.mktemp("tiny-sd"))


@pytest.fixture
def tiny_model(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the tiny pipeline in the place of the shipped model: the real engine draws 64 px and enlarges them."""
    file = tmp_path / "catalogue.toml"
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    file.write_text(
        f'[models.bundled]\nsource = "{tiny_folder}"\nscaler = "lanczos"\n'
        'capabilities = ["text_to_image", "image_to_image", "inpaint", "upscale"]\n\n'
        f"[models.bundled.base_sizes]\n{sizes}\n"
    )
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
