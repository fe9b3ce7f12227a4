"""Look at a folder of weights without loading it: classes, sizes and number types, from the headers of the files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generation.hub import headers, places, safety
from generation.hub.headers import DamagedHeader
from generation.hub.listing import File
from generation.hub.places import HubError
from generation.hub.pulling import matches


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
    # What the hub's card said when it was pulled; empty for a folder of the operator's.
    licence: str
    # Files whose hash was compared with the hub's; 0 where nothing was pulled.
    verified: int

    @property
    def parameters(self) -> int:
        return sum(sum(part.numbers.values()) for part in self.parts)

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)


def inspect(folder: Path) -> Inspection:
    """Raises HubError for what could run code, damaged headers, and files that aren't what was pulled."""
    safety.refuse_folder(folder)
    index = safety.parts(folder)
    parts = tuple(_part(folder, name, kind) for name, kind in safety.components(index).items())
    pulled = places.manifest(folder) or {}
    return Inspection(
        folder,
        str(index["_class_name"]),
        parts,
        str(pulled.get("licence", "")),
        _verify(folder, pulled.get("files", [])),
    )


def _part(folder: Path, name: str, class_name: str) -> Part:
    numbers: Counter[str] = Counter()
    for path in sorted((folder / name).rglob("*.safetensors")):
        for kind, count in _tensors(path):
            numbers[kind] += count
    return Part(name, class_name, places.size_of(folder / name), dict(numbers))


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
