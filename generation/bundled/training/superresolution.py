"""Super-resolution, on scenes drawn at two sizes and on photo-like pictures made smaller."""

from typing import Final

import torch
from torch import Tensor, nn

from generation.bundled import draw
from generation.bundled.superresolution import SCALE, SuperResolution

from .data import HELD_OUT, TRAINING, batch
from .loop import Step, load_average, parser, plan, train
from .textures import photo_like, shrink, strokes

BATCH: Final = 8
SIDE: Final = 64  # of the small picture, in pixels


def network() -> nn.Module:
    torch.manual_seed(4)
    return SuperResolution()


def loss(module: nn.Module, at: Step) -> Tensor:
    device = at.device
    small, large = pair(TRAINING, at.number, at.worker, at.batch or BATCH)
    small, large = small.to(device), large.to(device)
    if device.type == "cpu":
        small = small.contiguous(memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16):
        out = module(small)
    error = out.float() - large
    return torch.sqrt(error * error + 1e-6).mean() * 10


def pair(kind: str, step: int, worker: int, count: int = BATCH) -> tuple[Tensor, Tensor]:
    """Small pictures [B, 3, 64, 64] and what they should become. Three in five batches are drawn."""
    if step % 5 < 3:
        return drawn_pair(kind, step, worker, count)
    make = strokes if step % 5 == 3 and step % 2 else photo_like
    large = make(count, SIDE * SCALE)
    return shrink(large, step // 5), large


def drawn_pair(kind: str, step: int, worker: int, count: int = BATCH) -> tuple[Tensor, Tensor]:
    """The same scenes drawn at two sizes; one in three times the small one is the large one made smaller."""
    side = (4, 8)[step % 2]
    _, layouts, rng = batch(f"{kind}-sr", step, worker, count, (side, side))
    large = draw.pictures(layouts, SIDE * SCALE // side)
    if rng.random() < 0.33:
        return shrink(large, step), large
    return draw.pictures(layouts, SIDE // side), large


def decibels(out: Tensor, wanted: Tensor) -> float:
    """Mean PSNR of pictures in 0..1."""
    return float((-10 * torch.log10((out - wanted).pow(2).mean(dim=(1, 2, 3)).clamp(min=1e-10))).mean())


def score(module: SuperResolution, batches: int = 6) -> dict[str, tuple[float, float]]:
    """(network, Lanczos) in dB on held-out drawn pairs, photo-like pictures and strokes."""
    results: dict[str, tuple[float, float]] = {}
    module = module.eval()
    for name in ("drawn", "photo-like", "strokes"):
        ours, plain = [], []
        for index in range(batches):
            torch.manual_seed(10_000 + index)
            if name == "drawn":
                small, large = drawn_pair(HELD_OUT, index, 0)
            else:
                large = (photo_like if name == "photo-like" else strokes)(BATCH, SIDE * SCALE)
                small = shrink(large, index)
            with torch.no_grad():
                ours.append(decibels(module(small), large))
                plain.append(decibels(module.lanczos(small).clamp(0, 1), large))
        results[name] = (sum(ours) / batches, sum(plain) / batches)
    return results


def main() -> None:
    arguments = parser("superresolution", 3000, 1e-3)
    arguments.add_argument("--score", action="store_true")
    chosen = arguments.parse_args()
    if chosen.score:
        module = SuperResolution()
        step = load_average("superresolution", module)
        print(step, {name: [round(v, 2) for v in pair] for name, pair in score(module).items()})
        return
    train(network, loss, plan("superresolution", chosen))


if __name__ == "__main__":
    main()
