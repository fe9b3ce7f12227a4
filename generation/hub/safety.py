"""Weights are data: what could run code is refused, by the names of the files and by the pipeline's own index."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, Final

from generation.hub.places import HubError

# Formats that run code when they are read (pickle), and code itself.
UNSAFE: Final = frozenset(
    {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".py", ".so", ".npy", ".npz", ".h5", ".keras"}
)
INDEX: Final = "model_index.json"
_LIBRARIES: Final = {"diffusers", "transformers", None}


def unsafe(names: Iterable[str]) -> list[str]:
    """Those of the files that could run code when they are read."""
    return sorted(name for name in names if PurePosixPath(name).suffix.lower() in UNSAFE)


def refuse_files(names: Iterable[str]) -> None:
    """Raises HubError for the first file that could run code when it is read."""
    if found := unsafe(names):
        raise HubError(f"{found[0]}: this format can run code when it is read; use safetensors.")


def refuse_folder(folder: Path) -> None:
    """A diffusers folder of safetensors and JSON alone passes. Raises HubError."""
    refuse_files(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    parts(folder)


def parts(folder: Path) -> dict[str, Any]:
    """The pipeline's index, all of it from known libraries. Raises HubError."""
    path = folder / INDEX
    if not path.is_file():
        raise HubError(f"{folder}: there is no {INDEX}, so this is no diffusers folder.")
    try:
        index = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise HubError(f"{path}: {error}") from error
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise HubError(f"{path}: pipelines with code of their own are not run.")
    for name, part in index.items():
        if isinstance(part, list) and part and part[0] not in _LIBRARIES:
            raise HubError(f"{path}: {name} comes from {part[0]!r}, which is not run.")
    return index


def components(index: dict[str, Any]) -> dict[str, str]:
    """Folder → class, of the parts that the pipeline has."""
    return {
        name: str(part[1])
        for name, part in index.items()
        if isinstance(part, list) and len(part) == 2 and part[0] is not None
    }
