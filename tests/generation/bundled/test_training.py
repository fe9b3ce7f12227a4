"""Every stage takes a step, gets better on one batch, and a run goes on where it stopped."""

import os
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from generation.bundled import draw
from generation.bundled.training import data, denoiser, judge, loop, renderer, superresolution, text

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loop, "STATE", tmp_path)
    monkeypatch.setattr(os, "nice", lambda _: 19)
    for module in (text, denoiser, judge, superresolution, renderer):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(renderer, "SIDE", 3)
    monkeypatch.setattr(denoiser, "_FROZEN", [text.encoder().eval()])


def _line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def _line_loss(module: nn.Module, at: loop.Step) -> Tensor:
    del at
    x = torch.randn(16, 3)
    return (module(x) - x.sum(1, keepdim=True)).pow(2).mean()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("build", "loss"),
    [
        (text.Reader, text.loss),
        (renderer.encoder, renderer.encoder_loss),
        (denoiser.network, denoiser.loss),
        (judge.network, judge.loss),
        (superresolution.network, superresolution.loss),
    ],
)
def test_a_stage_gives_every_weight_a_gradient(build, loss) -> None:  # type: ignore[no-untyped-def]
    module = build()
    loss(module, loop.Step(1, 0, CPU)).backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())


def test_the_decoder_starts_from_the_plain_colours_of_a_picture_and_not_from_grey() -> None:
    _, layouts, _ = data.batch(data.TRAINING, 0, 0, 8)
    wanted = draw.pictures(layouts, 16, CPU) * 2 - 1
    with torch.no_grad():
        start = renderer.decoder()(draw.fields(layouts, CPU))
    assert (start - wanted).abs().mean() < 0.7 * wanted.abs().mean()


def test_a_stopped_run_goes_on_and_learns() -> None:
    loop.train(_line, _line_loss, loop.Plan("line", 30, 0.05))
    module = _line()
    assert loop.load_average("line", module) == 30
    loop.train(_line, _line_loss, loop.Plan("line", 400, 0.05))
    assert loop.load_average("line", module) == 400
    assert torch.allclose(module.weight, torch.ones(1, 3), atol=0.15)
    assert next(loop.log("line"))["step"] == 25
    assert (loop.STATE / "line" / "curve.png").exists()


def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    weights = []
    for name in ("one", "two"):
        loop.train(_line, _line_loss, loop.Plan(name, 10, 0.05))
        module = _line()
        loop.load_average(name, module)
        weights.append(module.weight.detach().clone())
    assert torch.equal(weights[0], weights[1])
    assert (tmp_path / "one" / "state.pt").exists()


def test_held_out_pictures_are_not_training_pictures() -> None:
    training = {str(scene) for step in range(20) for scene in data.batch(data.TRAINING, step, 0, 4)[0]}
    held_out = [str(scene) for step in range(5) for scene in data.batch(data.HELD_OUT, step, 0, 4)[0]]
    assert sum(scene in training for scene in held_out) < len(held_out) / 4
