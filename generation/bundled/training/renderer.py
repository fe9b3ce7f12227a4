"""Stage 1: the decoder learns to draw from the fields, the encoder to find the fields in a picture.

Both are plain regression against what `draw.py` knows exactly. The decoder sees noisy fields now and then, since a
denoiser's fields are never perfect.
"""

from contextlib import suppress
from itertools import pairwise
from typing import Final

import torch
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn
from torch.nn import functional

from generation.bundled import draw

from .data import TRAINING, batch
from .loop import Step, load_average, parser, plan, train

CELL = 16
SIDE = 8  # of a training window, in cells
BATCH = 4
WIDTH = 64


def autoencoder() -> AutoencoderTiny:
    """Five levels (f16) without normalisation, which would lose the plain colours of a flat picture."""
    return AutoencoderTiny(
        latent_channels=draw.FIELDS, encoder_block_out_channels=(WIDTH,) * 5, decoder_block_out_channels=(WIDTH,) * 5,
        num_encoder_blocks=(0, 1, 2, 2, 2), num_decoder_blocks=(4, 4, 3, 2, 0), scaling_factor=1.0,
    )  # fmt: skip


class Coarse(nn.Module):
    """The decoder's first three levels with a head of their own: pictures of 4 pixels a cell, at a tenth of the cost.

    It starts as «things in their plain colour over the colour behind them», smoothly enlarged; the rest is learnt on
    top. From the usual random start a decoder spends its first thousands of steps on grey mist.
    """

    def __init__(self) -> None:
        super().__init__()
        layers = autoencoder().decoder.layers
        _he(layers)
        third = [i for i, layer in enumerate(layers) if isinstance(layer, nn.Upsample)][2]
        self.layers = layers[:third]
        self.head = nn.Conv2d(WIDTH, 3, 3, padding=1)
        _start_blocks(self.layers)
        with torch.no_grad():
            _start_colours(self.layers[0], self.layers[2])
            self.head.weight.mul_(0.02)
            nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]
            for channel in range(3):
                for half in (0, 3):
                    self.head.weight[channel, _PLAIN + half + channel, 1, 1] = 0.5

    def forward(self, fields: Tensor) -> Tensor:
        return self.head(self.layers(torch.tanh(fields / 3) * 3)).mul(2).sub(1)  # type: ignore[no-any-return]


_PLAIN: Final = 2 * draw.FIELDS  # the first of six channels that hold the plain picture


def _start_colours(first: nn.Conv2d, block: AutoencoderTinyBlock) -> None:
    """Every field as its positive and negative part, and the six colours of the plain picture.

    m is |a bit of the code|: 1 in things, else 0. Behind: relu(b + 1 - 2m); things: relu(c - 1 + 2m); each is 0..2.
    """
    first.weight[: _PLAIN + 6] = 0
    for channel in range(draw.FIELDS):
        first.weight[2 * channel, channel, 1, 1] = 1
        first.weight[2 * channel + 1, channel, 1, 1] = -1
    enter, middle, leave = block.conv[0], block.conv[2], block.conv[4]
    for channel in range(6):
        field, sign = (channel, -1.0) if channel < 3 else (draw.FIELDS - 6 + channel, 1.0)
        for layer in (enter, middle):
            layer.weight[channel] = 0
        leave.weight[_PLAIN + channel] = 0
        enter.weight[channel, 2 * field, 1, 1], enter.weight[channel, 2 * field + 1, 1, 1] = 1.0, -1.0
        for half in (0, 1):
            enter.weight[channel, 2 * 5 + half, 1, 1] = 2 * sign
        enter.bias[channel] = -sign
        middle.weight[channel, channel, 1, 1] = 1
        leave.weight[_PLAIN + channel, channel, 1, 1] = 1


def _start_blocks(layers: nn.Sequential) -> None:
    """Residual blocks start near identity, the layers that enlarge as a smooth enlargement."""
    line = torch.tensor([1.0, 2.0, 1.0])
    smooth = torch.outer(line, line) / 16
    with torch.no_grad():
        for before, layer in pairwise(layers):
            if isinstance(layer, AutoencoderTinyBlock):
                _quiet(layer, 0.05)
            elif isinstance(before, nn.Upsample):
                assert isinstance(layer, nn.Conv2d)
                layer.weight.mul_(0.05)
                for channel in range(WIDTH):
                    layer.weight[channel, channel] += smooth


def _quiet(block: AutoencoderTinyBlock, share: float) -> None:
    last: nn.Conv2d = block.conv[-1]
    last.weight.mul_(share)


def coarse() -> nn.Module:
    torch.manual_seed(1)
    return Coarse()


def decoder() -> nn.Module:
    """The whole decoder; the first time, its first levels come from the coarse stage where that was trained."""
    torch.manual_seed(1)
    beginning = Coarse()
    with suppress(FileNotFoundError):
        load_average("coarse", beginning)
    module: nn.Module = autoencoder().decoder
    layers = module.layers
    assert isinstance(layers, nn.Sequential)
    _he(module)
    _start_blocks(layers)
    layers[: len(beginning.layers)].load_state_dict(beginning.layers.state_dict())
    layers[-1].load_state_dict(beginning.head.state_dict())
    return module


def coarse_loss(module: nn.Module, at: Step) -> Tensor:
    device = at.device
    _, layouts, _ = batch(TRAINING, at.number, at.worker, 3 * (at.batch or BATCH))
    with torch.autocast(device.type, torch.bfloat16):
        out = module(_noisy(draw.fields(layouts, device)))
    return picture_loss(out.float(), draw.pictures(layouts, 4, device) * 2 - 1, 0.5)


def _he(layers: nn.Module) -> None:
    for layer in layers.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def encoder() -> nn.Module:
    torch.manual_seed(2)
    module: nn.Module = autoencoder().encoder
    _he(module)
    for block in module.modules():
        if isinstance(block, AutoencoderTinyBlock):
            with torch.no_grad():
                _quiet(block, 0.1)
    return module


def decoder_loss(module: nn.Module, at: Step) -> Tensor:
    fields, pictures = _crops(at)
    with torch.autocast(at.device.type, torch.bfloat16):
        out = module(_noisy(fields))
    return picture_loss(out.float(), pictures * 2 - 1)


def _noisy(fields: Tensor) -> Tensor:
    """40 % of the fields as they are, the others with noise of up to 0.12."""
    noise = torch.rand(len(fields), 1, 1, 1, device=fields.device).clamp(min=0.4).sub(0.4) * 0.2
    return fields + noise * torch.randn_like(fields)


def picture_loss(out: Tensor, wanted: Tensor, edges: float = 1.5) -> Tensor:
    """Mean error of colours, and of their steps from pixel to pixel: the second keeps edges crisp."""
    loss = (out - wanted).abs().mean()
    for axis in (2, 3):
        loss = loss + edges * (out.diff(dim=axis) - wanted.diff(dim=axis)).abs().mean()
    return loss


def encoder_loss(module: nn.Module, at: Step) -> Tensor:
    fields, pictures = _crops(at)
    with torch.autocast(at.device.type, torch.bfloat16):
        out = module(pictures * 2 - 1)
    return functional.mse_loss(out.float(), fields)


def _crops(at: Step) -> tuple[Tensor, Tensor]:
    """Windows of side×side cells out of fewer drawn pictures; every sixth step whole pictures of any shape."""
    device, count = at.device, at.batch or BATCH
    if at.number % 6 == 5:
        _, layouts, _ = batch(TRAINING, at.number, at.worker, max(1, count // 4))
        return draw.fields(layouts, device), draw.pictures(layouts, CELL, device)
    _, layouts, rng = batch(TRAINING, at.number, at.worker, max(1, count // 2), (16, 16))
    fields, pictures = draw.fields(layouts, device), draw.pictures(layouts, CELL, device)
    parts: list[tuple[Tensor, Tensor]] = []
    for index in range(count):
        x, y, b = rng.randint(0, 16 - SIDE), rng.randint(0, 16 - SIDE), index % len(layouts)
        window = pictures[b, :, y * CELL : (y + SIDE) * CELL, x * CELL : (x + SIDE) * CELL]
        parts.append((fields[b, :, y : y + SIDE, x : x + SIDE], window))
    return torch.stack([f for f, _ in parts]), torch.stack([p for _, p in parts])


def main() -> None:
    arguments = parser("renderer", 12_000, 1.5e-3)
    arguments.add_argument("part", choices=tuple(_PARTS))
    chosen = arguments.parse_args()
    train(*_PARTS[chosen.part], plan(chosen.part, chosen))


_PARTS: Final = {
    "coarse": (coarse, coarse_loss),
    "decoder": (decoder, decoder_loss),
    "encoder": (encoder, encoder_loss),
}

if __name__ == "__main__":
    main()
