"""How image-to-image changes pictures that the model did not draw: `python -m generation.bundled.changes OUT.png`.

Prints for each strength how like its source a picture still is (SSIM), how much of it shows two pictures at once, and
whether what was asked for is there by the judge; and draws all of them.
"""

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from generation.engine import families, projecting
from generation.engine.composing import Composition
from generation.engine.edits.given import Given
from generation.engine.families import Batch, Family
from generation.engine.finishing import finish
from generation.engine.pixels.encode import Pixels
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.sizes import Size

from .foreign import Foreign, pictures
from .score import named_facts
from .training.judge import Judge, trained

STRENGTHS: Final = (0.1, 0.3, 0.5, 0.6, 0.8, 1.0)
SIZE: Final = Size(256, 256)
# Pixels, of SSIM: Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity".
_WINDOW: Final = 11
_SIGMA: Final = 1.5
_BLOCK: Final = 16
_SEEN: Final = 30.0  # mean square of a block's gradients, levels²: an edge of some 50 levels
_BOTH: Final = (0.2, 0.8)  # a share of either picture's edges that is neither none nor all


@dataclass(frozen=True, slots=True)
class Change:
    """A changed picture, what it was changed from, and what was drawn for it, all of SIZE."""

    picture: Pixels
    source: Pixels
    drawn: Pixels


@torch.no_grad()
def changed(
    family: Family, entry: Entry, foreign: Foreign, strengths: Sequence[float], seed: int = 0
) -> list[Change]:
    """As the engine does it, at the model's own size; what needs the same run shares it."""
    source = np.asarray(foreign.picture.resize((SIZE.width, SIZE.height), Image.Resampling.LANCZOS))
    runs: dict[float, tuple[Tensor | Composition, Pixels]] = {}
    row = []
    for strength in strengths:
        start = Given(base=SIZE, drawn=SIZE, reference=foreign.picture).read_by(family, entry, strength)
        run = start.unread.run if start.unread else strength
        if run not in runs:
            made = _drawn(family, entry, foreign, start, run, seed)
            runs[run] = made, np.concatenate(list(finish(family, entry, made, SIZE, SIZE).strips()))
        made, drawn = runs[run]
        picture = np.concatenate(list(start.whole(family, entry, made).strips()))
        row.append(Change(picture, source, drawn))
    return row


def _drawn(
    family: Family, entry: Entry, foreign: Foreign, start: Given, run: float, seed: int
) -> Tensor | Composition:
    batch = Batch(
        prompts=(foreign.prompt,), negative_prompts=("",), seeds=(seed,), size=SIZE, steps=entry.default_steps,
        guidance=entry.default_guidance, reference=foreign.picture, latents=start.latents, strength=run,
    )  # fmt: skip
    drawn = family.run(batch, lambda _step: None)[0]
    kind = "text_to_image" if start.unread else "image_to_image"
    return projecting.understood(entry, kind, drawn, painted=start.unread is not None).picture


def likeness(one: Pixels, other: Pixels) -> float:
    """SSIM of the luma, 1 for the same picture."""
    x, y = _luma(one), _luma(other)
    mean_x, mean_y = _blurred(x), _blurred(y)
    var_x, var_y = _blurred(x * x) - mean_x**2, _blurred(y * y) - mean_y**2
    both = _blurred(x * y) - mean_x * mean_y
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    found = (2 * mean_x * mean_y + first) * (2 * both + second)
    return float((found / ((mean_x**2 + mean_y**2 + first) * (var_x + var_y + second))).mean())


def doubled(change: Change) -> float:
    """The share of blocks, of those in which source and drawing have edges, that show some of both.

    By least squares the gradients of a block are so much of the source's and so much of the drawing's.
    """
    ours, source, drawn = (_gradients(picture) for picture in (change.picture, change.source, change.drawn))
    aa, bb, ab = (source * source).mean(1), (drawn * drawn).mean(1), (source * drawn).mean(1)
    of_a, of_b = (ours * source).mean(1), (ours * drawn).mean(1)
    apart = aa * bb - ab * ab
    chosen = (aa > _SEEN) & (bb > _SEEN) & (apart > 0.5 * aa * bb)
    if not bool(chosen.any()):
        return 0.0
    shares = [(bb * of_a - ab * of_b) / apart, (aa * of_b - ab * of_a) / apart]
    low, high = _BOTH
    both = (shares[0] > low) & (shares[0] < high) & (shares[1] > low) & (shares[1] < high)
    return float(both[chosen].float().mean())


def is_there(judge: Judge, picture: Pixels, foreign: Foreign) -> bool:
    """Whether the judge sees the thing that was asked for."""
    shown = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255
    return named_facts(judge, shown, [foreign.facts])[0][f"{foreign.facts.groups[0].kind}: there"]


def _luma(picture: Pixels) -> Tensor:
    weights = torch.tensor((0.299, 0.587, 0.114))
    return (torch.from_numpy(picture.copy()).float() @ weights)[None, None]


def _blurred(luma: Tensor) -> Tensor:
    at = torch.arange(_WINDOW, dtype=torch.float32) - _WINDOW // 2
    weights = torch.exp(-(at**2) / (2 * _SIGMA**2))
    weights = weights / weights.sum()
    return functional.conv2d(functional.conv2d(luma, weights.view(1, 1, 1, -1)), weights.view(1, 1, -1, 1))


def _gradients(picture: Pixels) -> Tensor:
    """[blocks, values]: the steps across and down in every block."""
    luma = _luma(picture)
    steps = torch.cat(
        (luma[:, :, :-1, 1:] - luma[:, :, :-1, :-1], luma[:, :, 1:, :-1] - luma[:, :, :-1, :-1]), 1
    )
    return functional.unfold(steps, _BLOCK, stride=_BLOCK)[0].T


def main() -> None:
    arguments = argparse.ArgumentParser(description="Changes twenty foreign pictures and measures how.")
    arguments.add_argument("out", type=Path, nargs="?", default=Path("docs/bundled-model/changes.png"))
    arguments.add_argument("--every", type=int, default=1, help="change every n-th picture only")
    chosen = arguments.parse_args()
    entry, judge = catalogue.get("bundled"), trained()
    family = families.load(entry)
    foreign = list(pictures())[:: chosen.every]
    page = Image.new("RGB", ((len(STRENGTHS) + 1) * 264, len(foreign) * 264), "white")
    rows = [changed(family, entry, one, STRENGTHS) for one in foreign]
    for number, row in enumerate(rows):
        for column, shown in enumerate((row[0].source, *(change.picture for change in row))):
            page.paste(Image.fromarray(shown), (column * 264, number * 264))
    page.save(chosen.out, optimize=True)
    for column, strength in enumerate(STRENGTHS):
        like = [likeness(row[column].picture, row[column].source) for row in rows]
        twice = statistics.mean(doubled(row[column]) for row in rows)
        there = sum(is_there(judge, row[column].picture, one) for row, one in zip(rows, foreign, strict=True))
        like_it = f"SSIM {statistics.mean(like):.3f} (least {min(like):.3f})"
        print(f"{strength}: {like_it}, doubled {twice:.3f}, there {there}")
    for row, one in zip(rows, foreign, strict=True):
        print(one.name, *(f"{likeness(change.picture, change.source):.3f}" for change in row))


if __name__ == "__main__":
    main()
