"""Twenty pictures that the model did not draw, made by this program: photo-like, flat, with text, and its own world's.

What image-to-image does with them is measured by `changes`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from . import draw
from .captions import Facts
from .scenes import Group
from .training.data import HELD_OUT, batch
from .training.textures import photo_like

SIDE: Final = 512
_SEED: Final = 20
_WORDS: Final = (
    "the picture is drawn from what was asked and kept as it was until somebody changes a part of it"
)
_CELLS: Final = 16

Colour = tuple[int, int, int]
_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A picture of SIDE × SIDE pixels, and what is asked for when it is changed."""

    name: str
    picture: Image.Image
    prompt: str
    facts: Facts


def pictures() -> Iterator[Foreign]:
    """All twenty; every call gives the same."""
    for number, (name, drawn) in enumerate(_drawn()):
        colour, kind = _ASKED[number % len(_ASKED)]
        facts = Facts(groups=(Group(kind, colour, 1, ""),))
        yield Foreign(name, drawn, f"a {colour} {kind}", facts)


_ASKED: Final = (
    ("red", "sailboat"), ("yellow", "house"), ("white", "rocket"), ("green", "cactus"), ("blue", "car"),
    ("black", "cat"), ("red", "mushroom"), ("purple", "fish"), ("orange", "tent"), ("red", "balloon"),
)  # fmt: skip


def _drawn() -> Iterator[tuple[str, Image.Image]]:
    for name, make in (*_PHOTOS, *_FLAT, *_TEXTS):
        yield name, make(np.random.default_rng(_SEED))
    _, layouts, _ = batch(HELD_OUT, _SEED, 0, 5, (_CELLS, _CELLS))
    for number, own in enumerate(draw.pictures(layouts, SIDE // _CELLS)):
        yield f"own {number + 1}", _picture(own.permute(1, 2, 0).numpy())


def _mountains(rng: np.random.Generator) -> Image.Image:
    """Ridges one behind the other, paler the further they are, under a gradient; blurred and grainy."""
    y, x = _grid()
    light = np.stack([0.55 + 0.3 * y, 0.65 + 0.2 * y, 0.85 + 0.05 * y], 2)
    for ridge in range(5):
        height = 0.35 + 0.12 * ridge + _roughly(rng, x[0], 0.08)
        near = 1 - ridge / 5
        colour = np.array([0.25, 0.35, 0.4]) * (1 - near) + np.array([0.5, 0.6, 0.7]) * near
        rock = colour + 0.05 * _clouds(rng)[:, :, None]
        light = np.where((y > height)[:, :, None], rock, light)
    return _photo(rng, light, 1.2)


def _spheres(rng: np.random.Generator) -> Image.Image:
    """Shaded balls on a table, with soft shadows."""
    y, x = _grid()
    light = np.stack([0.6 - 0.2 * y, 0.5 - 0.15 * y, 0.42 - 0.1 * y], 2) + 0.03 * _clouds(rng)[:, :, None]
    for across, down, radius, colour in ((0.3, 0.55, 0.17, (0.8, 0.3, 0.2)), (0.62, 0.62, 0.23, (0.3, 0.6, 0.35)),
                                         (0.82, 0.42, 0.1, (0.9, 0.8, 0.3))):  # fmt: skip
        shadow = np.exp(-(((x - across - 0.08) / radius) ** 2 + ((y - down - radius) / (0.35 * radius)) ** 2))
        light = light * (1 - 0.6 * shadow)[:, :, None]
        u, v = (x - across) / radius, (y - down) / radius
        inside = u * u + v * v < 1
        up = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
        shade = np.clip(0.25 + 0.8 * (0.5 * up - 0.5 * u - 0.6 * v), 0.08, 1.2)
        light = np.where(inside[:, :, None], np.array(colour) * shade[:, :, None], light)
    return _photo(rng, light, 0.8)


def _lights(rng: np.random.Generator) -> Image.Image:
    """A street at night out of focus: bright discs before the dark."""
    y, x = _grid()
    light = np.stack([0.05 + 0.05 * y, 0.05 + 0.04 * y, 0.1 + 0.03 * y], 2)
    for _ in range(40):
        across, down, radius = rng.random(), 0.3 + 0.5 * rng.random(), 0.015 + 0.05 * rng.random()
        disc = np.clip((radius - np.hypot(x - across, y - down)) * 200, 0, 1)
        light = light + disc[:, :, None] * np.array([0.7, 0.5 * rng.random() + 0.1, 0.3 * rng.random()]) * 0.6
    return _photo(rng, light, 1.0)


def _leaves(rng: np.random.Generator) -> Image.Image:
    """Overlapping blades, lit from above."""
    page = Image.new("RGB", (SIDE, SIDE), (20, 40, 15))
    pen = ImageDraw.Draw(page)
    for number in range(500):
        across, down = rng.random(2) * SIDE
        along, wide = 20 + 50 * rng.random(), 5 + 10 * rng.random()
        angle, lit = rng.random() * np.pi, 0.3 + 0.7 * number / 500
        ahead, aside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        middle = np.array([across, down])
        corners = (-along * ahead, wide * aside, along * ahead, -wide * aside)
        tint = (int(lit * (60 + 60 * rng.random())), int(lit * (120 + 80 * rng.random())), int(lit * 50))
        pen.polygon([tuple(middle + corner) for corner in corners], fill=tint)
    return _photo(rng, np.asarray(page, np.float32) / 255, 0.7)


def _face(rng: np.random.Generator) -> Image.Image:
    """A head and shoulders of soft ellipses before a blurred wall."""
    y, x = _grid()
    light = np.stack([0.5 + 0.2 * x, 0.5 + 0.1 * x, 0.45 + 0.1 * y], 2) + 0.04 * _clouds(rng)[:, :, None]
    ellipses = (
        (0.5, 1.0, 0.36, 0.3, (0.2, 0.25, 0.45)), (0.5, 0.4, 0.21, 0.29, (0.2, 0.13, 0.1)),
        (0.5, 0.45, 0.17, 0.23, (0.8, 0.6, 0.5)), (0.43, 0.42, 0.025, 0.014, (0.1, 0.1, 0.1)),
        (0.57, 0.42, 0.025, 0.014, (0.1, 0.1, 0.1)), (0.5, 0.56, 0.05, 0.015, (0.6, 0.25, 0.25)),
    )  # fmt: skip
    for across, down, wide, high, colour in ellipses:
        far = np.hypot((x - across) / wide, (y - down) / high)
        share = np.clip((1.03 - far) * 12, 0, 1)[:, :, None]
        light = light * (1 - share) + np.array(colour) * (1.1 - 0.5 * (x - 0.3))[:, :, None] * share
    return _photo(rng, light, 1.0)


def _cloudy(_rng: np.random.Generator) -> Image.Image:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        return _picture(photo_like(1, SIDE)[0].permute(1, 2, 0).numpy())


def _fields(_rng: np.random.Generator, rows: tuple[tuple[Colour, ...], ...]) -> Image.Image:
    """A table of plain colours."""
    small = Image.fromarray(np.array(rows, np.uint8))
    return small.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def _disc(_rng: np.random.Generator) -> Image.Image:
    page = Image.new("RGB", (SIDE * 2, SIDE * 2), (244, 237, 220))
    ImageDraw.Draw(page).ellipse((300, 300, 760, 760), fill=(205, 45, 60))
    return page.resize((SIDE, SIDE), Image.Resampling.BOX)


def _text(
    _rng: np.random.Generator, lines: tuple[tuple[str, int], ...], paper: Colour, ink: Colour
) -> Image.Image:
    """Lines with the size of their letters, one below the other."""
    page = Image.new("RGB", (SIDE, SIDE), paper)
    pen, down = ImageDraw.Draw(page), 36
    for line, size in lines:
        pen.text((36, down), line, fill=ink, font=ImageFont.load_default(size))
        down += round(size * 1.35)
    return page


def _page_of_words() -> tuple[tuple[str, int], ...]:
    rng = Random(_SEED)
    return tuple((" ".join(rng.choices(_WORDS.split(), k=8)), 20) for _ in range(16))


_Maker = Callable[[np.random.Generator], Image.Image]
_PHOTOS: Final[tuple[tuple[str, _Maker], ...]] = (
    ("mountains", _mountains), ("spheres", _spheres), ("lights", _lights), ("leaves", _leaves), ("face", _face),
    ("clouds", _cloudy),
)  # fmt: skip
_FOUR: Final = (((200, 60, 50), (60, 120, 200)), ((240, 200, 70), (70, 150, 90)))
_STRIPES: Final = tuple(((30, 50, 90), (230, 230, 225), (200, 70, 60))[min(row, 4 - row)] for row in range(5))
_SQUARES: Final = ((235, 225, 200), (120, 70, 50))
_CHEQUERS: Final = tuple(tuple(_SQUARES[(row + column) % 2] for column in range(6)) for row in range(6))
_FLAT: Final[tuple[tuple[str, _Maker], ...]] = (
    ("four fields", partial(_fields, rows=_FOUR)),
    ("one colour", partial(_fields, rows=(((90, 140, 160),),))),
    ("stripes", partial(_fields, rows=tuple((colour,) for colour in _STRIPES))),
    ("chequers", partial(_fields, rows=_CHEQUERS)),
    ("disc", _disc),
)
_POSTER: Final = (("SUMMER", 104), ("CONCERT", 88), ("in the park", 56), ("Friday, 8 pm", 44))
_SIGN: Final = (("", 60), ("OPEN", 170), ("come in", 60))
_BILL: Final = (("Coffee 3.20", 48), ("Bread 4.10", 48), ("Milk 1.45", 48), ("", 30), ("Sum 8.75", 64))
_TEXTS: Final[tuple[tuple[str, _Maker], ...]] = (
    ("poster", partial(_text, lines=_POSTER, paper=(250, 205, 70), ink=(40, 30, 70))),
    ("page", partial(_text, lines=_page_of_words(), paper=(252, 252, 250), ink=(25, 25, 25))),
    ("sign", partial(_text, lines=_SIGN, paper=(30, 90, 60), ink=(245, 245, 235))),
    ("bill", partial(_text, lines=_BILL, paper=(235, 235, 235), ink=(60, 60, 60))),
)


def _grid() -> tuple[_Floats, _Floats]:
    """How far down and across every pixel is, in 0..1."""
    at = (np.arange(SIDE, dtype=np.float32) + 0.5) / SIDE
    down: _Floats = np.repeat(at[:, None], SIDE, axis=1)
    return down, down.T


def _roughly(rng: np.random.Generator, x: _Floats, by: float) -> _Floats:
    """A line of waves, each half as high and twice as fast as the last."""
    waves = [np.sin(2**power * 4 * x + rng.random() * 7) / 2**power for power in range(7)]
    line: _Floats = (by * np.sum(waves, 0)).astype(np.float32)
    return line


def _clouds(rng: np.random.Generator) -> _Floats:
    """Noise of many scales, about -1..1."""
    layers = []
    for cells in (4, 8, 16, 32, 64, 128):
        small = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
        layers.append(np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) / (cells / 4) ** 0.6)
    noise: _Floats = np.stack(layers).sum(0, dtype=np.float32) / np.float32(2)
    return noise


def _photo(rng: np.random.Generator, light: NDArray[np.floating], blur: float) -> Image.Image:
    """As a lens and a sensor would have it: a little soft, with grain."""
    soft = np.asarray(_picture(light).filter(ImageFilter.GaussianBlur(blur)), np.float32) / 255
    return _picture(soft + 0.012 * rng.standard_normal((SIDE, SIDE, 1)))


def _picture(light: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray((np.clip(light, 0, 1) * 255).round().astype(np.uint8))
