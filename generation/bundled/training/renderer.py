"""Stage 1: the decoder learns to draw from the fields, the encoder to find the fields in a picture.

Both are plain regression against what `draw.py` knows exactly. The decoder sees noisy fields now and then, since a
denoiser's fields are never perfect.
"""

import sys

import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from torch import Tensor, nn

from .. import draw
from .data import TRAINING, batch
from .loop import parser, plan, train

CELL = 16
WIDTH = 64


def autoencoder() -> AutoencoderTiny:
    """Five levels (f16) without normalisation, which would lose the plain colours of a flat picture."""
    return AutoencoderTiny(
        latent_channels=draw.FIELDS, encoder_block_out_channels=(WIDTH,) * 5, decoder_block_out_channels=(WIDTH,) * 5,
        num_encoder_blocks=(0, 1, 2, 2, 2), num_decoder_blocks=(4, 4, 3, 2, 0), scaling_factor=1.0,
    )  # fmt: skip


def decoder() -> nn.Module:
    torch.manual_seed(1)
    return autoencoder().decoder


def encoder() -> nn.Module:
    torch.manual_seed(2)
    return autoencoder().encoder


def decoder_loss(module: nn.Module, step: int, worker: int, device: torch.device) -> Tensor:
    fields, pictures = _crops(step, worker, device, BATCH)
    noise = torch.rand(len(fields), 1, 1, 1, device=device).clamp(min=0.4).sub(0.4) * 0.2  # 40 % clean, else to 0.12
    fields = fields + noise * torch.randn_like(fields)
    with torch.autocast(device.type, torch.bfloat16):
        out = module(fields)
    return picture_loss(out.float(), pictures * 2 - 1)


def picture_loss(out: Tensor, wanted: Tensor) -> Tensor:
    """Mean error of colours, and of their steps from pixel to pixel: the second keeps edges crisp."""
    loss = (out - wanted).abs().mean()
    for axis in (2, 3):
        loss = loss + 1.5 * (out.diff(dim=axis) - wanted.diff(dim=axis)).abs().mean()
    return loss


def encoder_loss(module: nn.Module, step: int, worker: int, device: torch.device) -> Tensor:
    fields, pictures = _crops(step, worker, device, BATCH)
    with torch.autocast(device.type, torch.bfloat16):
        out = module(pictures * 2 - 1)
    return F.mse_loss(out.float(), fields)


def _crops(step: int, worker: int, device: torch.device, count: int) -> tuple[Tensor, Tensor]:
    """Windows of side×side cells out of fewer drawn pictures; every sixth step whole pictures of any shape."""
    if step % 6 == 5:
        _, layouts, _ = batch(TRAINING, step, worker, max(1, count // 4))
        return draw.fields(layouts, device), draw.pictures(layouts, CELL, device)
    _, layouts, rng = batch(TRAINING, step, worker, max(1, count // 2), (16, 16))
    fields, pictures = draw.fields(layouts, device), draw.pictures(layouts, CELL, device)
    parts: list[tuple[Tensor, Tensor]] = []
    for index in range(count):
        x, y, b = rng.randint(0, 16 - SIDE), rng.randint(0, 16 - SIDE), index % len(layouts)
        window = pictures[b, :, y * CELL : (y + SIDE) * CELL, x * CELL : (x + SIDE) * CELL]
        parts.append((fields[b, :, y : y + SIDE, x : x + SIDE], window))
    return torch.stack([f for f, _ in parts]), torch.stack([p for _, p in parts])


SIDE = 8
BATCH = 8


def main() -> None:
    arguments = parser("renderer", 12_000, 1.5e-3)
    arguments.add_argument("part", choices=("decoder", "encoder"))
    chosen = arguments.parse_args()
    if chosen.part == "decoder":
        train(decoder, decoder_loss, plan("decoder", chosen))
    else:
        train(encoder, encoder_loss, plan("encoder", chosen))


if __name__ == "__main__":
    sys.exit(main())
