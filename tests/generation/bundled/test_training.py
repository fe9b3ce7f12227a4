"""Every stage takes a step, gets better on one batch, and a run goes on where it stopped."""

import os
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from generation.bundled import draw, latents, sharpness
from generation.bundled.assemble import WEIGHTS
from generation.bundled.training import (
    blend,
    data,
    denoiser,
    encoder,
    judge,
    loop,
    points,
    renderer,
    renewal,
    restore,
    superresolution,
    text,
)
from generation.engine.families.folding import fold_pointwise
from generation.engine.pixels.pointwise import point_decoder

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(loop, "STATE", tmp_path)
    monkeypatch.setattr(os, "nice", lambda _: 19)
    for module in (text, denoiser, judge, superresolution, renderer, encoder):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(points, "PAIRS", 32)
    monkeypatch.setattr(denoiser, "_FROZEN", [text.encoder().eval()])


def _line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def _line_loss(module: nn.Module, at: loop.Step) -> Tensor:
    del at
    x = torch.randn(16, 3)
    return (module(x) - x.sum(1, keepdim=True)).pow(2).mean()  # type: ignore[no-any-return]


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("build", "loss"),
    [
        (text.Reader, text.loss),
        (encoder.network, encoder.loss),
        (renderer.network, renderer.loss),
        (denoiser.network, denoiser.loss),
        (judge.network, judge.loss),
        (superresolution.network, superresolution.loss),
    ],
)
def test_a_stage_gives_every_weight_a_gradient(build, loss) -> None:  # type: ignore[no-untyped-def]
    module = build()
    loss(module, loop.Step(1, 0, CPU)).backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())


def test_what_is_trained_on_points_is_the_stock_decoder_on_pictures() -> None:
    painter = renderer.network().eval()
    _, layouts, _ = data.batch(data.TRAINING, 0, 0, 2, (5, 4))
    fields = latents.fields(layouts, CPU)
    rows, columns = torch.randint(0, 64, (2, 300)), torch.randint(0, 80, (2, 300))
    with torch.no_grad():
        whole = painter.decoder()(fields)  # type: ignore[operator]
        points = painter(fields, rows, columns)
    assert whole.shape == (2, 3, 64, 80)
    assert torch.allclose(whole[torch.arange(2).unsqueeze(1), :, rows, columns], points, atol=1e-5)


def test_shipped_decoder_weights_come_back_as_what_was_trained() -> None:
    first, again = renderer.network(), renderer.Painter()
    again.take(first.decoder())  # type: ignore[operator]
    for name, value in first.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


@pytest.mark.parametrize(("layer", "axes"), renderer._KNOTS)
@pytest.mark.parametrize("axis", [0, 1])
def test_the_pixel_part_of_the_decoder_starts_with_hats_of_the_local_coordinates(
    layer: latents.Layer, axes: tuple[tuple[float, ...], tuple[float, ...]], axis: int
) -> None:
    knots = axes[axis]
    block = renderer.network().pixels[0]  # type: ignore[index]
    x = torch.zeros(50, renderer.WIDTH)
    x[:, : latents.CHANNELS] = renderer.OFFSET
    x[:, layer.place.start + axis] += torch.linspace(knots[0], knots[-1], 50)
    with torch.no_grad():
        out = block(x)  # type: ignore[operator]
    first = next(hats for other, _, hats in renderer._hats() if other is layer).start + axis * len(axes[0])
    hats = out[:, first : first + len(knots)]
    assert torch.allclose(hats.sum(1), torch.ones(50), atol=1e-4)
    assert int((hats > 1e-4).sum(1).max()) <= 2
    assert (hats.amax(0) > 0.8).all()


def test_in_the_later_blocks_every_unit_starts_out_for_one_kind_of_thing() -> None:
    block = renderer.network().pixels[1]  # type: ignore[index]
    first = block.lines[0]  # type: ignore[union-attr]
    heard = torch.zeros(renderer.WIDTH, dtype=torch.long)
    for layer in latents.LAYERS:
        for code in latents.codes(layer):
            x = torch.zeros(1, renderer.WIDTH)
            x[:, : latents.CHANNELS] = renderer.OFFSET
            x[:, layer.code] += code
            with torch.no_grad():
                heard += (first(x)[0] > -2).long()
    assert (heard == 1).all()


def test_what_the_decoder_is_trained_on_are_points_of_drawings_at_4k_scale_each_with_one_beside_it() -> None:
    torch.manual_seed(0)
    taken = points.Pool(16, 9, 1).take(loop.Step(3, 0, CPU), 4)
    assert taken.fields.shape == (4, latents.CHANNELS, 9, 16)
    assert taken.rows.shape == taken.columns.shape == (4, 2 * points.PAIRS)
    (row, below), (column, beside) = taken.rows.chunk(2, 1), taken.columns.chunk(2, 1)
    away = torch.hypot(below - row, beside - column)
    assert away.max() <= 1.0001
    assert (away < 0.25).float().mean() > 0.3
    assert (row - row.round()).abs().mean() > 0.2  # between pixels
    _, layouts, _ = data.batch(data.TRAINING, 3, 50, 8, (16, 9))
    x, y = (taken.columns + 0.5) / points.CELL, (taken.rows + 0.5) / points.CELL
    for place in range(4):
        drawn = draw.at(layouts, x[place].expand(8, -1), y[place].expand(8, -1), points.FINE) * 2 - 1
        assert any(torch.allclose(colours, taken.colours[place], atol=1e-4) for colours in drawn)
    own, near = taken.colours.chunk(2, 1)
    assert ((own - near).abs().amax(2) > 0.1).float().mean() > 0.2  # at edges


def test_rare_points_lie_at_rare_things() -> None:
    torch.manual_seed(0)
    taken = points.Pool(16, 16, 1, rare=True).take(loop.Step(3, 0, CPU), 6)
    there = torch.stack(
        [
            points.near(taken.fields, layer, kind)
            for layer in latents.LAYERS
            for kind in layer.kinds
            if kind in points.RARE
        ]
    ).amax(0)
    own = slice(0, points.PAIRS)
    picture = torch.arange(6).unsqueeze(1)
    rows, columns = taken.rows[:, own].round().long(), taken.columns[:, own].round().long()
    assert there[picture, rows, columns].mean() > 0.99


@pytest.mark.long
def test_the_decoders_units_are_renewed_for_what_is_drawn_badly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "_PICTURES", 16)
    painter = renderer.network()
    before = {name: value.clone() for name, value in painter.state_dict().items()}
    given = renewal.renew(painter, 4)  # type: ignore[arg-type]
    assert sum(given.values()) == 4 * 3
    for name, value in painter.state_dict().items():
        changed = (value != before[name]).flatten(1).any(1) if value.dim() > 1 else value != before[name]
        if name.startswith(("cells", "head", "pixels.0")):
            assert not changed.any(), name
        elif name.endswith("lines.0.weight"):
            assert int(changed.sum()) == 4, name


def test_units_go_where_steps_between_neighbours_lack_most() -> None:
    """Two pictures: errors that are alike on both points of a pair are no missing edge."""
    missing = torch.zeros(2, 2, points.PAIRS, 3)
    missing[0] = 0.5  # flat: the same on both sides
    missing[1, 0, : points.PAIRS // 2] = 0.6
    missing[1, 1, points.PAIRS // 2 :] = 0.29
    picture = torch.arange(2).repeat_interleave(2 * points.PAIRS)
    column = torch.arange(points.PAIRS).repeat(4)
    within = {
        "cat": picture == 0,
        "fox": (picture == 1) & (column < points.PAIRS // 2),
        "owl": (picture == 1) & (column >= points.PAIRS // 2),
    }
    given = renewal._badly_drawn(missing.view(-1, 3), within, 5)
    assert given == ["fox", "fox", "fox", "fox", "owl"]  # 0.36 of a pair to 0.084


@pytest.mark.long
def test_a_renewed_unit_listens_to_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renewal, "_PICTURES", 40)
    monkeypatch.setattr(renewal, "_badly_drawn", lambda *_: ["pine"])
    painter = renderer.network()
    torch.manual_seed(4)
    start = painter.pixels[1].lines[0].weight.clone()  # type: ignore[index, union-attr]
    renewal.renew(painter)  # type: ignore[arg-type]
    line = painter.pixels[1].lines[0]  # type: ignore[index, union-attr]
    (unit,) = (line.weight != start).any(1).nonzero().flatten().tolist()
    sample = renewal._sample(painter, points.Pool(16, 16, 1, rare=True).take(loop.Step(9, 0, CPU), 80))  # type: ignore[arg-type]
    own = renewal._within(sample.fields, "pine")
    heard = line(sample.x)[:, unit] > 0
    assert 0.2 < float(heard[own].float().mean()) < 0.8
    assert float(heard[~own].float().mean()) < 0.2


def test_a_stopped_run_goes_on_and_learns() -> None:
    loop.train(_line, _line_loss, loop.Plan("line", 30, 0.05))
    module = _line()
    assert loop.load_average("line", module) == 30
    loop.train(_line, _line_loss, loop.Plan("line", 400, 0.05))
    assert loop.load_average("line", module) == 400
    assert torch.allclose(module.weight, torch.ones(1, 3), atol=0.15)
    assert next(loop.log("line"))["step"] == 25
    assert (loop.STATE / "line" / "curve.png").exists()


def test_muon_has_the_matrices_between_hidden_units_and_adam_all_else() -> None:
    painter = renderer.network()
    trained = [p for p in painter.parameters() if p.requires_grad]
    adam, muon = loop._optimisers(trained, loop.Plan("decoder", 10, 2e-3, muon=True))
    hidden = {id(p) for group in muon.param_groups for p in group["params"]}
    others = {id(p) for group in adam.param_groups for p in group["params"]}
    assert hidden == {id(line.weight) for block in painter.later for line in block.three()}  # type: ignore[union-attr]
    assert hidden | others == {id(p) for p in trained}
    assert not hidden & others
    assert muon.defaults["lr"] == loop.MUON * adam.defaults["lr"]
    assert len(loop._optimisers(trained, loop.Plan("decoder", 10, 2e-3))) == 1


def test_the_same_seed_trains_the_same_weights(tmp_path: Path) -> None:
    weights = []
    for name in ("one", "two"):
        loop.train(_line, _line_loss, loop.Plan(name, 10, 0.05))
        module = _line()
        loop.load_average(name, module)
        weights.append(module.weight.detach().clone())
    assert torch.equal(weights[0], weights[1])
    assert (tmp_path / "one" / "state.pt").exists()


@pytest.mark.long
def test_the_decoder_goes_on_where_its_training_stands_or_as_it_is_shipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    widths = {}
    for shipped in (False, True):
        monkeypatch.setattr(loop, "STATE", tmp_path / str(shipped))
        assert "decoder" in restore.restore(shipped=shipped)
        painter = renderer.Painter()
        loop.load_average("decoder", painter)
        vae = renderer.autoencoder().eval()
        vae.decoder = painter.decoder().eval()
        fold_pointwise(vae)
        decoder = point_decoder(vae)
        assert decoder is not None
        widths[shipped] = sharpness.of_exact_fields(decoder, 1, painted=False)["edge width"]
    assert widths[False] < 0.7 * widths[True]


def test_held_out_pictures_are_not_training_pictures() -> None:
    training = {str(scene) for step in range(20) for scene in data.batch(data.TRAINING, step, 0, 4)[0]}
    held_out = [str(scene) for step in range(5) for scene in data.batch(data.HELD_OUT, step, 0, 4)[0]]
    assert sum(scene in training for scene in held_out) < len(held_out) / 4


def test_a_blend_lies_between_the_shipped_denoiser_and_the_newest() -> None:
    shipped = UNet2DConditionModel.from_pretrained(WEIGHTS / "text-to-image" / "unet").state_dict()
    newest = {name: (value.float() + 1).half() for name, value in shipped.items()}
    folder = loop.STATE / "denoiser"
    folder.mkdir()
    torch.save({"weights": newest, "average": newest, "step": 7, "seconds": 1.0}, folder / "state.pt")
    blend.blend(0.25)
    state = torch.load(folder / "state.pt", weights_only=True)
    assert state["step"] == 7
    for name, value in shipped.items():
        assert torch.equal(state["weights"][name], newest[name])
        assert torch.allclose(state["average"][name].float(), value.float() + 0.25, atol=4e-3), name
