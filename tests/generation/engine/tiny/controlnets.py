"""Tiny ControlNets with random weights for the tiny Stable Diffusion and its XL, whose lead a picture shows."""

from pathlib import Path

import torch
from diffusers import ControlNetModel, UNet2DConditionModel

from generation.requests.controls.weights import ControlWeights


def save(folder: Path, model: Path, *, seed: int = 3, size: float = 0.5) -> Path:
    """For the model in this folder; as published ones are saved, but its last layers aren't zero."""
    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(model, subfolder="unet", local_files_only=True)
    network = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(8, 16))
    with torch.no_grad():
        last = [
            network.controlnet_cond_embedding.conv_out,
            network.controlnet_mid_block,
            *network.controlnet_down_blocks,
        ]
        for layer in last:
            layer.weight.copy_(size * torch.randn(layer.weight.shape))
    network.save_pretrained(folder, safe_serialization=True)
    return folder


def weights(folder: Path, **changes: object) -> ControlWeights:
    values: dict[str, object] = {
        "source": str(folder),
        "licence": "MIT",
        "memory_mb": 5,
        "variant": "",
        "commercial_use": True,
    }
    return ControlWeights(**values | changes)  # type: ignore[arg-type]
