"""The judge: a detector that reads pictures, trained on drawn ones alone, never on those of the model it scores."""

from dataclasses import dataclass
from math import log
from typing import Final, cast

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from generation.bundled import draw, latents
from generation.bundled.assemble import WEIGHTS
from generation.bundled.canvas import Layout
from generation.bundled.captions import Facts
from generation.bundled.scenes import COLOUR_NAMES, KINDS, SKYLESS, Scene

from .data import HELD_OUT, TRAINING, batch
from .loop import Step, load_average, parser, plan, train
from .text import PICTURE_FACTS, labels

FILE: Final = WEIGHTS / "judge" / "model.safetensors"
CELL: Final = 6  # pixels a cell: 96 for 16 cells, enough to name and count what is there
SPOT: Final = 8  # pixels a spot, the places that the judge looks at
BATCH: Final = 32
_RARE: Final = 0.003  # about how often a spot is the middle of a thing of a given kind
# Logit above which a thing is there: where counts and kinds of training pictures, bent or not, are right most often.
_SURE: Final = 0.3
_BEND: Final = 12  # pixels over which an unsteady outline turns
_BENT: Final = 2.2  # pixels that it may be off; most are much less
_LAYOUT: Final = torch.channels_last


@dataclass(frozen=True, slots=True)
class Sight:
    """What the judge makes of pictures, as logits: picture facts [B, choices], and in every spot the rest [B, ., h, w].

    `middles`: is this spot the middle of a thing of that kind? `colours`: of the thing that stands here. `kinds`: of
    what stands here, 0 for nothing.
    """

    facts: list[Tensor]
    middles: Tensor
    colours: Tensor
    kinds: Tensor


@dataclass(frozen=True, slots=True)
class Seen:
    """The same as answers: numbers of choices of the facts [B, 5]; by kind [B, kinds] counts, colours, and how far
    across the picture the kind stands on average (0..1).
    """

    facts: Tensor
    counts: Tensor
    colours: Tensor
    across: Tensor


class Judge(nn.Module):
    """[B, 3, H, W] in 0..1 at CELL pixels a cell → Sight.

    Things are found one by one, in spots, since a network that has to name and count what is in a whole picture learns
    that many times more slowly.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 48, 4, 2, 1), nn.ReLU(), nn.Conv2d(48, 96, 4, 2, 1), nn.ReLU(), _Block(96),
            nn.Conv2d(96, 160, 4, 2, 1), nn.ReLU(), *(_Block(160) for _ in range(4)),
        )  # fmt: skip
        self.spots = nn.Conv2d(160, len(KINDS) + len(COLOUR_NAMES) + 1 + len(KINDS), 1)
        self.facts = nn.Sequential(
            nn.Linear(2 * 160, 192), nn.ReLU(), nn.Linear(192, sum(map(len, PICTURE_FACTS.values())))
        )
        with torch.no_grad():
            cast("Tensor", self.spots.bias)[: len(KINDS)] = log(_RARE)

    def forward(self, picture: Tensor) -> Sight:
        seen = self.stem((picture * 2 - 1).contiguous(memory_format=_LAYOUT))
        facts = self.facts(torch.cat((seen.mean((2, 3)), seen.amax((2, 3))), 1))
        parts = self.spots(seen).split([len(KINDS), len(COLOUR_NAMES), 1 + len(KINDS)], 1)
        return Sight(list(facts.split([len(values) for values in PICTURE_FACTS.values()], 1)), *parts)


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.GroupNorm(4, width)
        with torch.no_grad():
            self.second.weight.mul_(0.3)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(functional.relu(self.norm(self.first(x)))))


def read(sight: Sight) -> Seen:
    """The likeliest answers. A count is the number of peaks among a kind's middles.

    A thing between two spots is half in each, so a peak is judged by the sum around it.
    """
    middles = sight.middles.float().sigmoid()
    around = functional.avg_pool2d(middles, 3, 1, 1) * 9
    told_apart = middles + torch.linspace(0, 1e-4, middles[0, 0].numel(), device=middles.device).view_as(
        middles[0, 0]
    )
    peaks = (told_apart == functional.max_pool2d(told_apart, 3, 1, 1)) & (around > _SURE)
    colours = torch.einsum("bkhw,bchw->bkc", middles, sight.colours.float().softmax(1))
    line = (torch.arange(middles.shape[3], device=middles.device) + 0.5) / middles.shape[3]
    return Seen(
        torch.stack([choices.argmax(1) for choices in sight.facts], 1),
        peaks.sum((2, 3)),
        colours.argmax(2),
        (middles.sum(2) * line).sum(2) / middles.sum((2, 3)).clamp(min=1e-6),
    )


def truth(scene: Scene) -> Facts:
    """Everything that a picture of the scene shows, as facts."""
    if scene.setting in SKYLESS:
        sky = scene.sky if scene.setting == "space" else ""
        return Facts(scene.setting, scene.background, sky=sky, groups=scene.groups)
    return Facts(scene.setting, "", scene.time, scene.weather, scene.sky, scene.groups)


def network() -> nn.Module:
    torch.manual_seed(5)
    return Judge().to(memory_format=_LAYOUT)  # type: ignore[call-overload, no-any-return]  # its stub lacks this one


def loss(module: nn.Module, at: Step) -> Tensor:
    device = at.device
    scenes, layouts, _ = batch(TRAINING, at.number, at.worker + 100, at.batch or BATCH)
    pictures = _unsteady(draw.pictures(layouts, CELL, device))
    with torch.autocast(device.type, torch.bfloat16):
        sight: Sight = module(pictures)
    picture, kind, row, column, colour = _things(scenes, layouts, sight.middles.shape[2:]).to(device)
    middles = torch.zeros_like(sight.middles, dtype=torch.float32)
    middles[picture, kind, row, column] = 1
    found = functional.binary_cross_entropy_with_logits(sight.middles.float(), middles, reduction="sum")
    coloured = functional.cross_entropy(
        sight.colours.float()[picture, :, row, column], colour, reduction="sum"
    )
    standing = _standing(latents.fields(layouts, device), sight.kinds.shape[2:])
    right = labels([truth(scene) for scene in scenes]).facts.to(device)
    facts = sum(
        (functional.cross_entropy(f.float(), right[:, i]) for i, f in enumerate(sight.facts)),
        torch.zeros((), device=device),
    )
    things = max(1, len(kind))
    return (
        facts
        + found / things
        + coloured / things
        + 4 * functional.cross_entropy(sight.kinds.float(), standing)
    )


def _unsteady(pictures: Tensor) -> Tensor:
    """As an unsteady hand would draw them: outlines bend by a few pixels, some a little soft, with some noise.

    A judge trained on exact outlines alone doesn't recognise a slightly bent house, which any person would.
    """
    count, _, height, width = pictures.shape
    along = [torch.linspace(-1, 1, n, device=pictures.device) for n in (height, width)]
    down, across = torch.meshgrid(*along, indexing="ij")
    coarse = torch.randn(count, 2, height // _BEND + 2, width // _BEND + 2, device=pictures.device)
    bends = functional.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=True)
    pixels = _BENT * torch.rand(count, 1, 1, 1, device=pictures.device).pow(2) * bends
    grid = torch.stack((across + pixels[:, 0] * 2 / width, down + pixels[:, 1] * 2 / height), 3)
    bent = functional.grid_sample(pictures, grid, padding_mode="border", align_corners=True)
    soft = functional.avg_pool2d(functional.pad(bent, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    bent = torch.lerp(bent, soft, 0.7 * torch.rand(count, 1, 1, 1, device=pictures.device).pow(2))
    return bent + 0.03 * torch.rand(()) * torch.randn_like(bent)


def _things(scenes: list[Scene], layouts: list[Layout], size: torch.Size) -> Tensor:
    """Every object of a batch, [5, T]: picture, number of its kind, row and column of its middle's spot, its colour."""
    height, width = size
    rows = []
    for index, (scene, layout) in enumerate(zip(scenes, layouts, strict=True)):
        colours = {group.kind: COLOUR_NAMES.index(group.colour) for group in scene.groups}
        for thing in layout.things:
            if thing.kind in colours:
                row = min(max(int(thing.y * CELL / SPOT), 0), height - 1)
                column = min(max(int(thing.x * CELL / SPOT), 0), width - 1)
                rows.append((index, KINDS.index(thing.kind), row, column, colours[thing.kind]))
    return torch.tensor(rows, dtype=torch.long).reshape(-1, 5).T


def _standing(fields: Tensor, size: torch.Size) -> Tensor:
    """Which kind of object stands where, [B, h, w]: 0 for none, else its number in KINDS and one.

    It teaches in minutes what the middles alone teach in hours.
    """
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
            seen = read(module(draw.pictures(layouts, CELL)))
        wanted = labels([truth(scene) for scene in scenes])
        there = wanted.counts > 0
        for i, name in enumerate(PICTURE_FACTS):
            right.setdefault(name, []).extend((seen.facts[:, i] == wanted.facts[:, i]).float().tolist())
        right.setdefault("all kinds", []).extend(((seen.counts > 0) == there).float().amin(1).tolist())
        right.setdefault("counts", []).extend((seen.counts == wanted.counts)[there].float().tolist())
        # The first of a caption's choices of colours is «unsaid».
        right.setdefault("colours", []).extend((seen.colours + 1 == wanted.colours)[there].float().tolist())
    return {name: round(sum(values) / len(values), 4) for name, values in right.items()}


def trained() -> Judge:
    """The one of this machine's newest training, else the shipped one."""
    judge = Judge()
    try:
        load_average("judge", judge)
    except FileNotFoundError:
        return shipped()
    return judge.eval()


def shipped() -> Judge:
    judge = Judge()
    judge.load_state_dict({name: value.float() for name, value in load_file(FILE).items()})
    return judge.eval()


def ship() -> bool:
    """Replace the shipped judge with this machine's newest one, if it is right more often."""
    new = trained()
    scores = accuracy(new), accuracy(shipped()) if FILE.exists() else {}
    print(*scores, sep="\n")
    if sum(scores[0].values()) <= sum(scores[1].values()):
        return False
    FILE.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.half().contiguous() for name, value in new.state_dict().items()}, FILE)
    return True


def main() -> None:
    arguments = parser("judge", 7000, 1e-3)
    arguments.add_argument("--score", action="store_true")
    arguments.add_argument("--ship", action="store_true", help="if it is better than the shipped one")
    chosen = arguments.parse_args()
    if chosen.score:
        print(accuracy(trained()))
    elif chosen.ship:
        print("replaced" if ship() else "kept, since the new one is right no more often")
    else:
        train(network, loss, plan("judge", chosen))


if __name__ == "__main__":
    main()
