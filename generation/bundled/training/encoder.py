"""The encoder learns to find the fields in a picture, for image-to-image. Labels for free: we drew it."""

from typing import Final

import torch
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn

from generation.bundled import draw, latents

from .data import TRAINING, batch
from .loop import Step, parser, plan, train
from .points import CELL
from .renderer import autoencoder

BATCH = 4
_LAYOUT: Final = torch.channels_last  # on a CPU its large pictures take six tenths of the time
_QUIET: Final = 0.1  # share of a block's usual start: blocks begin near identity


def network() -> nn.Module:
    torch.manual_seed(2)
    module: nn.Module = autoencoder().encoder
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    for block in module.modules():
        if isinstance(block, AutoencoderTinyBlock):
            with torch.no_grad():
                block.conv[-1].weight.mul_(_QUIET)
    return module.to(memory_format=_LAYOUT)  # type: ignore[call-overload, no-any-return]  # its stub lacks this one


def loss(module: nn.Module, at: Step) -> Tensor:
    """Squared error of the fields, over whole pictures of any shape."""
    device = at.device
    _, layouts, _ = batch(TRAINING, at.number, at.worker + 70, at.batch or BATCH)
    pictures = draw.pictures(layouts, CELL, device)
    with torch.autocast(device.type, torch.bfloat16):
        out: Tensor = module((pictures * 2 - 1).contiguous(memory_format=_LAYOUT))
    return (out.float() - latents.fields(layouts, device)).pow(2).mean()


def main() -> None:
    train(network, loss, plan("encoder", parser("encoder", 4000, 1.5e-3).parse_args()))


if __name__ == "__main__":
    main()
