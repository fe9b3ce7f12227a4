"""A folder of the operator's with styles of their own, and people for the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generation.styles import presets
from tests.generation.web.conftest import alice, bob, hers

__all__ = ["alice", "bob", "hers"]

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def read_afresh() -> Iterator[None]:
    presets.reload()
    yield
    presets.reload()


@pytest.fixture
def own_styles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write `presets.toml` of the operator's folder; the site reads it from then on."""

    def write(text: str) -> Path:
        folder = tmp_path / "styles"
        folder.mkdir(exist_ok=True)
        (folder / presets.FILE).write_text(text)
        monkeypatch.setenv("IMAGE2_STYLES", str(folder))
        presets.reload()
        return folder

    return write
