"""Redraws a part of a picture with any text-to-image weights: what lies outside of the mask is put back at every step.

Inside the run the latents outside of the mask are the picture's own, at the noise of the step, so that what is drawn
inside fits them. Autoencoders do not give pixels back exactly, so in the end the finished picture is laid over the
original inside the mask only: outside not one pixel changes.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from generation.engine.encode import Pixels

_OPAQUE: Final = 255


class Surroundings:
    """What a run keeps. Watches the scheduler noise the picture once, and noises it alike for every later step."""

    def __init__(self, scheduler: Any, mask: torch.Tensor) -> None:
        """`mask` is [h, w] of the latents, 1 where the picture is redrawn and 0 where it stays."""
        self._scheduler = scheduler
        self._mask = mask
        self._add_noise: Callable[..., torch.Tensor] = scheduler.add_noise
        self._picture: torch.Tensor | None = None
        self._noise: torch.Tensor | None = None
        scheduler.add_noise = self._watched

    def _watched(self, picture: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor) -> torch.Tensor:
        self._picture, self._noise = picture, noise
        return self._add_noise(picture, noise, timesteps)

    def put_back(self, latents: torch.Tensor, time: Any) -> torch.Tensor:
        """The latents after the step at `time`, with the surroundings at the noise of the step that comes next."""
        if self._picture is None or self._noise is None:
            raise RuntimeError("the pipeline drew without the picture that it should change")
        times = self._scheduler.timesteps
        following = int((times == time).nonzero()[-1]) + 1
        kept = self._picture
        if following < len(times):
            kept = self._add_noise(kept, self._noise, times[following : following + 1])
        mask = self._mask.to(latents)
        return latents * mask + kept.to(latents) * (1 - mask)


def latent_mask(mask: Image.Image, height: int, width: int) -> torch.Tensor:
    """[height, width]: 1 for every cell that the mask touches, else 0."""
    whole = torch.from_numpy(np.asarray(mask.convert("L"), dtype=np.float32).copy())[None, None]
    return (torch.nn.functional.adaptive_max_pool2d(whole, (height, width))[0, 0] > 0).float()


def laid_over(original: Pixels, drawn: Pixels, mask: Image.Image, feather: float = 0.0) -> Pixels:
    """`drawn` over `original` inside the mask; uint8 [H, W, 3], the mask of the same size, white where redrawn.

    The feather, in pixels, lies inside the mask. ValueError where the sizes differ.
    """
    if original.shape != drawn.shape or original.shape[:2] != (mask.height, mask.width):
        raise ValueError("picture, drawing and mask must have one size")
    share = _feathered(mask.convert("L"), feather)[:, :, None]
    blended = original + (drawn.astype(np.float32) - original) * share
    out: Pixels = np.where(share > 0, blended.round(), original).astype(np.uint8)
    return out


def _feathered(mask: Image.Image, feather: float) -> NDArray[np.float32]:
    hard: NDArray[np.float32] = np.asarray(mask, dtype=np.float32) / np.float32(_OPAQUE)
    if feather <= 0:
        return hard
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(feather / 2)), dtype=np.float32)
    inside: NDArray[np.float32] = (soft * np.float32(2 / _OPAQUE) - 1).clip(0, 1)
    return np.minimum(hard, inside)
