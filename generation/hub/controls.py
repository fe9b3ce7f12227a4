"""Weights for control pictures (a ControlNet), checked by their settings and headers alone, before they are loaded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from generation.hub import headers, places, safety
from generation.hub.headers import DamagedHeader
from generation.hub.places import HubError
from generation.requests.catalogue import Entry

CONFIG: Final = "config.json"
_WEIGHTS: Final = "*.safetensors"
_CLASS: Final = "ControlNetModel"
# What both networks have to agree in, for what one adds to fit the other → what it is, for people.
_SHARED: Final[Mapping[str, str]] = {
    "in_channels": "its latents have",
    "cross_attention_dim": "its text has width",
    "block_out_channels": "its blocks have widths",
    "addition_embed_type": "its sizes are told by",
}


@dataclass(frozen=True, slots=True)
class Network:
    """What lies in the folder; `numbers` counts its parameters by their type (BF16, F32 …)."""

    folder: Path
    bytes: int
    numbers: Mapping[str, int]


def is_here(entry: Entry, kind: str) -> bool:
    """Whether its settings and weights lie there, by their names: while they are copied, often only the first do."""
    folder = entry.controls[kind].folder
    return (folder / CONFIG).is_file() and any(folder.glob(_WEIGHTS))


def look(entry: Entry, kind: str) -> Network:
    """Check the folder that the entry names for this kind, and that it was made for such a model. Raises HubError."""
    folder = entry.controls[kind].folder
    if not folder.is_dir():
        raise HubError(
            f"{entry.id}: controls: {kind}: {folder} isn't there: copy the folder, or mend the entry."
        )
    safety.refuse_files(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    config = _config(folder)
    if config.get("_class_name") != _CLASS:
        said = config.get("_class_name") or "nothing that diffusers knows"
        raise HubError(f"{folder} holds {said}, and control needs {_CLASS}: name another folder.")
    if base := places.find(entry):
        _refuse_other_base(entry, folder, config, _config(base / "unet"))
    numbers: Counter[str] = Counter()
    for path in sorted(folder.glob(_WEIGHTS)):
        try:
            for tensor in headers.read(path).tensors:
                numbers[tensor.dtype] += tensor.count
        except DamagedHeader as error:
            raise HubError(f"{path.name} {error}.") from error
    if not numbers:
        raise HubError(f"{folder} has no .safetensors beside its {CONFIG}: copy the weights too.")
    return Network(folder, places.size_of(folder), dict(numbers))


def _refuse_other_base(
    entry: Entry, folder: Path, config: Mapping[str, Any], base: Mapping[str, Any]
) -> None:
    for name, words in _SHARED.items():
        if config.get(name) != base.get(name):
            raise HubError(
                f"{folder} was made for another model than {entry.id}: {words} {config.get(name)}, and the model's "
                f"{base.get(name)}. Name weights that were made for it."
            )


def _config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG
    try:
        read = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise HubError(f"{folder}: there is no {CONFIG}, so this is no network of diffusers.") from error
    except ValueError as error:
        raise HubError(f"{path}: {error}") from error
    if not isinstance(read, dict):
        raise HubError(f"{path} isn't what diffusers writes: copy the folder again.")
    return read
