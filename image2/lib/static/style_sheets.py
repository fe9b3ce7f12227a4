"""One request for the whole style sheet: what site.css imports is put in its place when static files are collected."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage

_IMPORT: Final = re.compile(r"""@import\s+url\(["']?(?P<url>[^"')]+)["']?\);\n?""")
_URL: Final = re.compile(r"""url\(["']?(?P<url>(?!data:|/|#|https?:)[^"')]+)["']?\)""")


class Joined(Storage):
    """A storage that gives the files of another one, style sheets with their plain imports in place.

    Imports with a layer or a condition stay as they are: their meaning is in the import.
    """

    def __init__(self, source: Storage) -> None:
        self.source = source

    def open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(self._joined(name).encode(), name=name)

    def _joined(self, name: str) -> str:
        folder = posixpath.dirname(name)

        def in_place(found: re.Match[str]) -> str:
            imported = posixpath.normpath(posixpath.join(folder, found["url"]))
            return _moved(self._joined(imported), posixpath.dirname(imported), folder)

        with self.source.open(name) as file:
            return _IMPORT.sub(in_place, file.read().decode())


def _moved(text: str, old: str, new: str) -> str:
    """Rewrite relative addresses, which a style sheet gives from its own folder."""

    def rebased(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(old, found["url"]))
        return f'url("{posixpath.relpath(target, new or ".")}")'

    return _URL.sub(rebased, text)
