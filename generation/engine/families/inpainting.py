"""Redraws a part of a picture with any text-to-image weights: what lies outside of the mask is put back at every step.

Inside the run the latents outside of the mask are the picture's own, at the noise of the step, so that what is drawn
inside fits them. A mask has levels: a cell of level 1 is drawn from the first step on, one of level 0.3 joins for the
last three tenths of the schedule and stays near the picture (differential diffusion). Autoencoders do not give pixels
back exactly, so the engine lays the drawing over the original inside the mask only (`pixels/laying.py`).
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from generation.engine.families import Batch

_ALL_NEW: Final = 0.9
_OPAQUE: Final = 255
# Horizons, hills and shores continue sideways: neighbours there weigh so much more than those above and below.
_LEVEL: Final = 16
_ROUNDS: Final = 400  # of smoothing, on each of the sizes that a fill is computed at


class Surroundings:
    """What a run keeps. Watches the scheduler noise the picture once, and noises it alike for every later step.

    With `fill` the picture inside of the mask is forgotten: the run begins there with what its surroundings make
    expect. With `latents` these are the picture, whatever the autoencoder made of its pixels.
    """

    def __init__(
        self, scheduler: Any, mask: Tensor | None, *, fill: bool = False, latents: Tensor | None = None
    ) -> None:
        """`mask` has levels from 0 (stays) to 1 (redrawn) and broadcasts to the latents: [h, w], packed [h·w, 1].

        Without one all is redrawn.
        """
        self._scheduler = scheduler
        self._mask, self._fill, self._latents = mask, fill, latents
        self._picture: Tensor | None = None
        self._noise: Tensor | None = None
        self._add_noise = self._watch()

    def _watch(self) -> Callable[..., Tensor]:
        """Stand in for the scheduler's own noising; return it with the arguments of diffusion schedulers."""
        if hasattr(self._scheduler, "add_noise"):
            add: Callable[..., Tensor] = self._scheduler.add_noise
        else:  # flow matching
            scale: Callable[..., Tensor] = self._scheduler.scale_noise

            def add(picture: Tensor, noise: Tensor, times: Tensor) -> Tensor:
                return scale(picture, times, noise)

        def watched(picture: Tensor, noise: Tensor, times: Tensor) -> Tensor:
            if self._picture is None:  # pipelines for inpainting noise it again at each step, packed
                picture = self._begun(picture)
                self._picture, self._noise = picture, noise
            return add(picture, noise, times)

        self._scheduler.add_noise = watched
        self._scheduler.scale_noise = lambda picture, times, noise: watched(picture, noise, times)
        return add

    def _begun(self, picture: Tensor) -> Tensor:
        if self._latents is not None:
            picture = self._latents.to(picture).expand_as(picture)
        if self._fill and self._mask is not None:
            picture = torch.where((self._mask > 0).to(picture.device), filled(picture, self._mask), picture)
        return picture

    def put_back(self, latents: Tensor, time: Any) -> Tensor:
        """The latents after the step at `time`, with the surroundings at the noise of the step that comes next."""
        if self._picture is None or self._noise is None:
            raise RuntimeError("the pipeline drew without the picture that it should change")
        if self._mask is None:
            return latents
        times = self._scheduler.timesteps
        following = int((times == time).nonzero()[-1]) + 1
        kept = self._picture
        if following < len(times):
            kept = self._add_noise(kept, self._noise, times[following : following + 1])
        remaining = 1 - following / len(times)
        drawn = ((self._mask > 0) & (self._mask >= remaining)).to(latents.device)
        return torch.where(drawn, latents, kept.to(latents))


def is_all_new(batch: Batch) -> bool:
    """Whether nothing of what the mask covers is kept."""
    return batch.mask is not None and batch.strength == 1


def strength(batch: Batch) -> float | None:
    """How much of the schedule a run takes. What is all new begins at what its surroundings make expect, not at noise:
    so horizons and light go on.
    """
    if is_all_new(batch) and int(batch.steps * _ALL_NEW) >= 1:
        return _ALL_NEW
    return batch.strength


def is_filled(batch: Batch) -> bool:
    """Whether the run has to make up what it begins with under the mask."""
    return is_all_new(batch) and batch.levels is None


def surroundings(scheduler: Any, batch: Batch, cells: Tensor) -> Surroundings:
    """What a run with that mask keeps, for families whose pictures come without stored fields."""
    return Surroundings(scheduler, cells, fill=is_filled(batch))


def latent_mask(mask: Image.Image, height: int, width: int) -> Tensor:
    """[height, width]: the mean level, from 0 to 1, of the mask in every cell; the highest of them counts as 1.

    A cell that the mask covers in part is drawn late: what the mask would cut off is not begun.
    """
    whole = torch.from_numpy(np.asarray(mask.convert("L"), dtype=np.float32).copy())[None, None]
    levels = functional.adaptive_avg_pool2d(whole, (height, width))[0, 0] / _OPAQUE
    return levels / levels.max().clamp(min=1e-6)


@torch.no_grad()
def filled(picture: Tensor, mask: Tensor) -> Tensor:
    """Latents [..., h, w] whose cells with a level above 0 in `mask` [h, w] go smoothly on from the others."""
    known = (mask == 0).to(picture.device)
    if not known.any():
        return picture.mean(dim=(-2, -1), keepdim=True).expand_as(picture)
    if min(mask.shape) > 2 and not known.all():
        # From coarse to fine: a start that is about right, or smoothing would take as many rounds as there are cells.
        half = (-(-mask.shape[0] // 2), -(-mask.shape[1] // 2))
        share = functional.adaptive_avg_pool2d(known[None, None].float(), half)[0, 0]
        mean = _pooled(picture.float() * known, half) / share.clamp(min=1e-3)
        coarse = filled(mean, (share == 0).float())
        start = functional.interpolate(
            coarse.reshape(1, -1, *half), size=mask.shape, mode="bilinear", align_corners=False
        ).reshape(picture.shape)
    else:
        start = picture.float() * known / known.float().mean()
    out = torch.where(known, picture.float(), start)
    flat, kept, is_known = out.reshape(1, -1, *mask.shape), picture.float().reshape(1, -1, *mask.shape), known
    for _round in range(_ROUNDS):
        around = functional.pad(flat, (1, 1, 1, 1), mode="replicate")
        upright = around[..., :-2, 1:-1] + around[..., 2:, 1:-1]
        level = around[..., 1:-1, :-2] + around[..., 1:-1, 2:]
        mean = (upright + _LEVEL * level) / (2 + 2 * _LEVEL)
        flat = torch.where(is_known, kept, mean)
    return flat.reshape(picture.shape).to(picture)


def _pooled(picture: Tensor, size: tuple[int, int]) -> Tensor:
    flat = picture.reshape(1, -1, *picture.shape[-2:])
    return functional.adaptive_avg_pool2d(flat, size).reshape(*picture.shape[:-2], *size)
