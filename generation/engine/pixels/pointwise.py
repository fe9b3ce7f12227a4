"""A decoder that is a function of one pixel: its colours at any place, so that a picture has no resolution of its own.

The bundled model's decoder sees neighbouring cells in its first convolution only. What follows enlarges the cells
smoothly and paints each pixel from them alone. So it can be asked for single points, between the pixels of the stock
decoder too: at those pixels it gives what the stock decoder gives.
"""

import copy
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers.models.autoencoders.vae import DecoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from generation.engine.pixels.encode import Pixels
from generation.requests.sizes import Size

_AT_ONCE: Final = 8192  # points: what they pass through stays in the processor's cache
_Line = tuple[Tensor, Tensor]


class PointDecoder:
    """The parts of such a decoder: cells, enlargement, and a perceptron on points."""

    def __init__(self, cells: nn.ModuleList, blocks: list[tuple[_Line, _Line, _Line]], head: _Line) -> None:
        self._cells, self._blocks, self._head = cells, blocks, head

    @torch.inference_mode()
    def canvas(self, latents: Tensor, *, left: float = 0.0, top: float = 0.0) -> "Canvas":
        """The latents of one picture [channels, h, w], ready to be asked for colours from (left, top) on."""
        cells = torch.tanh(latents[None].float() / 3) * 3
        for layer in self._cells:
            cells = layer(cells)
        _, channels, height, width = cells.shape
        values = cells[0].permute(1, 2, 0).reshape(height * width, channels).contiguous()
        return Canvas(values, width, height, left, top, self)

    def paint(self, x: Tensor) -> Tensor:
        """[N, channels] → colours [N, 3] in 0..1, where the decoder stays in its range."""
        for first, second, third in self._blocks:
            inner = functional.linear(x, *first).relu_()
            inner = functional.linear(inner, *second).relu_()
            x = functional.linear(inner, *third).add_(x).relu_()
        return functional.linear(x, *self._head)


@dataclass(frozen=True, slots=True)
class Canvas:
    """One picture. Places are in pixels of the stock decoder's picture from its left and top on; the middle of the
    first of these pixels is (0.5, 0.5).
    """

    values: Tensor  # [height * width, channels], of the whole that the decoder draws
    width: int
    height: int
    left: float
    top: float
    decoder: PointDecoder

    @torch.inference_mode()
    def colours(self, x: Tensor, y: Tensor) -> Tensor:
        """Colours [N, 3] in 0..1 of the places [N]; places outside have the colour of the edge."""
        out = self.values.new_empty(len(x), 3)
        x, y = x + self.left, y + self.top
        for start in range(0, len(x), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            out[some] = self.decoder.paint(self._between(x[some], y[some]))
        return out.clamp_(0, 1)

    def picture(self, shown: tuple[int, int], size: Size) -> Image.Image:
        """The part of `size` as a picture of `shown` points across and down."""
        width, height = shown
        device = self.values.device
        across = (torch.arange(width, device=device) + 0.5) * (size.width / width)
        down = (torch.arange(height, device=device) + 0.5) * (size.height / height)
        y, x = torch.meshgrid(down, across, indexing="ij")
        colours = self.colours(x.flatten(), y.flatten()).view(height, width, 3)
        return Image.fromarray(levels(colours))

    def _between(self, x: Tensor, y: Tensor) -> Tensor:
        """The enlarged cells at places [N], bilinear between the four pixels around: [N, channels]."""
        left, right, across = _neighbours(x, self.width)
        above, below, down = _neighbours(y, self.height)
        above, below = above * self.width, below * self.width
        upper = torch.lerp(self.values[above + left], self.values[above + right], across)
        lower = torch.lerp(self.values[below + left], self.values[below + right], across)
        return torch.lerp(upper, lower, down)


def levels(colours: Tensor) -> Pixels:
    """Colours [h, w, 3] in 0..1 as bytes."""
    pixels: Pixels = colours.mul(255).round_().byte().contiguous().cpu().numpy()
    return pixels


def point_decoder(vae: Any) -> PointDecoder | None:
    """The decoder of a folded autoencoder (see `folding`) as a function of points; None where it is none."""
    decoder = getattr(vae, "decoder", None)
    if not isinstance(decoder, DecoderTiny):
        return None
    first, activation, *rest = decoder.layers
    smooth: list[nn.Module] = [activation]
    while rest and not isinstance(rest[0], AutoencoderTinyBlock):
        smooth.append(rest.pop(0))
    *blocks, head = rest
    lines = [_lines_of_block(block) for block in blocks]
    last = _line(head)
    if any(lines_of is None for lines_of in lines) or last is None or not _is_smooth(smooth):
        return None
    parts = nn.ModuleList((first, *_without_identities(smooth)))
    # In single precision wherever it runs: half of it is too coarse for places inside a thing.
    return PointDecoder(copy.deepcopy(parts).float(), [found for found in lines if found], last)


def _lines_of_block(block: nn.Module) -> tuple[_Line, _Line, _Line] | None:
    """The three matrices of a block that looks at one pixel, by ReLU."""
    if not isinstance(block, AutoencoderTinyBlock) or not isinstance(block.fuse, nn.ReLU):
        return None
    if (
        not isinstance(block.skip, nn.Identity)
        or [type(layer) for layer in block.conv[1::2]] != [nn.ReLU] * 2
    ):
        return None
    lines = [_line(layer) for layer in block.conv[::2]]
    first, second, third = lines
    return (first, second, third) if first and second and third else None


def _line(layer: nn.Module) -> _Line | None:
    if not isinstance(layer, nn.Conv2d) or layer.kernel_size != (1, 1) or layer.bias is None:
        return None
    return layer.weight.detach()[:, :, 0, 0].float().contiguous(), layer.bias.detach().float()


def _is_smooth(layers: list[nn.Module]) -> bool:
    """Whether the enlargement is linear interpolation and nothing beside it looks at neighbours."""
    activation, *rest = layers
    return isinstance(activation, nn.ReLU) and all(
        (isinstance(layer, nn.Upsample) and layer.mode == "bilinear")
        or (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1))
        for layer in rest
    )


def _without_identities(layers: list[nn.Module]) -> list[nn.Module]:
    """Convolutions after an enlargement that change nothing are left out."""
    return [layer for layer in layers if not (isinstance(layer, nn.Conv2d) and _is_identity(layer))]


def _is_identity(layer: nn.Conv2d) -> bool:
    weight = layer.weight.detach()[:, :, 0, 0]
    square = weight.shape[0] == weight.shape[1] and layer.bias is None
    return square and bool(torch.equal(weight, torch.eye(len(weight)).to(weight)))


def _neighbours(place: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """The pixels before and after each place along an axis, and the share [N, 1] of the one after."""
    index = (place - 0.5).clamp(0, size - 1)
    before = index.floor().long().clamp(max=max(0, size - 2))
    return before, (before + 1).clamp(max=size - 1), (index - before).unsqueeze(1)
