"""Where pulled models lie: one folder for each pinned revision, complete once its manifest is there."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from generation.requests.catalogue import ROOT, Entry

MANIFEST: Final = "image2-pulled.json"
PART: Final = ".part"
State = Literal["here", "partly", "missing"]


class HubError(Exception):
    """A model can't be pulled, checked or removed; the message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is on this disk of one model."""

    state: State
    folder: Path
    bytes: int


def root() -> Path:
    """IMAGE2_MODELS, or `models` in the data folder."""
    if own := os.environ.get("IMAGE2_MODELS"):
        return Path(own).expanduser().resolve()
    home = os.environ.get("IMAGE2_HOME")
    return (Path(home).expanduser().resolve() if home else ROOT / "var") / "models"


def folder_of(entry: Entry) -> Path:
    """The folder that this revision is pulled to, there or not."""
    return root() / entry.source.replace("/", "--") / (entry.revision or "unpinned")


def find(entry: Entry) -> Path | None:
    """The complete folder of the weights: the entry's own, or the pulled one; None where there is neither."""
    if entry.folder is not None:
        return entry.folder
    pulled = folder_of(entry)
    return pulled if (pulled / MANIFEST).is_file() else None


def place(entry: Entry) -> Place:
    found = find(entry)
    folder = found or folder_of(entry)
    size = size_of(folder)
    return Place("here" if found else "partly" if size else "missing", folder, size)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def manifest(folder: Path) -> dict[str, Any] | None:
    """What the pull wrote down: source, revision, licence, and each file's size and hash. None for other folders."""
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        read = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise HubError(f"{path} can't be read ({error}): remove the model and pull it again.") from error
    if not isinstance(read, dict) or not isinstance(read.get("files"), list):
        raise HubError(f"{path} isn't what a pull writes: remove the model and pull it again.")
    return read


def remove(entry: Entry) -> int:
    """Delete a pulled model, complete or not; return the bytes that were freed. Raises HubError."""
    if entry.folder is not None:
        raise HubError(
            f"{entry.id}: {entry.folder} is a folder of yours, which only you delete. Nothing was removed."
        )
    folder = folder_of(entry)
    size = size_of(folder)
    if not folder.is_dir():
        raise HubError(f"{entry.id}: nothing of it is in {root()}.")
    # The manifest first: after a kill in between, what is left isn't taken for a whole model.
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)
    return size


def amount(size: int) -> str:
    """Bytes as people read them: 512 B, 3.2 MB, 23.9 GB (1 GB is 1,000,000,000 B, as disks and the hub count)."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} B"
