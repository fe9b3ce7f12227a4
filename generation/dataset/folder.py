"""The folder of a data set: every file in it is whole, whenever a run was killed."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

VERSION: Final = 1
MANIFEST: Final = "manifest.json"
LINES: Final = "pictures.jsonl"
REMOVED: Final = "removed.jsonl"
README: Final = "README.md"
PICTURES: Final = "pictures"
_LOCK: Final = ".lock"
_PART: Final = ".part"
_OURS: Final = frozenset({MANIFEST, LINES, REMOVED, README, PICTURES, _LOCK})


class NotAFolderOfOurs(Exception):
    """The folder can't be used. The text says why and what to do."""


class Folder:
    """One data set on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Make the folder if there is none, and keep other runs out meanwhile. Raises NotAFolderOfOurs."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise NotAFolderOfOurs(_("%(path)s is a file. Name a folder.") % {"path": self.path}) from None
        names = {each.name for each in self.path.iterdir() if not each.name.endswith(_PART)}
        if names - _OURS:
            raise NotAFolderOfOurs(
                _("%(path)s holds other things. Name an empty folder, or one that an earlier run made.")
                % {"path": self.path}
            )
        with (self.path / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NotAFolderOfOurs(_("Another run writes to %(path)s.") % {"path": self.path}) from None
            for left in self.path.rglob(f"*{_PART}"):
                left.unlink()
            yield

    def name_of(self, picture: UUID, form: str) -> str:
        """Return where a picture is, within the folder: few in each folder, and nothing of its owner in the name."""
        return f"{PICTURES}/{picture.hex[-2:]}/{picture}.{form}"

    def has(self, name: str, size: int) -> bool:
        """Whether the file is there. A file only gets its name when it is whole."""
        path = self.path / name
        return path.is_file() and path.stat().st_size == size

    def write(self, name: str, fill: Callable[[IO[bytes]], object]) -> None:
        """Write a file so that it's there as a whole or not at all."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + _PART)
        try:
            with part.open("wb") as target:
                fill(target)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.replace(path)

    def write_json(self, name: str, value: Any) -> None:
        text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
        self.write(name, lambda target: target.write(text.encode()))

    def write_lines(self, name: str, lines: Iterable[dict[str, Any]]) -> None:
        """Write JSON lines, one after the other: never all of them in memory."""

        def fill(target: IO[bytes]) -> None:
            for line in lines:
                target.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")

        self.write(name, fill)

    def read_lines(self, name: str) -> Iterator[dict[str, Any]]:
        path = self.path / name
        if path.is_file():
            with path.open(encoding="utf-8") as source:
                for line in source:
                    yield json.loads(line)

    def pictures(self) -> Iterator[tuple[UUID, Path]]:
        """Yield each stored picture. What has another name isn't ours to keep: nobody could withdraw it."""
        root = self.path / PICTURES
        for shelf in sorted(root.iterdir()) if root.is_dir() else []:
            for path in sorted(shelf.iterdir()):
                try:
                    yield UUID(path.stem), path
                except ValueError:
                    raise NotAFolderOfOurs(
                        _("%(path)s isn't a picture of this data set. Move it elsewhere.") % {"path": path}
                    ) from None
