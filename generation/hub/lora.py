"""A LoRA file, checked by its header alone: that it is one, whole, of bounded size, and for which network."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from generation.hub import headers, places, safety
from generation.hub.headers import DamagedHeader, Tensor
from generation.hub.places import HubError, amount
from generation.styles.adapters import Entry

LARGEST: Final = 4 * 10**9
_LONGEST_HEADER: Final = 8 * 10**6
_MOST_TENSORS: Final = 20_000
_MOST_RANK: Final = 1024
_MOST_SIDE: Final = 65_536
_NUMBERS: Final = frozenset({"F32", "F16", "BF16"})

# How the two halves of a changed matrix are called: kohya, diffusers old and new, PEFT.
_HALF: Final = re.compile(
    r"[._](?:lora_(?P<kohya>down|up)|lora\.(?P<plain>down|up)|lora_linear_layer\.(?P<linear>down|up)|lora_(?P<peft>[AB]))"
    r"(?:\.default)?\.weight$"
)
_DOWN: Final = frozenset({"down", "A"})
# What other methods leave in a file, which are not run.
_OTHERS: Final = {
    "dora_scale": "DoRA",
    "lora_magnitude_vector": "DoRA",
    "lokr_": "LoKr",
    "hada_": "LoHa",
    "oft_": "OFT",
}
# The first that a name of the file holds; the second, how a class of the model begins.
_NETWORKS: Final = (
    ("unet", re.compile(r"(?:down|up|mid|input|output|middle)_blocks?[._]"), "UNet"),
    ("flux", re.compile(r"double_blocks|single_blocks|single_transformer_blocks"), "Flux"),
    ("z_image", re.compile(r"noise_refiner|context_refiner|(?:^|[._])layers[._]\d+[._]attention"), "ZImage"),
    ("qwen", re.compile(r"transformer_blocks[._]\d+[._](?:img|txt)_m"), "QwenImage"),
    ("sana", re.compile(r"transformer_blocks[._]\d+[._]attn[12][._]"), "Sana"),
)
_NAMES: Final = {
    "flux": "FLUX", "z_image": "Z-Image", "qwen": "Qwen-Image", "sana": "Sana", "unet": "a UNet",
    ("unet", 768): "Stable Diffusion 1", ("unet", 1024): "Stable Diffusion 2", ("unet", 2048): "Stable Diffusion XL",
}  # fmt: skip
# Cross-attention: its input is the text, whose width tells the versions of Stable Diffusion apart.
_READS_TEXT: Final = re.compile(r"attn2[._](?:processor[._])?to_[kv]")


@dataclass(frozen=True, slots=True)
class Base:
    """What a LoRA was trained for, as far as names and shapes tell; "" and 0: they don't."""

    network: str
    width: int = 0

    def fits(self, other: Base) -> bool:
        same = not (self.network and other.network) or self.network == other.network
        return same and (not (self.width and other.width) or self.width == other.width)

    def __str__(self) -> str:
        named = _NAMES.get((self.network, self.width)) or _NAMES.get(self.network, "another network")
        return f"{named} for text of width {self.width}" if named == "a UNet" and self.width else named


@dataclass(frozen=True, slots=True)
class Lora:
    path: Path
    base: Base
    # How many matrices it changes, and the largest rank of a change.
    changes: int
    rank: int
    bytes: int


def file_of(entry: Entry) -> Path:
    """In the folder `adapters` of the pulled models, unless the entry says where."""
    return places.root() / "adapters" / Path(entry.file).expanduser()


def look(entry: Entry) -> Lora:
    """Check the file of an entry without loading it. Raises HubError, in one sentence that says what to do."""
    path = file_of(entry)
    safety.refuse_files([path.name])
    try:
        size = path.stat().st_size
    except OSError as error:
        raise HubError(f"{entry.key}: {path} isn't there: copy the file, or mend the entry.") from error
    if size > LARGEST:
        raise HubError(f"{path.name} has {amount(size)}, and no LoRA has more than {amount(LARGEST)}.")
    try:
        tensors = headers.read(path, longest=_LONGEST_HEADER).tensors
    except DamagedHeader as error:
        raise HubError(f"{path.name} {error}.") from error
    lora = _looked_at(path, tensors, size)
    if _sha256(path, path.stat().st_mtime_ns, size) != entry.sha256:
        raise HubError(
            f"{path.name} isn't the file that the catalogue names: copy it again, or write its SHA-256 into the entry."
        )
    return lora


def refuse_other_base(lora: Lora, folder: Path, model: str) -> None:
    """Raises HubError where the model's own files say that the LoRA was made for another network."""
    base = base_of_folder(folder)
    if not lora.base.fits(base):
        raise HubError(
            f"{lora.path.name} was made for {lora.base}, and {model} is {base}: choose a LoRA that was made for it."
        )


def base_of_folder(folder: Path) -> Base:
    """What a pipeline's network is, from its index and the network's own configuration."""
    for part, class_name in safety.components(safety.parts(folder)).items():
        for network, _names, start in _NETWORKS:
            if part in {"unet", "transformer"} and class_name.startswith(start):
                return Base(network, _text_width(folder / part / "config.json"))
    return Base("")


def half(name: str) -> tuple[str, str] | None:
    """The name of the changed matrix, and "down" or "up"; None for a tensor that is neither half of a change."""
    found = _HALF.search(name)
    if found is None:
        return None
    side = next(group for group in found.groups() if group)
    return name[: found.start()], "down" if side in _DOWN else "up"


def _looked_at(path: Path, tensors: tuple[Tensor, ...], size: int) -> Lora:
    if len(tensors) > _MOST_TENSORS:
        raise HubError(f"{path.name} has {len(tensors)} tensors, and no LoRA has more than {_MOST_TENSORS}.")
    for tensor in tensors:
        for mark, method in _OTHERS.items():
            if mark in tensor.name:
                raise HubError(f"{path.name} is a {method}, which isn't run here: choose a plain LoRA.")
    halves = [(found, tensor) for tensor in tensors if (found := half(tensor.name))]
    if not halves:
        raise HubError(f"{path.name} has no LoRA in it: it seems to hold whole weights.")
    for tensor in tensors:
        _refuse_absurd(path, tensor)
    names = {side: {name for (name, its), _tensor in halves if its == side} for side in ("down", "up")}
    if lonely := names["down"] ^ names["up"]:
        raise HubError(f"{path.name} has only one half of the change to {min(lonely)}: copy it again.")
    rank = max(tensor.shape[0] for (_name, side), tensor in halves if side == "down")
    if rank > _MOST_RANK:
        raise HubError(f"{path.name} has a rank of {rank}, and no LoRA has more than {_MOST_RANK}.")
    return Lora(path, _base(tensors), len(names["down"]), rank, size)


def _refuse_absurd(path: Path, tensor: Tensor) -> None:
    """Halves have two dimensions, or four for convolutions; the strength of one is a single number."""
    if tensor.dtype not in _NUMBERS:
        raise HubError(
            f"{path.name} holds numbers of the type {tensor.dtype}, which no LoRA has: choose another file."
        )
    right = len(tensor.shape) in {2, 4} if half(tensor.name) else tensor.count <= _MOST_SIDE
    if not right or not all(1 <= length <= _MOST_SIDE for length in tensor.shape):
        shape = "×".join(map(str, tensor.shape)) or "no"
        raise HubError(
            f"{path.name} has a tensor of {shape} numbers where a LoRA has none: choose another file."
        )


def _base(tensors: Iterable[Tensor]) -> Base:
    halves = [(tensor, found[1]) for tensor in tensors if (found := half(tensor.name))]
    network = next(
        (name for name, mark, _class in _NETWORKS if any(mark.search(t.name) for t, _side in halves)), ""
    )
    widths = {t.shape[1] for t, side in halves if side == "down" and _READS_TEXT.search(t.name)}
    return Base(network, widths.pop() if network == "unet" and len(widths) == 1 else 0)


def _text_width(path: Path) -> int:
    try:
        config: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return 0
    width = config.get("cross_attention_dim")
    return width if isinstance(width, int) else 0


@lru_cache(maxsize=64)
def _sha256(path: Path, _changed: int, _size: int) -> str:
    """Kept as long as the file has the same time and size: a run is not to read hundreds of megabytes for it again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
