"""Folders of weights: found or fetched, checked to hold data and no code, and named by what is in them."""

import hashlib
import json
from pathlib import Path
from typing import Final

from generation.engine.contract import ModelUnavailable
from generation.requests.catalogue import Entry

# Formats that run code when they are read (pickle), and code itself.
_UNSAFE: Final = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".py", ".so"}
_LIBRARIES: Final = {"diffusers", "transformers", None}
_WHOLE_BELOW: Final = 64 * 1024 * 1024
_SAMPLE: Final = 8 * 1024 * 1024


def locate(entry: Entry) -> Path:
    """The local folder of a model, fetched from the hub at its pinned commit if need be. Raises ModelUnavailable."""
    folder = entry.folder or _fetched(entry)
    refuse_unsafe(folder)
    return folder


def refuse_unsafe(folder: Path) -> None:
    """Weights are safetensors and JSON. Raises ModelUnavailable for anything that could run when it is loaded."""
    for path in folder.rglob("*"):
        if path.suffix in _UNSAFE:
            raise ModelUnavailable(f"{path.name}: this format can run code when it is read; use safetensors")
    index = folder / "model_index.json"
    if not index.is_file():
        raise ModelUnavailable(f"{folder}: there is no model_index.json, so this is no diffusers folder")
    try:
        parts = json.loads(index.read_text("utf-8"))
    except ValueError as error:
        raise ModelUnavailable(f"{index}: {error}") from error
    if not isinstance(parts.get("_class_name"), str):
        raise ModelUnavailable(f"{index}: pipelines with code of their own are not run")
    for name, part in parts.items():
        if isinstance(part, list) and part and part[0] not in _LIBRARIES:
            raise ModelUnavailable(f"{index}: {name} comes from {part[0]!r}, which is not run")


def revision(folder: Path, entry: Entry) -> str:
    """What a recipe calls these weights: the commit, or a digest of the folder's content."""
    if entry.revision:
        return entry.revision
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(_content(path))
    return f"sha256:{digest.hexdigest()[:32]}"


def _content(path: Path) -> bytes:
    """The whole of a small file; of a large one the start and the end, which any training changes."""
    with path.open("rb") as file:
        if path.stat().st_size <= _WHOLE_BELOW:
            return hashlib.file_digest(file, "sha256").digest()
        start = file.read(_SAMPLE)
        file.seek(-_SAMPLE, 2)
        return hashlib.sha256(start + file.read()).digest()


def _fetched(entry: Entry) -> Path:
    from huggingface_hub import snapshot_download  # slow to import, the bundled model has no use for it

    mark = f".{entry.variant}" if entry.variant else ""
    # A tokenizer's template (jinja) is rendered in a sandbox by the library.
    patterns = [
        "*.json",
        "*.txt",
        "*.model",
        "*.jinja",
        f"*{mark}.safetensors",
        f"*{mark}-*-of-*.safetensors",
    ]
    try:
        return Path(snapshot_download(entry.source, revision=entry.revision, allow_patterns=patterns))
    except Exception as error:
        raise ModelUnavailable(f"{entry.source}@{entry.revision} can't be downloaded: {error}") from error
