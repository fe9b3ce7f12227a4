"""Tiny LoRA files with random weights, in the forms that trainers write: PEFT's, diffusers', kohya's."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save_file
from torch import Tensor

from generation.styles.adapters import Entry

_RANK: Final = 2
Name = Callable[[str, str], str]


def peft(part: str, layer: str) -> tuple[str, str]:
    return f"{part}.{layer}.lora_A.weight", f"{part}.{layer}.lora_B.weight"


def diffusers(part: str, layer: str) -> tuple[str, str]:
    return f"{part}.{layer}.lora.down.weight", f"{part}.{layer}.lora.up.weight"


def kohya(part: str, layer: str) -> tuple[str, str]:
    start = {"unet": "lora_unet", "text_encoder": "lora_te"}[part]
    name = f"{start}_{layer.replace('.', '_')}"
    return f"{name}.lora_down.weight", f"{name}.lora_up.weight"


# Layers of the tiny Stable Diffusion: [output, input] of their weights.
UNET: Final = {
    "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q": (32, 32),
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k": (32, 32),
    "up_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0": (32, 32),
}


def halves(
    layers: Mapping[str, tuple[int, ...]], *, part: str = "unet", form: Callable[[str, str], tuple[str, str]] = peft,
    size: float = 0.5, seed: int = 5,
) -> dict[str, Tensor]:  # fmt: skip
    """Both halves of each layer, large enough that a picture shows them."""
    generator = torch.Generator().manual_seed(seed)
    found = {}
    for layer, (out, *inner) in layers.items():
        down, up = form(part, layer)
        found[down] = size * torch.randn(_RANK, *inner, generator=generator)
        found[up] = size * torch.randn(out, _RANK, *[1] * (len(inner) - 1), generator=generator)
    return found


def save(path: Path, tensors: Mapping[str, Tensor], **metadata: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata or None)
    return path


def entry(path: Path, **changes: object) -> Entry:
    """The entry of the catalogue for a file that is there."""
    values: dict[str, object] = {
        "key": "sketch", "name": "Sketch", "file": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "licence": "Apache-2.0", "commercial_use": True, "models": frozenset({"bundled"}), "trigger": "", "weight": 1.0,
        "least_weight": 0.0, "most_weight": 1.5, "enabled": True,
    }  # fmt: skip
    return Entry(**values | changes)  # type: ignore[arg-type]
