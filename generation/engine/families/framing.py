"""Between the size that is asked for and the one that a network can draw; between its tensors and pixels."""

import math
from dataclasses import dataclass
from typing import Any, Final

import torch
from PIL import Image, ImageOps

from generation.engine.families.inpainting import latent_mask
from generation.engine.pixels.encode import Pixels
from generation.requests.sizes import Size

PREVIEW_SIDE: Final = 256
# What pipelines take as a reference: no side under 64 pixels, and no side over 8 times the other.
_LEAST_SIDE: Final = 64
_MOST_RATIO: Final = 8

_Rect = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of `size` in the middle of what is `drawn`, which is at least as large."""

    size: Size
    drawn: Size

    @classmethod
    def around(cls, size: Size, multiple: int) -> "Frame":
        """Draw at the next multiples: a network halves its picture, and can't halve odd sizes."""
        drawn = Size(*(math.ceil(side / multiple) * multiple for side in (size.width, size.height)))
        return cls(size, drawn)

    @property
    def left(self) -> int:
        return (self.drawn.width - self.size.width) // 2

    @property
    def top(self) -> int:
        return (self.drawn.height - self.size.height) // 2

    def cropped(self, whole: Pixels) -> Pixels:
        """[drawn.height, drawn.width, …] → [size.height, size.width, …]."""
        picture: Pixels = whole[
            self.top : self.top + self.size.height, self.left : self.left + self.size.width
        ]
        return picture

    def padded(self, picture: Image.Image) -> Image.Image:
        """Covering `size`, cropped in the middle, its edge pixels repeated out to what is drawn."""
        fitted = ImageOps.fit(picture, (self.size.width, self.size.height), Image.Resampling.LANCZOS)
        if self.drawn == self.size:
            return fitted
        box = (-self.left, -self.top, self.drawn.width - self.left, self.drawn.height - self.top)
        padded = fitted.crop(box)
        for strip, target in self._borders():
            padded.paste(padded.crop(strip).resize((target[2] - target[0], target[3] - target[1])), target)
        return padded

    def cells(self, mask: Image.Image, height: int, width: int) -> torch.Tensor:
        """The mask's levels in [height, width] cells of what is drawn: see `latent_mask`."""
        return latent_mask(self.padded(mask.convert("L")), height, width)

    def preview(self, whole: Image.Image) -> Image.Image:
        """`whole` shows all that is drawn, at any scale: the picture alone, its long side PREVIEW_SIDE."""
        across, down = whole.width / self.drawn.width, whole.height / self.drawn.height
        box = (
            self.left * across,
            self.top * down,
            (self.left + self.size.width) * across,
            (self.top + self.size.height) * down,
        )
        return whole.resize(within(self.size, PREVIEW_SIDE), Image.Resampling.BICUBIC, box=box)

    def _borders(self) -> list[tuple[_Rect, _Rect]]:
        """The one-pixel line to repeat and the border to fill: left, right, then top and bottom at full width."""
        left, top = self.left, self.top
        right, bottom = left + self.size.width, top + self.size.height
        width, height = self.drawn.width, self.drawn.height
        pairs: list[tuple[_Rect, _Rect]] = [
            ((left, top, left + 1, bottom), (0, top, left, bottom)),
            ((right - 1, top, right, bottom), (right, top, width, bottom)),
            ((0, top, width, top + 1), (0, 0, width, top)),
            ((0, bottom - 1, width, bottom), (0, bottom, width, height)),
        ]
        return [(line, area) for line, area in pairs if area[2] > area[0] and area[3] > area[1]]


def within(size: Size, side: int) -> tuple[int, int]:
    """Width and height of that shape with a long side of `side`."""
    scale = side / max(size.width, size.height)
    return max(1, round(size.width * scale)), max(1, round(size.height * scale))


def as_reference(picture: Image.Image) -> Image.Image:
    """The same picture, widened by white or enlarged to what pipelines take as a reference."""
    width, height = picture.size
    width, height = max(width, -(-height // _MOST_RATIO)), max(height, -(-width // _MOST_RATIO))
    if (width, height) != picture.size:
        picture = ImageOps.pad(picture, (width, height), color="white")
    scale = _LEAST_SIDE / min(width, height)
    if scale > 1:
        picture = picture.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC)
    return picture


def pixels(decoded: torch.Tensor) -> Pixels:
    """[channels, H, W] from -1 to 1 → uint8 [H, W, channels]."""
    levels = (decoded.float() / 2 + 0.5).clamp(0, 1).mul(255).round()
    found: Pixels = levels.byte().permute(1, 2, 0).contiguous().cpu().numpy()
    return found


def shrunk(latents: torch.Tensor, factor: int) -> torch.Tensor:
    """[1, channels, h, w], so small that decoding them gives at most about twice PREVIEW_SIDE pixels a side."""
    scale = max(1, max(latents.shape[-2:]) * factor // (2 * PREVIEW_SIDE) * 2)
    return torch.nn.functional.avg_pool2d(latents.float(), scale) if scale > 1 else latents


def unscaled(latents: torch.Tensor, config: Any) -> torch.Tensor:
    """Back to the autoencoder's own scale: mean and deviation a channel where it has them, else one factor."""
    mean, deviation = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and deviation is not None:
        shape = (1, -1, 1, 1)
        means, deviations = latents.new_tensor(mean).view(shape), latents.new_tensor(deviation).view(shape)
        found: torch.Tensor = latents * deviations / config.scaling_factor + means
        return found
    shifted: torch.Tensor = latents / config.scaling_factor + (getattr(config, "shift_factor", None) or 0.0)
    return shifted
