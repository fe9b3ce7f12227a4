"""The decoder learns to draw from the fields. Plain regression against what `draw.py` draws at 4K scale, by points.

Interpolated to pixels, the fields say all that a pixel needs: which thing it is in, where in that thing, the colours
around it. So the part of the decoder at full size is a function of one pixel's values: it is trained as a perceptron
on sampled points (`points.py`), a hundred times cheaper than on pictures, and becomes the centre taps of the decoder's
convolutions. Its first block is hat functions of the local coordinates, which are not trained, since a plain perceptron
takes very long to learn small shapes from two coordinates; in the others every unit starts out for one kind of thing.
`renewal.py` gives units that contribute nothing to kinds that are drawn badly.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final, cast

import torch
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn
from torch.nn import functional

from generation.bundled import draw, latents
from generation.bundled.scenery import PANE

from .data import HELD_OUT, batch
from .loop import Step, load_average, parser, plan, train
from .points import CELL, Points, Pool, near, noisy, steps

LEVELS: Final = 5  # of 16, 32, ... 256 pixels a side, for 16 cells
WIDTH: Final = 128
PIXEL_BLOCKS: Final = 4
BATCH = 32  # pictures
SQUARED: Final = 1.0  # weight of squared errors beside absolute ones
STEPPED: Final = 2.0  # weight of squared errors of the step from a pixel to its neighbour
OFFSET: Final = 2.0  # makes every field positive, so that it passes the blocks' ReLU unchanged


def squashed(fields: Tensor) -> Tensor:
    """As the stock decoder takes its latents."""
    return torch.tanh(fields / 3) * 3


def _even(reach: float, count: int) -> tuple[float, ...]:
    return tuple(squashed(torch.linspace(-reach, reach, count)).tolist())


# Where the hats on a layer's local coordinates stand, across and down. Behind, two for each window of a tower and three
# for each of a block, in step with them.
_KNOTS: Final = (
    (latents.OBJECTS, (_even(1.1, 12), _even(1.1, 12))),
    (latents.BEHIND, (_even(2 * PANE, 9), _even(4 * PANE, 17))),
    (latents.SCATTERED, (_even(0.18, 7), _even(0.18, 7))),
)
_FREE: Final = latents.CHANNELS + sum(
    len(knots) for _, axes in _KNOTS for knots in axes
)  # nothing starts in it
_GATE: Final = 1.0  # how far below zero each bit of another kind's code pushes a unit


def autoencoder() -> AutoencoderTiny:
    """f16, without normalisation, which would lose the plain colours of a flat picture; smooth enlargement."""
    return AutoencoderTiny(
        latent_channels=latents.CHANNELS, scaling_factor=1.0, upsample_fn="bilinear",
        encoder_block_out_channels=(64,) * LEVELS, num_encoder_blocks=(0, 0, 1, 1, 3),
        decoder_block_out_channels=(WIDTH,) * LEVELS, num_decoder_blocks=(0, 0, 0, 0, PIXEL_BLOCKS),
    )  # fmt: skip


class Painter(nn.Module):
    """The decoder in the form in which it is trained: convolutions on cells, then a perceptron on points."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.Sequential(nn.Conv2d(latents.CHANNELS, WIDTH, 3, padding=1), nn.ReLU())
        self.pixels = nn.ModuleList(Block() for _ in range(PIXEL_BLOCKS))
        self.head = nn.Linear(WIDTH, 3)
        with torch.no_grad():
            _start_cells(cast("nn.Conv2d", self.cells[0]))
            first, *others = (cast("Block", block) for block in self.pixels)
            _start_hats(first)
            for block in others:
                _start_gates(block)
            nn.init.constant_(self.head.bias, 0.5)
            self.head.weight.mul_(0.1)
        # At the rates that the others need, the hats would dissolve: in four rounds they did.
        self.cells.requires_grad_(False)
        first.requires_grad_(False)

    def forward(self, fields: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """[B, N, 3] in -1..1: the colours of points [B, N], in pixels of the base size, 0 in the middle of the first.

        In single precision: 8 bits of a hat are as wide as an edge at 4K.
        """
        cells = self.cells(squashed(fields))
        x = self.pixels[0](enlarged(cells, rows, columns))
        for block in self.later:
            x = block(x)
        return self.head(x) * 2 - 1  # type: ignore[no-any-return]

    @property
    def later(self) -> list["Block"]:
        """The blocks that are trained."""
        return [cast("Block", block) for block in self.pixels][1:]

    @torch.no_grad()
    def decoder(self) -> nn.Module:
        """The same function as the stock decoder's module, for whole pictures."""
        decoder: nn.Module = autoencoder().decoder
        for own, theirs in self._twins(decoder):
            if isinstance(own, nn.Linear):
                _centre(theirs, own.weight, own.bias)
            else:
                theirs.load_state_dict(own.state_dict())
        for layer in list(_layers(decoder))[len(self.cells) : -1]:
            if isinstance(layer, nn.Conv2d):  # after each enlargement
                _centre(layer, torch.eye(WIDTH))
        return decoder

    @torch.no_grad()
    def take(self, decoder: nn.Module) -> None:
        """The inverse of `decoder`, to train on from shipped weights."""
        for own, theirs in self._twins(decoder):
            if isinstance(own, nn.Linear):
                own.weight.copy_(cast("Tensor", theirs.weight)[:, :, 1, 1])
                own.bias.copy_(cast("Tensor", theirs.bias))
            else:
                own.load_state_dict(theirs.state_dict())

    def _twins(self, decoder: nn.Module) -> Iterator[tuple[nn.Module, nn.Module]]:
        """This module's parts and the stock decoder's that mean the same."""
        layers = list(_layers(decoder))
        yield from zip(self.cells, layers, strict=False)
        blocks = [layer for layer in layers[len(self.cells) :] if isinstance(layer, AutoencoderTinyBlock)]
        for own, theirs in zip(self.pixels, blocks, strict=True):
            yield from zip(cast("Block", own).three(), theirs.conv[::2], strict=True)
        yield self.head, layers[-1]


class Block(nn.Module):
    """`AutoencoderTinyBlock` for points."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(3))
        first, _, third = self.three()
        with torch.no_grad():
            for line in self.three():
                nn.init.kaiming_normal_(line.weight, nonlinearity="relu")
                nn.init.zeros_(line.bias)
            carried = first.weight[:, : latents.CHANNELS]
            carried.mul_(0.5)
            first.bias.copy_(-OFFSET * carried.sum(1))
            third.weight.mul_(0.2)
            third.weight[: latents.CHANNELS] = 0  # the fields stay what they are, at first

    def three(self) -> tuple[nn.Linear, nn.Linear, nn.Linear]:
        return cast("tuple[nn.Linear, nn.Linear, nn.Linear]", tuple(self.lines))

    def forward(self, x: Tensor) -> Tensor:
        first, second, third = self.three()
        return functional.relu(x + third(functional.relu(second(functional.relu(first(x))))))


def _start_cells(first: nn.Conv2d) -> None:
    """Every field in a channel of its own, lifted by OFFSET."""
    first.weight.mul_(0.3)
    for channel in range(latents.CHANNELS):
        first.weight[channel] = 0
        first.weight[channel, channel, 1, 1] = 1
        cast("Tensor", first.bias)[channel] = OFFSET


def _start_hats(block: Block) -> None:
    """Line 1 carries a coordinate and makes its hinges relu(x - knot), line 2 hats of them, line 3 frees channels.

    A hat is 1 at its own knot and falls to 0 at its neighbours', as in any piecewise linear interpolation:
    relu(rise - (rise + fall) beyond the knot).
    """
    hinges, hats, free = block.three()
    unit, hat = 0, 0
    for layer, axes in _KNOTS:
        for axis, knots in enumerate(axes):
            ends = (2 * knots[0] - knots[1], *knots, 2 * knots[-1] - knots[-2])
            carried, coordinate = unit, layer.place.start + axis
            hinges.weight[carried : carried + 1 + len(knots)] = 0
            hinges.weight[carried : carried + 1 + len(knots), coordinate] = 1
            hinges.bias[carried] = 0
            for before, own, after in zip(ends, knots, ends[2:], strict=False):
                unit += 1
                hinges.bias[unit] = -OFFSET - own
                rise, fall = 1 / (own - before), 1 / (after - own)
                hats.weight[hat] = 0
                hats.weight[hat, carried] = rise
                hats.weight[hat, unit] = -rise - fall
                hats.bias[hat] = -rise * (OFFSET + before)
                free.weight[latents.CHANNELS + hat] = 0
                free.weight[latents.CHANNELS + hat, hat] = 1
                hat += 1
            unit += 1


def _start_gates(block: Block) -> None:
    """Every unit of line 1 works for one kind of thing: the bits of any other kind's code keep it at zero.

    So what is learned of a kind does not spoil another. Within its kind a unit starts as a function of the hats that
    adds up one function of each coordinate: that is what discs, rings and boxes are.
    """
    first, _, third = block.three()
    turns = [
        (layer, code, at)
        for layer, share, at in _hats()
        for _ in range(share)
        for code in latents.codes(layer)
    ]
    for unit, turn in enumerate(torch.randperm(len(turns)).repeat(2)[:WIDTH].tolist()):
        layer, code, hats = turns[turn]
        first.weight[unit] = 0
        first.weight[unit, layer.code] = _GATE * code
        first.weight[unit, hats] = torch.randn(hats.stop - hats.start)
        first.bias[unit] = -_GATE * (OFFSET * code.sum() + layer.bits) + 0.3 * torch.randn(())
    third.weight[latents.CHANNELS : _FREE] = 0


def _hats() -> Iterator[tuple[latents.Layer, int, slice]]:
    """Every layer, how often its kinds take turns, and the channels of its hats."""
    first = latents.CHANNELS
    for (layer, axes), share in zip(_KNOTS, (3, 2, 1), strict=True):
        count = sum(map(len, axes))
        yield layer, share, slice(first, first + count)
        first += count


def _centre(convolution: nn.Module, weight: Tensor, bias: Tensor | None = None) -> None:
    assert isinstance(convolution, nn.Conv2d)
    convolution.weight.zero_()
    convolution.weight[:, :, 1, 1] = weight
    if bias is not None:
        assert convolution.bias is not None
        convolution.bias.copy_(bias)


def _layers(decoder: nn.Module) -> nn.Sequential:
    return cast("nn.Sequential", decoder.layers)


def enlarged(cells: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """[B, N, C]: cells [B, C, h, w] as the decoder enlarges them, at points [B, N] between pixels too."""
    down, across = (
        _between(_lift(n).to(cells.device), place)
        for n, place in zip(cells.shape[2:], (rows, columns), strict=True)
    )
    shares = down.unsqueeze(3) * across.unsqueeze(2)  # of each cell in each point
    return shares.flatten(2) @ cells.flatten(2).transpose(1, 2)


def _between(lift: Tensor, place: Tensor) -> Tensor:
    """[B, N, cells]: what points along a line take from each cell, linear between two pixels."""
    before = place.float().floor().long().clamp(0, len(lift) - 2)
    share = (place.float() - before).clamp(0, 1).unsqueeze(-1)
    return torch.lerp(lift[before], lift[before + 1], share)


@cache
def _lift(cells: int) -> Tensor:
    """[16 · cells, cells]: what each pixel of a line takes from each cell, through all levels of enlargement."""
    line = torch.eye(cells).unsqueeze(0)
    for _ in range(LEVELS - 1):
        line = functional.interpolate(line, scale_factor=2, mode="linear")
    return line[0].T.contiguous()


def network() -> nn.Module:
    torch.manual_seed(1)
    return Painter()


_COMMON: Final = (Pool(16, 16, 1), Pool(16, 16, 1), Pool(16, 9, 1))
_RARE: Final = Pool(16, 16, 1, rare=True)


def loss(module: nn.Module, at: Step) -> Tensor:
    count = at.batch or BATCH
    rare = max(1, count // 3)
    common = _COMMON[at.number % len(_COMMON)].take(at, max(1, count - rare))
    return _error(module, common) + 0.5 * _error(module, _RARE.take(at, rare))


def _error(module: nn.Module, points: Points) -> Tensor:
    out: Tensor = module(noisy(points.fields), points.rows, points.columns)
    error = out - points.colours
    own, beside = error.chunk(2, dim=1)
    # Absolute errors alone are smallest without what is small and not yet certain, a star: its median is the sky.
    return error.abs().mean() + SQUARED * error.pow(2).mean() + STEPPED * (own - beside).pow(2).mean()


@torch.no_grad()
def fidelity(decoder: nn.Module, pictures: int = 40) -> dict[str, float]:
    """Of decoded exact fields on held-out scenes: mean PSNR in dB, share of the drawing's gradient energy.

    The latter in whole, and at the things of each layer: in pixels of the cells inside and next to them.
    """
    errors: list[float] = []
    energy: dict[str, list[float]] = {}
    for step in range(pictures // 4):
        _, layouts, _ = batch(HELD_OUT, step, 0, 4)
        fields, wanted = latents.fields(layouts), draw.pictures(layouts, CELL)
        out = ((decoder(fields) + 1) / 2).clamp(0, 1)
        errors += (-10 * torch.log10((out - wanted).pow(2).mean((1, 2, 3)))).tolist()
        for name, where in _parts(fields):
            sums = energy.setdefault(name, [0.0, 0.0])
            for i, picture in enumerate((out, wanted)):
                sums[i] += sum(float((change.pow(2).sum(1) * where).sum()) for change in steps(picture))
    return {
        "decibels": round(sum(errors) / len(errors), 2),
        **{name: round(out / wanted, 3) for name, (out, wanted) in energy.items()},
    }


def _parts(fields: Tensor) -> Iterator[tuple[str, Tensor]]:
    objects, behind, scattered = (near(fields, layer) for layer in latents.LAYERS)
    yield "gradient energy", torch.ones_like(objects)
    yield "at objects", objects
    yield "behind", behind * (1 - objects)
    yield "scattered", scattered * (1 - objects) * (1 - behind)


def main() -> None:
    arguments = parser("decoder", 12_000, 2e-3)
    arguments.add_argument("--score", action="store_true")
    chosen = arguments.parse_args()
    if chosen.score:
        painter = Painter()
        step = load_average("decoder", painter)
        print(step, fidelity(painter.decoder().eval()))
        return
    train(network, loss, replace(plan("decoder", chosen), muon=True))  # docs/decisions/0014


if __name__ == "__main__":
    main()
