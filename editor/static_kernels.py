"""Publishes the kernels' WebAssembly files as static files, from where they are built: there is no second copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage

from editor.replay.engine import FOLDER

PREFIX: Final = "editor/kernels"


def addresses() -> dict[str, str]:
    """Return where a browser finds each file, by the file's name."""
    return {file.name: staticfiles_storage.url(f"{PREFIX}/{file.name}") for file in _files()}


class KernelFinder(BaseFinder):
    """Finds `editor/kernels/*.wasm` and nothing else of that folder."""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        self.storage = FileSystemStorage(location=FOLDER)
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]  # collectstatic reads it

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        """Return the file's path on this machine; an empty list when there is none."""
        folder, _, name = path.replace("\\", "/").rpartition("/")
        found = FOLDER / name
        if folder != PREFIX or found.suffix != ".wasm" or not found.is_file():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Yield the files for collectstatic."""
        for file in _files():
            yield file.name, self.storage


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.wasm"))
