"""Image-to-image with a model that can read only its own world: what it can't read of a picture stays, and gives way to
the drawing the more, the more may change.

How sure the encoder is shows in what its reading decodes to, beside the picture. A picture that it reads is changed in
the latents, as usual. Of any other the pixels stay, and a drawing is let in: its background where that is most like the
picture first, its things in front as soon as enough may change. Each pixel is the picture's or the drawing's, but for a
narrow rim between them, so that no edge stands twice.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.nn import functional

from generation.engine import projecting
from generation.engine.composing import Composition
from generation.engine.families import Family
from generation.engine.finishing import finish
from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.laying import Floats, laid_over, stretched
from generation.engine.pixels.resample import Rows, resize_strips
from generation.requests import strength
from generation.requests.catalogue import NATIVE, Entry
from generation.requests.sizes import Size

# A run for such a picture takes at least so much of the schedule: light and colours stay, anything may come.
_BEGUN: Final = 0.6
_GRID: Final = 128  # points across and down at which picture, reading and drawing are compared
_AROUND: Final = 6  # of these points: differences are means over so many to each side
_READ: Final = 8  # levels: a reading is good where the picture is no further away on average
_THINGS: Final = 0.4  # the strength from which on the things of the drawing stand before the picture
_RIM: Final = 0.06  # the share of a picture that lies between what is drawn and what has stayed
_LIGHT: Final = 0.6  # the greys that things are decoded in front of
_FAINT: Final = 0.2  # a share of less is noise of the decoder
_SURE: Final = 0.25  # so far inside of a thing nothing shines through it, whatever the decoder says


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture [h, w, 3] that the encoder can't read, and by how many levels its reading is off, [_GRID, _GRID]."""

    pixels: Pixels
    off: Floats
    strength: float

    @property
    def run(self) -> float:
        """How much of the schedule the run takes."""
        return max(_BEGUN, self.strength)


def unread(
    family: Family, entry: Entry, picture: Image.Image, base: Size, change: float
) -> tuple[Unread, torch.Tensor] | None:
    """What can't be read of a picture, and the latents to begin with: its bands without the things that were made up.

    None where the reading is good, all may change, or the model's latents can't be understood.
    """
    encoded = getattr(family, "encoded", None)
    if encoded is None or entry.scaler != NATIVE or not entry.projection or change >= strength.MOST:
        return None
    latents = cast("torch.Tensor", encoded(picture, base))
    module = projecting.module_of(entry)
    canvas = family.canvas(latents, base)
    if canvas is None or latents.shape[0] != module.CHANNELS:
        return None
    reading = np.asarray(canvas.picture((_GRID, _GRID), base))
    off = _difference(reading, _small(picture, base))
    if float(off.mean()) <= _READ:
        return None
    found = Unread(np.asarray(picture.convert("RGB")), off, change)
    return found, cast("torch.Tensor", module.composed(latents, painted=False).empty().fields)


class LetIn:
    """A picture that a drawing was let into, in rows."""

    channels = 3
    every: int | None = None

    def __init__(
        self, family: Family, entry: Entry, picture: Composition, kept: Unread, base: Size, output: Size
    ) -> None:
        cut = projecting.module_of(entry).foreground(picture)
        self._kept, self._output = kept, output
        self._scene = finish(family, entry, cut.behind if cut else picture, base, output)
        has_things = cut is not None and kept.strength >= _THINGS
        self._things = _Things(family, entry, cut.alone, base, output) if has_things else None
        self._order = _ranked(
            kept.off + _difference(_on_grid(self._scene.small), _covering(kept.pixels, output))
        )
        self._share = (kept.strength - strength.LEAST) / (strength.MOST - strength.LEAST)
        self.small = self._small()
        self.stages: tuple[dict[str, Any], ...] = (
            *self._scene.stages,
            {"stage": "let_in", "share": round(self._share, 2), "things": has_things},
        )

    def strips(self) -> Generator[Pixels]:
        height, width = self._kept.pixels.shape[:2]
        rows = Rows(resize_strips([self._kept.pixels], Size(width, height), self._output))
        things = self._things.strips() if self._things else None
        top = 0
        for scene in self._scene.strips():
            whole = rows.between(top, top + len(scene))
            shares = self._shares(top, top + len(scene), (self._output.height, self._output.width))
            yield _with(laid_over(whole, scene, shares), next(things) if things else None)
            top += len(scene)

    def _shares(self, first: int, last: int, size: tuple[int, int]) -> Floats:
        """How much of the drawing's background shows at each pixel of these rows."""
        order = stretched(self._order, first, last, size)
        shares: Floats = np.clip((self._share - order) / _RIM + 0.5, 0, 1).astype(np.float32)
        return shares

    def _small(self) -> Pixels:
        height, width = self._scene.small.shape[:2]
        whole = _covering(self._kept.pixels, Size(width, height), (width, height))
        shares = self._shares(0, height, (height, width))
        return _with(
            laid_over(whole, self._scene.small, shares), self._things.small if self._things else None
        )


class _Things:
    """Things alone, with opacity: what shines through is what differs between them before a light and a dark grey."""

    def __init__(self, family: Family, entry: Entry, alone: Composition, base: Size, output: Size) -> None:
        self._light, self._dark = (
            finish(family, entry, alone.before(level), base, output) for level in (_LIGHT, -_LIGHT)
        )
        self._inside: Floats = projecting.module_of(entry).inside(alone.fields).float().cpu().numpy()
        self._size = (output.height, output.width)
        self.small = self._cut_out(self._light.small, self._dark.small, 0, self._light.small.shape[:2])

    def strips(self) -> Generator[Pixels]:
        top = 0
        for light, dark in zip(self._light.strips(), self._dark.strips(), strict=True):
            yield self._cut_out(light, dark, top, self._size)
            top += len(light)

    def _cut_out(self, light: Pixels, dark: Pixels, top: int, size: tuple[int, ...]) -> Pixels:
        inside = stretched(self._inside, top, top + len(light), (size[0], size[1]))
        return _cut_out(light, dark, np.clip(inside / _SURE, 0, 1)[:, :, None])


def _cut_out(light: Pixels, dark: Pixels, least: Floats) -> Pixels:
    """Things before a light and a dark grey [h, w, 3] → [h, w, 4], of at `least` so much opacity [h, w, 1]."""
    grey = np.float32((1 - _LIGHT) / 2 * 255)
    through = (light.astype(np.float32) - dark).mean(axis=2, keepdims=True) / (_LIGHT * 255)
    alpha = np.clip((1 - through - _FAINT) / (1 - 2 * _FAINT), 0, 1)
    colour = grey + (dark - grey) / np.maximum(alpha, 1 / 255)
    out: Pixels = (
        np.concatenate([colour.clip(0, 255), np.maximum(alpha, least) * 255], axis=2).round().astype(np.uint8)
    )
    return out


def _with(picture: Pixels, things: Pixels | None) -> Pixels:
    if things is None:
        return picture
    return laid_over(picture, things[:, :, :3], things[:, :, 3].astype(np.float32) / np.float32(255))


def _difference(one: Pixels, other: Pixels) -> Floats:
    """Levels by which two small pictures differ around each point, [_GRID, _GRID]."""
    off = torch.from_numpy(np.abs(one.astype(np.float32) - other).max(axis=2))[None, None]
    for _ in range(2):
        around = functional.pad(off, (_AROUND,) * 4, mode="replicate")
        off = functional.avg_pool2d(around, 2 * _AROUND + 1, 1)
    found: Floats = off[0, 0].numpy()
    return found


def _ranked(values: Floats) -> Floats:
    """The share of points with a lower value than each, so that every share of the order is as large an area."""
    ranks = values.ravel().argsort(kind="stable").argsort()
    found: Floats = ((ranks + 0.5) / ranks.size).reshape(values.shape).astype(np.float32)
    return found


def _small(picture: Image.Image, base: Size) -> Pixels:
    return _covering(np.asarray(picture.convert("RGB")), base)


def _covering(pixels: Pixels, shape: Size, shown: tuple[int, int] = (_GRID, _GRID)) -> Pixels:
    """The middle part of a picture that has a shape, as so many points across and down."""
    fitted = ImageOps.fit(Image.fromarray(pixels), (shape.width, shape.height), Image.Resampling.BOX)
    return np.asarray(fitted.resize(shown, Image.Resampling.BOX))


def _on_grid(pixels: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize((_GRID, _GRID), Image.Resampling.BOX))
