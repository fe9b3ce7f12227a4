"""The judge: a classifier that reads pictures, trained on drawn ones only. It never meets the model it scores."""

from typing import Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.bundled import draw, latents
from generation.bundled.captions import Facts
from generation.bundled.scenes import KINDS, SKYLESS, Scene

from .data import HELD_OUT, TRAINING, batch
from .loop import Step, load_average, parser, plan, train
from .text import ANSWERS, PICTURE_FACTS, answer_loss, labels, split

CELL: Final = 6  # pixels a cell: 96 for 16 cells, enough to name and count what is there
BATCH: Final = 32


class Judge(nn.Module):
    """[B, 3, H, W] in 0..1 at CELL pixels a cell → answers, split as in `text.split`."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 48, 4, 2, 1), nn.ReLU(), nn.Conv2d(48, 96, 4, 2, 1), nn.ReLU(), _Block(96),
            nn.Conv2d(96, 160, 4, 2, 1), nn.ReLU(), _Block(160), _Block(160), _Block(160), nn.Conv2d(160, 256, 1),
        )  # fmt: skip
        self.where = nn.Conv2d(256, 1 + len(KINDS), 1)
        self.head = nn.Sequential(nn.Linear(512 + 2 * len(KINDS), 384), nn.ReLU(), nn.Linear(384, ANSWERS))

    def forward(self, picture: Tensor) -> Tensor:
        return self.look(picture)[0]

    def look(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """The answers, and which kind of object stands where: logits [B, 1 + kinds, h, w], 0 for none.

        What stands where is known of drawn pictures, and teaches in minutes what the answers alone teach in hours.
        """
        seen = self.stem(picture * 2 - 1)
        where = self.where(seen)
        kinds = where.softmax(1)[:, 1:]
        pooled = (seen.sum((2, 3)) / 36, seen.amax((2, 3)), kinds.sum((2, 3)) / 8, kinds.amax((2, 3)))
        return self.head(torch.cat(pooled, 1)), where  # sums count, maxima find


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.GroupNorm(4, width)
        with torch.no_grad():
            self.second.weight.mul_(0.3)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.norm(self.first(x)))))


def truth(scene: Scene) -> Facts:
    """Everything that a picture of the scene shows, as facts."""
    if scene.setting in SKYLESS:
        sky = scene.sky if scene.setting == "space" else ""
        return Facts(scene.setting, scene.background, sky=sky, groups=scene.groups)
    return Facts(scene.setting, "", scene.time, scene.weather, scene.sky, scene.groups)


def network() -> nn.Module:
    torch.manual_seed(5)
    return Judge()


def loss(module: nn.Module, at: Step) -> Tensor:
    device = at.device
    scenes, layouts, _ = batch(TRAINING, at.number, at.worker + 100, at.batch or BATCH)
    pictures = draw.pictures(layouts, CELL, device)
    pictures = pictures + 0.03 * torch.rand(()) * torch.randn_like(pictures)
    with torch.autocast(device.type, torch.bfloat16):
        answers, where = cast("Judge", module).look(pictures)
    standing = _standing(latents.fields(layouts, device), where.shape[2:])
    told = answer_loss(answers.cpu() if device.type != "cpu" else answers, labels([truth(s) for s in scenes]))
    return told + 4 * functional.cross_entropy(where.float(), standing).cpu()


def _standing(fields: Tensor, size: torch.Size) -> Tensor:
    """Which kind of object stands where, [B, h, w]: 0 for none, else its number in KINDS and one."""
    layer = latents.OBJECTS
    numbers = torch.tensor([1 + KINDS.index(kind) for kind in layer.kinds], device=fields.device)
    likeness = torch.einsum("bchw,kc->bkhw", fields[:, layer.code], latents.codes(layer).to(fields.device))
    kinds = numbers[likeness.argmax(1)] * (fields[:, layer.first] > 0)
    return functional.interpolate(kinds[:, None].float(), size=tuple(size), mode="nearest")[:, 0].long()


def accuracy(module: nn.Module, batches: int = 20) -> dict[str, float]:
    """Share of right answers on unseen drawn pictures."""
    right: dict[str, list[float]] = {}
    module.eval()
    for step in range(batches):
        scenes, layouts, _ = batch(HELD_OUT, step, 0, BATCH)
        with torch.no_grad():
            facts, counts, colours, _ = split(module(draw.pictures(layouts, CELL)))
        wanted = labels([truth(s) for s in scenes])
        there = wanted.counts > 0
        for i, name in enumerate(PICTURE_FACTS):
            right.setdefault(name, []).extend((facts[i].argmax(1) == wanted.facts[:, i]).float().tolist())
        right.setdefault("kinds", []).extend(
            ((counts.argmax(2) > 0) == there).float().all(1).float().tolist()
        )
        right.setdefault("counts", []).extend((counts.argmax(2) == wanted.counts)[there].float().tolist())
        right.setdefault("colours", []).extend((colours.argmax(2) == wanted.colours)[there].float().tolist())
    return {name: round(sum(values) / len(values), 4) for name, values in right.items()}


def main() -> None:
    arguments = parser("judge", 2500, 7e-4)
    arguments.add_argument("--score", action="store_true")
    chosen = arguments.parse_args()
    if chosen.score:
        module = Judge()
        print(load_average("judge", module), accuracy(module))
        return
    train(network, loss, plan("judge", chosen))


if __name__ == "__main__":
    main()
