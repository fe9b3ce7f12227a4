"""Look at a folder of weights without loading it: classes, sizes and number types, from the headers of the files."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from generation.hub import headers, places, safety
from generation.hub.headers import DamagedHeader
from generation.hub.listing import File
from generation.hub.places import HubError
from generation.hub.pulling import matches

# Families whose folder is one model and no pipeline of parts → the file that says so.
ALONE: Final = {"segment_anything": "config.json", "cutout": "model.onnx"}
_WEIGHTS: Final = {".safetensors", ".onnx"}
# In the front matter of a model's card, as the hub writes it: between two lines of dashes, and nowhere below.
_CARD_LICENCE: Final = re.compile(r"\A---\n(?:(?!---\s*\n).*\n)*?licen[cs]e:[^\S\n]*([^\s#]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a pipeline; `numbers` counts its parameters by their type (BF16, F32 …)."""

    name: str
    class_name: str
    bytes: int
    numbers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Inspection:
    folder: Path
    pipeline: str
    parts: tuple[Part, ...]
    # What the hub's card said when it was pulled, or what a card in the folder says; empty without one.
    licence: str
    # Files whose hash was compared with the hub's; 0 where nothing was pulled.
    verified: int

    @property
    def parameters(self) -> int:
        return sum(sum(part.numbers.values()) for part in self.parts)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


def inspect(folder: Path, *, family: str = "") -> Inspection:
    """Look at a folder for this family, or at what there is in it. Raises HubError for what could run code, damaged
    headers, and files that aren't what was pulled.
    """
    family = family or _family_of(folder)
    if family in ALONE:
        return _model(folder, family)
    safety.refuse_folder(folder)
    index = safety.parts(folder)
    parts = tuple(_part(name, folder / name, kind) for name, kind in safety.components(index).items())
    pulled = places.manifest(folder) or {}
    return Inspection(
        folder,
        str(index["_class_name"]),
        parts,
        str(pulled.get("licence", "")) or _card(folder),
        _verify(folder, pulled.get("files", [])),
    )


def hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each file of weights, as the hub's page of a file shows it. Reads all of them."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _WEIGHTS):
        with path.open("rb") as file:
            yield path.relative_to(folder).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()


def _family_of(folder: Path) -> str:
    if (folder / safety.INDEX).is_file():
        return ""
    return next((family for family, file in ALONE.items() if (folder / file).is_file()), "")


def _model(folder: Path, family: str) -> Inspection:
    """One model: transformers' settings beside their weights, or an ONNX file, and then nothing else is read."""
    file = folder / ALONE[family]
    if not file.is_file():
        raise HubError(f"{folder}: there is no {file.name}, which the family {family!r} needs.")
    if file.suffix == ".onnx":
        parts = (Part(file.stem, "ONNX", file.stat().st_size, {}),)
        return Inspection(folder, "ONNX", parts, _card(folder), 0)
    safety.refuse_files(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    kind = _model_type(file)
    return Inspection(folder, kind, (_part("model", folder, kind),), _card(folder), 0)


def _model_type(config: Path) -> str:
    try:
        read = json.loads(config.read_text("utf-8"))
    except ValueError as error:
        raise HubError(f"{config}: {error}") from error
    if not isinstance(read, dict) or not isinstance(read.get("model_type"), str):
        raise HubError(f"{config}: it has no model_type, so transformers doesn't know the model.")
    return str(read["model_type"])


def _card(folder: Path) -> str:
    """The licence that the card in the folder names, or nothing."""
    card = folder / "README.md"
    found = _CARD_LICENCE.match(card.read_text("utf-8", errors="replace")) if card.is_file() else None
    return found[1].strip("\"'") if found else ""


def _part(name: str, folder: Path, class_name: str) -> Part:
    numbers: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.safetensors")):
        for kind, count in _tensors(path):
            numbers[kind] += count
    return Part(name, class_name, places.size_of(folder), dict(numbers))


def _tensors(path: Path) -> Iterator[tuple[str, int]]:
    """Number type and count of each tensor."""
    try:
        yield from ((tensor.dtype, tensor.count) for tensor in headers.read(path).tensors)
    except DamagedHeader as error:
        raise HubError(f"{path.name} {error}.") from error


def _file(facts: Any) -> File:
    kinds = {"name": str, "size": int, "sha256": str, "git": str}
    if not isinstance(facts, dict) or {name: type(value) for name, value in facts.items()} != kinds:
        raise HubError(f"{places.MANIFEST} isn't what a pull writes: remove the model and pull it again.")
    return File(**facts)


def _verify(folder: Path, files: list[Any]) -> int:
    for facts in files:
        file = _file(facts)
        path = folder / file.name
        if not path.is_file() or not matches(file, path):
            raise HubError(f"{file.name} isn't what was pulled: remove the model, and pull it again.")
    return len(files)
