"""Photo-like pictures made from random numbers: noise of many scales, soft shapes, grain, glyph-like strokes.

The super-resolution network sees them so that it does no harm to pictures that are not drawn scenes.
"""

import torch
from torch import Tensor
from torch.nn import functional


def photo_like(count: int, size: int) -> Tensor:
    """[count, 3, size, size] in 0..1 from torch's random state: clouds of 1/f noise, edges between them, some grain."""
    base = _spectrum(count, 3, size, 1.0 + torch.rand(count, 1, 1, 1))
    shared = _spectrum(count, 1, size, 1.2 + 0.8 * torch.rand(count, 1, 1, 1))
    picture = 0.6 * shared + 0.4 * base
    border = _spectrum(count, 1, size, torch.full((count, 1, 1, 1), 1.9))
    sharp = torch.sigmoid(border * 10 ** (0.3 + 1.7 * torch.rand(count, 1, 1, 1)))
    other = 0.7 * _spectrum(count, 3, size, 1.1 + torch.rand(count, 1, 1, 1)) + torch.randn(count, 3, 1, 1)
    picture = picture * sharp + other * (1 - sharp)
    contrast, light = 0.10 + 0.14 * torch.rand(count, 1, 1, 1), 0.3 + 0.4 * torch.rand(count, 1, 1, 1)
    picture = picture * contrast + light
    return (picture + 0.02 * torch.rand(count, 1, 1, 1) * torch.randn(count, 3, size, size)).clamp(0, 1)


def strokes(count: int, size: int) -> Tensor:
    """[count, 3, size, size]: thin antialiased lines and rings in two colours, as in letters and line drawings."""
    y, x = torch.meshgrid(torch.arange(size) + 0.5, torch.arange(size) + 0.5, indexing="ij")
    ink = torch.zeros(count, 1, size, size)
    for index in range(12):
        a, b = torch.rand(2, count, 2, 1, 1) * size
        radius = 0.8 + 3.2 * torch.rand(count, 1, 1)
        if index % 3 == 0:
            ring = torch.hypot(x - a[:, 0], y - a[:, 1]) - size * 0.2 * torch.rand(count, 1, 1)
            distance = ring.abs() - radius
        else:
            d = (b - a) * 0.5
            t = ((x - a[:, 0]) * d[:, 0] + (y - a[:, 1]) * d[:, 1]) / (d * d).sum(1).clamp(min=1)
            t = t.clamp(0, 1)
            distance = torch.hypot(x - a[:, 0] - t * d[:, 0], y - a[:, 1] - t * d[:, 1]) - radius
        ink = torch.maximum(ink, (0.5 - distance).clamp(0, 1).unsqueeze(1))
    paper, pen = torch.rand(2, count, 3, 1, 1)
    drawn: Tensor = paper + (pen - paper) * ink
    return drawn


def shrink(large: Tensor, way: int) -> Tensor:
    """Four times smaller: by area, by bicubic with antialiasing, or by bilinear with antialiasing."""
    if way % 3 == 0:
        return functional.avg_pool2d(large, 4)
    mode = "bicubic" if way % 3 == 1 else "bilinear"
    return functional.interpolate(large, scale_factor=0.25, mode=mode, antialias=True).clamp(0, 1)


def _spectrum(count: int, channels: int, size: int, slope: Tensor) -> Tensor:
    """Noise of unit variance whose amplitude falls as frequency to the power -slope."""
    wave = torch.fft.rfft2(torch.randn(count, channels, size, size))
    fy, fx = torch.fft.fftfreq(size).view(-1, 1), torch.fft.rfftfreq(size).view(1, -1)
    radius = torch.hypot(fy, fx).clamp(min=0.5 / size)
    noise = torch.fft.irfft2(wave * radius.pow(-slope), s=(size, size))
    even: Tensor = noise / noise.std(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
    return even
