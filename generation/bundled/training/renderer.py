"""The decoder learns to draw from the fields. Plain regression against what `draw.py` draws, by points.

Interpolated to pixels, the fields say all that a pixel needs: which thing it is in, where in that thing, the colours
around it. So the part of the decoder at full size is a function of one pixel's values: it is trained as a perceptron
on sampled points, mostly at edges, a hundred times cheaper than on pictures, and becomes the centre taps of the
decoder's convolutions. Its first block starts as hat functions of the local coordinates, since a plain perceptron
takes very long to learn small shapes from two coordinates; in the others every unit starts out for one kind of thing.
"""

from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import Final, cast

import torch
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn
from torch.nn import functional

from generation.bundled import draw, latents

from .data import HELD_OUT, TRAINING, batch
from .loop import Step, load_average, parser, plan, train

CELL: Final = 16  # pixels
LEVELS: Final = 5  # of 16, 32, ... 256 pixels a side, for 16 cells
WIDTH: Final = 128
PIXEL_BLOCKS: Final = 4
BATCH = 32  # pictures
POINTS: Final = 512  # a picture
POOL: Final = 192  # drawn pictures that are kept for the next steps
FRESH: Final = 2  # drawn anew at each step
SQUARED: Final = 1.0  # weight of squared errors beside absolute ones
OFFSET: Final = 2.0  # makes every field positive, so that it passes the blocks' ReLU unchanged


def _even(reach: float, count: int) -> tuple[float, ...]:
    return tuple(torch.linspace(-reach, reach, count).tolist())


_FINE: Final = _even(1.1, 19)
# Where the hats on a layer's local coordinates stand, across and down. A tower has up to seven rows of windows.
_KNOTS: Final = (
    (latents.OBJECTS, (_even(1.1, 12), _even(1.1, 12))),
    (latents.BEHIND, ((*_FINE[0:6:2], *_FINE[6:13], *_FINE[14::2]), _FINE)),
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
        self.pixels = nn.ModuleList(_Block() for _ in range(PIXEL_BLOCKS))
        self.head = nn.Linear(WIDTH, 3)
        with torch.no_grad():
            _start_cells(cast("nn.Conv2d", self.cells[0]))
            first, *others = (cast("_Block", block) for block in self.pixels)
            _start_hats(first)
            for block in others:
                _start_gates(block)
            nn.init.constant_(self.head.bias, 0.5)
            self.head.weight.mul_(0.1)

    def forward(self, fields: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """[B, N, 3] in -1..1: the colours of pixels, by their indices [B, N]."""
        cells = self.cells(torch.tanh(fields / 3) * 3)
        down, across = (_lift(n).to(fields.device) for n in fields.shape[2:])
        shares = down[rows].unsqueeze(3) * across[columns].unsqueeze(2)  # of each cell in each point
        x = self.pixels[0](shares.flatten(2) @ cells.flatten(2).transpose(1, 2))
        # Only from here on: the coordinates themselves are too fine for 8 bits, their hats are not.
        with torch.autocast(fields.device.type, torch.bfloat16, enabled=self.training):
            for block in self.pixels[1:]:
                x = block(x)
        return self.head(x.float()) * 2 - 1  # type: ignore[no-any-return]

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
            yield from zip(cast("_Block", own).three(), theirs.conv[::2], strict=True)
        yield self.head, layers[-1]


class _Block(nn.Module):
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


def _start_hats(block: _Block) -> None:
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


def _start_gates(block: _Block) -> None:
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


class _Pool:
    """The last drawn scenes with their fields. Each is looked at about ten times, at other points every time.

    A step has to see nearly all kinds of things, or what it learns of some spoils the others; drawing that many scenes
    for each step would take more time than learning from them.
    """

    def __init__(self, width: int, height: int) -> None:
        self.size = width, height
        self._scenes: deque[tuple[Tensor, Tensor, Tensor]] = deque(maxlen=POOL)

    def take(self, at: Step, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Fields [B, C, h, w]; rows and columns [B, POINTS] of pixels; their colours [B, POINTS, 3] in -1..1."""
        self._draw(at, FRESH if self._scenes else count)
        chosen = [self._scenes[int(torch.randint(len(self._scenes), ()))] for _ in range(count)]
        fields, pictures, reach = (torch.stack([scene[part] for scene in chosen]) for part in range(3))
        index = torch.searchsorted(reach, torch.rand(count, POINTS, device=at.device)).clamp(
            max=reach.shape[1] - 1
        )
        colours = pictures.flatten(2).gather(2, index.unsqueeze(1).expand(-1, 3, -1)).transpose(1, 2)
        width = self.size[0] * CELL
        rows, columns = torch.div(index, width, rounding_mode="floor"), index % width
        return fields, rows, columns, colours.float() / 127.5 - 1

    def _draw(self, at: Step, count: int) -> None:
        _, layouts, _ = batch(TRAINING, at.number, at.worker + 50, count, self.size)
        pictures, fields = draw.pictures(layouts, CELL, at.device), latents.fields(layouts, at.device)
        reach = _weights(pictures, fields).flatten(1).cumsum(1)
        levels = (pictures * 255).round().byte()
        self._scenes.extend(zip(fields, levels, reach / reach[:, -1:], strict=True))


_POOLS: Final = (_Pool(16, 16), _Pool(16, 16), _Pool(16, 9))


def loss(module: nn.Module, at: Step) -> Tensor:
    fields, rows, columns, colours = _POOLS[at.number % len(_POOLS)].take(at, at.batch or BATCH)
    out: Tensor = module(_noisy(fields), rows, columns)
    error = out - colours
    # The first alone is content to leave out what is small and not yet certain, a star: its median is the sky.
    return error.abs().mean() + SQUARED * error.pow(2).mean()


def _weights(pictures: Tensor, fields: Tensor) -> Tensor:
    """How likely each pixel is looked at, [B, H, W]: anywhere, more at edges, most at those of objects."""
    edges = _edges(pictures)
    objects, behind, scattered = (_near(fields, layer) for layer in latents.LAYERS)
    return (
        0.2 * _share(torch.ones_like(edges)) + 0.2 * _share(edges) + 0.1 * _share(objects)
        + 0.35 * _share(objects * edges) + 0.5 * _share(behind * edges) + 0.25 * _share(scattered * edges)
    )  # fmt: skip


def _near(fields: Tensor, layer: latents.Layer) -> Tensor:
    """1 where a cell is inside or next to a thing of the layer, [B, H, W]."""
    near = fields[:, layer.first] > -0.4
    return near.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2).float()


def _share(weight: Tensor) -> Tensor:
    return weight / weight.sum((1, 2), keepdim=True).clamp(min=1e-6)


def _edges(pictures: Tensor) -> Tensor:
    """Largest step of colour to the neighbours right and below, [B, H, W]."""
    right = functional.pad(pictures.diff(dim=3), (0, 1)).abs().amax(1)
    below = functional.pad(pictures.diff(dim=2), (0, 0, 0, 1)).abs().amax(1)
    return torch.maximum(right, below).clamp(max=0.3)


def _noisy(fields: Tensor) -> Tensor:
    """Three quarters of the fields as they are, the others with noise of up to 0.01: more would blur small parts."""
    noise = torch.rand(len(fields), 1, 1, 1, device=fields.device).clamp(min=0.75).sub(0.75) * 0.04
    return fields + noise * torch.randn_like(fields)


@torch.no_grad()
def fidelity(decoder: nn.Module, pictures: int = 40) -> dict[str, float]:
    """Of decoded exact fields on held-out scenes: mean PSNR in dB, share of the drawing's gradient energy."""
    errors: list[float] = []
    energy = [0.0, 0.0]
    for step in range(pictures // 4):
        _, layouts, _ = batch(HELD_OUT, step, 0, 4)
        wanted = draw.pictures(layouts, CELL)
        out = ((decoder(latents.fields(layouts)) + 1) / 2).clamp(0, 1)
        errors += (-10 * torch.log10((out - wanted).pow(2).mean((1, 2, 3)))).tolist()
        for i, picture in enumerate((out, wanted)):
            energy[i] += sum(float(picture.diff(dim=axis).pow(2).sum()) for axis in (2, 3))
    return {
        "decibels": round(sum(errors) / len(errors), 2),
        "gradient energy": round(energy[0] / energy[1], 3),
    }


def main() -> None:
    arguments = parser("decoder", 12_000, 2e-3)
    arguments.add_argument("--score", action="store_true")
    chosen = arguments.parse_args()
    if chosen.score:
        painter = Painter()
        step = load_average("decoder", painter)
        print(step, fidelity(painter.decoder().eval()))
        return
    train(network, loss, plan("decoder", chosen))


if __name__ == "__main__":
    main()
