"""Gives units of the decoder that do nothing to kinds of things that it draws badly: `… .training.renewal`.

In a long training some units end up contributing nothing, and what is in few pictures gets none of them. So the least
useful ones of each later block, by how little the loss rises without them, start anew: a unit responds to one kind, and
inside it to that function of the block before it that explains most of the remaining error. Then `… .renderer` goes on.
"""

from dataclasses import dataclass
from typing import Final, cast

import torch
from torch import Tensor
from torch.nn import functional

from generation.bundled import latents

from . import points
from .loop import STATE, Step, load_average
from .renderer import Painter, enlarged, squashed

UNITS: Final = 12  # a block
_PICTURES: Final = 96
_FEW: Final = 60  # points of a kind: too few to fit anything
_GATE: Final = 2.5  # how strongly a unit responds to its kind, beside its pattern there, whose deviation is 1
_LOUD: Final = 0.05  # deviation of what a new unit adds to the channels
_RIDGE: Final = 1e-3


@dataclass(slots=True)
class _Sample:
    """Points in a row: what the next block gets of them [N, WIDTH], fields [N, C] and colours [N, 3] in -1..1."""

    x: Tensor
    fields: Tensor
    colours: Tensor


@torch.no_grad()
def renew(painter: Painter, units: int = UNITS, seed: int = 0) -> dict[str, int]:
    """Start that many units of each block anew, in place; returns how many each kind got.

    The kind whose edges lack most for each unit that it got gets the next.
    """
    torch.manual_seed(seed)
    at = Step(seed, 7, torch.device("cpu"))
    common = _sample(painter, points.Pool(16, 16, 1).take(at, _PICTURES))
    rare = _sample(painter, points.Pool(16, 16, 1, rare=True).take(at, _PICTURES))
    shown = _Sample(*(torch.cat((getattr(common, part), getattr(rare, part))) for part in _Sample.__slots__))
    missing = shown.colours - _rest(painter, 0, shown.x)
    within = {kind: _within(shown.fields, kind) for layer in latents.LAYERS for kind in layer.kinds}
    shared = {kind: own for kind, own in within.items() if int(own.sum()) > _FEW}
    wanted = _badly_drawn(missing[: len(common.x)], shared, units)
    for number, block in enumerate(painter.later):
        places = _least_useful(painter, number, common, len(wanted))
        for kind, unit, feature in zip(wanted, *places, strict=True):
            _start(painter, number, (unit, feature), shown.x, within[kind], missing[within[kind]])
        common.x, shown.x = block(common.x), block(shown.x)
    return {kind: wanted.count(kind) * len(painter.later) for kind in dict.fromkeys(wanted)}


def _badly_drawn(missing: Tensor, within: dict[str, Tensor], units: int) -> list[str]:
    """As many names of kinds as units, by what the steps from common points to neighbours lack, [n, 3]."""
    own, beside = missing.view(-1, 2, points.PAIRS, 3).unbind(1)
    edges = (own - beside).pow(2).sum(2)
    lacks = {
        kind: float(edges[there[: len(missing)].view(-1, 2, points.PAIRS)[:, 0]].sum())
        for kind, there in within.items()
    }
    given: list[str] = []
    while len(given) < units:
        given.append(max(lacks, key=lambda kind: lacks[kind] / (1 + given.count(kind))))
    return given


def _sample(painter: Painter, taken: points.Points) -> _Sample:
    def at_points(cells: Tensor) -> Tensor:
        return enlarged(cells, taken.rows, taken.columns).flatten(0, 1)

    return _Sample(
        painter.pixels[0](at_points(painter.cells(squashed(taken.fields)))),
        at_points(taken.fields),
        taken.colours.flatten(0, 1),
    )


def _rest(painter: Painter, number: int, x: Tensor) -> Tensor:
    """The colours that the later blocks from that number on make of x."""
    for block in painter.later[number:]:
        x = block(x)
    return painter.head(x) * 2 - 1  # type: ignore[no-any-return]


def _within(fields: Tensor, kind: str) -> Tensor:
    """Which points lie in or near a thing of the kind, [N]."""
    layer = next(layer for layer in latents.LAYERS if kind in layer.kinds)
    likeness = fields[:, layer.code] @ latents.codes(layer).T
    own = likeness.argmax(1) == layer.kinds.index(kind)
    reach = -0.6 if layer.small else -0.4  # beyond the outline, which has two sides
    return own & (likeness.amax(1) > 0.6 * layer.bits) & (fields[:, layer.first] > reach)


def _least_useful(painter: Painter, number: int, sample: _Sample, count: int) -> tuple[list[int], list[int]]:
    """Units of a block's first and second line whose place could be taken by their mean at the least cost.

    Their mean output goes into the biases of the units they fed, and they are set to zero.
    """
    first, second, third = painter.later[number].three()
    x = sample.x
    units = functional.relu(first(x))
    before = second(units)
    features = functional.relu(before)

    def cost(features: Tensor) -> float:
        error = _rest(painter, number + 1, functional.relu(x + third(features))) - sample.colours
        return float(error.abs().mean() + error.pow(2).mean())

    costs: tuple[list[float], list[float]] = ([], [])
    for n in range(units.shape[1]):
        change = units[:, n : n + 1] - units[:, n].mean()
        costs[0].append(cost(functional.relu(before - change * second.weight[:, n])))
        silent = features.clone()
        silent[:, n] = features[:, n].mean()
        costs[1].append(cost(silent))
    least, unheard = (torch.tensor(cost).argsort()[:count] for cost in costs)
    second.bias.add_(second.weight[:, least] @ units[:, least].mean(0))
    third.bias.add_(third.weight[:, unheard] @ features[:, unheard].mean(0))
    second.weight[:, least] = 0
    third.weight[:, unheard] = 0
    return least.tolist(), unheard.tolist()


def _start(
    painter: Painter, number: int, places: tuple[int, int], x: Tensor, own: Tensor, missing: Tensor
) -> None:
    """A unit of the first line that responds to a kind's own points, and a feature of the second that passes it on.

    `missing`: what lacks in the colours of the own points, [n, 3].
    """
    first, second, third = painter.later[number].three()
    unit, feature = places
    said = torch.cat((x, torch.ones(len(x), 1)), 1)
    share = own.float().mean()
    kind = _fit(said, 2.0 * own - 1, torch.where(own, 0.5 / share, 0.5 / (1 - share)))
    some = torch.rand(len(missing)) < 0.5  # so that two units of a kind differ
    direction = torch.linalg.svd(missing - missing.mean(0), full_matrices=False)[2][0]
    target = missing @ ((direction if torch.rand(()) < 0.5 else -direction) + 0.4 * torch.randn(3))
    target = (target - target.mean()) / target.std().clamp(min=1e-3)
    pattern = _fit(said[own][some], target[some], torch.ones(int(some.sum())))
    line = _GATE * kind + pattern / (said[own] @ pattern).std().clamp(min=0.1)
    heard = said[own] @ line
    line[-1] -= heard.median()
    line /= functional.relu(heard - heard.median()).std().clamp(min=1e-3)
    first.weight[unit], first.bias[unit] = line[:-1], line[-1]
    second.weight[feature] = 0.6 * _LOUD * torch.randn(second.weight.shape[1])
    second.weight[feature, unit] = 1
    second.bias[feature] = 0
    third.weight[:, feature] = _LOUD * torch.randn(len(third.weight))
    third.weight[: latents.CHANNELS, feature] = 0


def _fit(said: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Ridge regression, [WIDTH + 1]."""
    weighted = (said * weight[:, None]).T
    ridge = _RIDGE * len(said) * torch.eye(said.shape[1])
    return cast("Tensor", torch.linalg.solve(weighted @ said + ridge, weighted @ wanted))


def main() -> None:
    painter = Painter()
    step = load_average("decoder", painter)
    print("units given:", renew(painter, seed=step))
    half = {name: value.half() for name, value in painter.state_dict().items()}
    file = STATE / "decoder" / "state.pt"
    torch.save({**torch.load(file, weights_only=True), "weights": half, "average": half}, file)


if __name__ == "__main__":
    main()
