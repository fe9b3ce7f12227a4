"""Publishes kernels and fonts as static files, from where the server itself reads them: there is no second copy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import FileSystemStorage

from editor.fonts import catalogue
from editor.replay import engine


class _FolderFinder(BaseFinder):
    """Finds the files of one folder that have certain endings, and nothing else of it."""

    folder: ClassVar[Path]
    prefix: ClassVar[str]
    endings: ClassVar[tuple[str, ...]]

    def __init__(self, *_args: Any, **_options: Any) -> None:
        self.storage = FileSystemStorage(location=self.folder)
        self.storage.prefix = self.prefix  # type: ignore[attr-defined]  # collectstatic reads it

    @classmethod
    def files(cls) -> list[Path]:
        """Return what is published."""
        return sorted(file for file in cls.folder.iterdir() if file.suffix in cls.endings)

    @classmethod
    def addresses(cls) -> dict[str, str]:
        """Return where a browser finds each file, by the file's name."""
        return {file.name: staticfiles_storage.url(f"{cls.prefix}/{file.name}") for file in cls.files()}

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        """Return the file's path on this machine; an empty list when there is none."""
        folder, _, name = path.replace("\\", "/").rpartition("/")
        found = self.folder / name
        if folder != self.prefix or found.suffix not in self.endings or not found.is_file():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Yield the files for collectstatic."""
        for file in self.files():
            yield file.name, self.storage


class KernelFinder(_FolderFinder):
    """The kernels."""

    folder = engine.FOLDER
    prefix = "editor/kernels"
    endings = (".wasm",)


class FontFinder(_FolderFinder):
    """The fonts that come with the program, with their licences, and what shapes and draws them."""

    folder = catalogue.FOLDER
    prefix = "editor/fonts"
    endings = (*catalogue.ENDINGS, ".wasm", ".txt")


addresses = KernelFinder.addresses
