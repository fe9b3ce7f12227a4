"""How sharp and even outlines are at 4K: `python -m generation.bundled.sharpness FOLDER --pictures 40`.

All measures look at the luma of blocks that hold an edge: a range of at least 60 levels. Of generated pictures, and of
the exact fields of unseen drawings, as they are painted or as the decoder draws them, beside the drawings themselves.
"""

import argparse
import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch
from diffusers import AutoencoderTiny, StableDiffusionPipeline
from numpy.typing import NDArray
from torch import Tensor

from generation.engine.pixels.encode import Pixels
from generation.engine.pixels.pointwise import PointDecoder
from generation.engine.pixels.refining import Refined
from generation.requests.sizes import Size, output_size

from . import draw, latents
from .assemble import WEIGHTS
from .composition import composed
from .projection import project
from .sheet import PROMPTS, decoder_of, draw_latents
from .training.data import HELD_OUT, batch

Luma = NDArray[np.float32]

_EDGE: Final = 60  # levels
_WIDTH_BLOCK: Final = 32
_ROUGH_BLOCK: Final = 24
_COHERENT: Final = 0.6
_CELLS: Final = Size(16, 9)
_CELL: Final = 16  # pixels of the base size
_LARGE: Final = 240  # pixels of 4K in a cell


def luma(picture: Pixels) -> Luma:
    """uint8 [H, W, 3] → levels [H, W]."""
    weights = np.array((0.299, 0.587, 0.114), np.float32)
    levels: Luma = picture.astype(np.float32) @ weights
    return levels


def edge_width(levels: Luma) -> float:
    """Pixels: a block's range by its steepest step, the median of the blocks; nan without one."""
    across, down = np.abs(np.diff(levels, axis=1)), np.abs(np.diff(levels, axis=0))
    blocks, steep = _blocks(levels, _WIDTH_BLOCK), [_blocks(step, _WIDTH_BLOCK) for step in (across, down)]
    rows, columns = (min(part.shape[axis] for part in (blocks, *steep)) for axis in (0, 1))
    spans = _span(blocks[:rows, :columns])
    steepest = np.maximum(*(part[:rows, :columns].max((2, 3)) for part in steep))
    chosen = spans >= _EDGE
    return float(np.median(spans[chosen] / steepest[chosen])) if chosen.any() else float("nan")


def roughness(levels: Luma) -> float:
    """1 - coherence of the structure tensor of blocks whose edge runs one way, the median; nan without one."""
    down, across = (np.asarray(part, np.float32) for part in np.gradient(levels))
    blocks = _blocks(levels, _ROUGH_BLOCK)
    products = (across * across, down * down, across * down)
    xx, yy, xy = (_blocks(part, _ROUGH_BLOCK).sum((2, 3)) for part in products)
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / np.maximum(xx + yy, 1e-6)
    chosen = (_span(blocks) >= _EDGE) & (coherence > _COHERENT)
    return float(np.median(1 - coherence[chosen])) if chosen.any() else float("nan")


def overshoot(levels: Luma, drawn: Luma) -> float:
    """Levels by which blocks leave the range that the drawing has there, the 99th percentile; nan without an edge."""
    ours, theirs = _blocks(levels, _WIDTH_BLOCK), _blocks(drawn, _WIDTH_BLOCK)
    above = ours.max((2, 3)) - theirs.max((2, 3))
    below = theirs.min((2, 3)) - ours.min((2, 3))
    chosen = _span(theirs) >= _EDGE
    beyond = np.maximum(np.maximum(above, below), 0)[chosen]
    return float(np.percentile(beyond, 99)) if chosen.any() else float("nan")


def decibels(picture: Pixels, drawn: Pixels) -> float:
    off = (picture.astype(np.float32) - drawn.astype(np.float32)) / 255
    return float(-10 * np.log10(np.mean(off * off) + 1e-12))


def of_exact_fields(decoder: PointDecoder, pictures: int, *, painted: bool = True) -> dict[str, float]:
    """Unseen drawings: what the decoder makes of their fields at 3840×2160, and the drawings' own measures.

    Not `painted`, the decoder draws what fits a drawing too.
    """
    found: dict[str, list[float]] = {}
    for number in range(pictures):
        _, layouts, _ = batch(HELD_OUT, number, 0, 1, (_CELLS.width, _CELLS.height))
        drawn = (draw.pictures(layouts, _LARGE)[0] * 255).round().byte().permute(1, 2, 0).numpy()
        made = _at_4k(decoder, latents.fields(layouts)[0], painted=painted)
        for name, value in (
            ("decibels", decibels(made, drawn)),
            ("overshoot", overshoot(luma(made), luma(drawn))),
            ("edge width", edge_width(luma(made))),
            ("roughness", roughness(luma(made))),
            ("drawing's edge width", edge_width(luma(drawn))),
            ("drawing's roughness", roughness(luma(drawn))),
        ):
            found.setdefault(name, []).append(value)
    return _medians(found)


def of_generated(
    pipe: StableDiffusionPipeline, decoder: PointDecoder, pictures: int, *, painted: bool = True
) -> dict[str, float]:
    """Pictures of the sample sheet's prompts, from the first seed on, at 3840×2160."""
    found: dict[str, list[float]] = {}
    for fields in _generated(pipe, pictures):
        levels = luma(_at_4k(decoder, fields, painted=painted))
        found.setdefault("edge width", []).append(edge_width(levels))
        found.setdefault("roughness", []).append(roughness(levels))
    return _medians(found)


def _generated(pipe: StableDiffusionPipeline, pictures: int) -> Iterator[Tensor]:
    size = Size(_CELLS.width * _CELL, _CELLS.height * _CELL)
    for first in range(0, pictures, len(PROMPTS)):
        prompts = list(PROMPTS[: pictures - first])
        for drawn in draw_latents(pipe, prompts, size.width, size.height, seed=first):
            yield project(drawn).fields


def _at_4k(decoder: PointDecoder, fields: Tensor, *, painted: bool) -> Pixels:
    picture = composed(fields, painted=painted)
    canvases = [decoder.canvas(part) for part in picture.parts]
    base = Size(canvases[0].width, canvases[0].height)
    colours = picture.colours([canvas.colours for canvas in canvases], _LARGE)
    refined = Refined(colours, base, output_size("16:9", "4k"), fields.device)
    return np.concatenate(list(refined.strips()))


def _blocks(levels: Luma, side: int) -> Luma:
    """[H, W] → [rows, columns, side, side]; what is left over at the edges is left out."""
    rows, columns = levels.shape[0] // side, levels.shape[1] // side
    cut = levels[: rows * side, : columns * side]
    return cut.reshape(rows, side, columns, side).transpose(0, 2, 1, 3)


def _span(blocks: Luma) -> Luma:
    span: Luma = blocks.max((2, 3)) - blocks.min((2, 3))
    return span


def _medians(found: dict[str, list[float]]) -> dict[str, float]:
    """Pictures without an edge are left out."""
    known = {name: [value for value in values if value == value] for name, values in found.items()}  # noqa: PLR0124
    return {name: round(statistics.median(values), 4) for name, values in known.items() if values}


def main() -> None:
    arguments = argparse.ArgumentParser(
        description="Measures the outlines of a model folder's pictures at 4K."
    )
    arguments.add_argument("folder", type=Path, nargs="?", default=WEIGHTS / "text-to-image")
    arguments.add_argument("--pictures", type=int, default=40)
    arguments.add_argument("--exact-only", action="store_true", help="only exact fields: the decoder alone")
    arguments.add_argument("--decoded", action="store_true", help="all by the decoder, nothing painted")
    chosen = arguments.parse_args()
    vae = AutoencoderTiny.from_pretrained(chosen.folder / "vae").eval()
    decoder = decoder_of(vae)
    exact = of_exact_fields(decoder, chosen.pictures, painted=not chosen.decoded)
    print("exact fields:", json.dumps(exact))
    if not chosen.exact_only:
        pipe = StableDiffusionPipeline.from_pretrained(chosen.folder, dtype=torch.float32)
        pipe.set_progress_bar_config(disable=True)
        made = of_generated(pipe, decoder, chosen.pictures, painted=not chosen.decoded)
        print("generated:", json.dumps(made))


if __name__ == "__main__":
    main()
