"""The fields: what stands in a cell, how far its outline is, where in it the cell lies, and the colours around it."""

from random import Random

import pytest
import torch

from generation.bundled import draw, latents
from generation.bundled.canvas import Thing
from generation.bundled.latents import BEHIND, LAYERS, OBJECTS, SCATTERED, Layer
from generation.bundled.layout import lay_out
from generation.bundled.scenes import KINDS, Group, Scene, sample
from generation.bundled.training import renderer


def _house() -> torch.Tensor:
    layout = lay_out(Scene("plain", background="white", groups=(Group("house", "red"),)), Random(1))
    return latents.fields([layout])


def test_every_kind_of_thing_stands_in_one_layer() -> None:
    kinds = [kind for layer in LAYERS for kind in layer.kinds]
    assert sorted(kinds) == sorted(draw.ALL_KINDS)
    assert set(OBJECTS.kinds) == set(KINDS)
    assert [OBJECTS.first, BEHIND.first, SCATTERED.first] == [latents.BANDS, OBJECTS.end, BEHIND.end]


def test_a_cell_near_a_thing_holds_its_code_and_no_other_cell_does() -> None:
    fields = _house()
    assert fields.shape == (1, latents.CHANNELS, 16, 16)
    code = fields[0, OBJECTS.code]
    there = code.abs().sum(0) > 0
    house = latents.codes(OBJECTS)[OBJECTS.kinds.index("house")]
    assert 20 < int(there.sum()) < 230
    assert torch.equal(code[:, there], house.view(-1, 1).expand(-1, int(there.sum())))
    assert torch.equal(fields[0, OBJECTS.first][~there], torch.full((int((~there).sum()),), -1.0))
    for layer in (BEHIND, SCATTERED):
        assert float(fields[0, layer.first].max()) == -1
        assert float(fields[0, layer.first + 1 : layer.end].abs().max()) == 0


def test_local_coordinates_grow_evenly_over_a_thing() -> None:
    fields = _house()
    there = fields[0, OBJECTS.code].abs().sum(0) > 0
    u, v = fields[0, OBJECTS.place]
    across, down = u.diff(dim=1)[there[:, 1:] & there[:, :-1]], v.diff(dim=0)[there[1:] & there[:-1]]
    assert float(across.std()) < 1e-5
    assert float(down.std()) < 1e-5
    assert abs(float(across.mean())) == pytest.approx(abs(float(down.mean())), rel=1e-4)


def test_the_outline_channel_is_positive_where_a_thing_is_drawn() -> None:
    scene = Scene("plain", background="white", groups=(Group("whale", "red"),))
    layout = lay_out(scene, Random(2))
    drawn = draw.pictures([layout], 16) - draw.background([layout], 16)
    middles = drawn.abs().amax(1)[0, 8::16, 8::16] > 0.1
    inside = latents.fields([layout])[0, OBJECTS.first] > 0
    assert float((inside == middles).float().mean()) > 0.97


@pytest.mark.few(2)
@pytest.mark.parametrize("kind", sorted(SCATTERED.kinds))
def test_every_pixel_of_a_small_thing_lies_between_cells_that_know_it(kind: str) -> None:
    """Wherever between the cells it stands: a star in a corner of four was in none of them once."""
    code = latents.codes(SCATTERED)[SCATTERED.kinds.index(kind)]
    for x, y in ((8.0, 8.0), (8.5, 8.5), (8.25, 8.1), (7.9, 8.45)):
        layout = lay_out(Scene("plain", background="blue"), Random(1))
        layout.things = [Thing(kind, x, y, 0.5, (1.0, 1.0, 1.0))]
        drawn = draw.pictures([layout], 16) - draw.background([layout], 16)
        rows, columns = (drawn.abs().amax(1)[0] > 0.3).nonzero(as_tuple=True)
        lift = renderer._lift(16)
        enlarged = torch.einsum("hi,wj,cij->chw", lift, lift, latents.fields([layout])[0])[:, rows, columns]
        assert float((enlarged[SCATTERED.code] * code[:, None]).min()) > 0.93
        local = enlarged[SCATTERED.place] * latents.REACH
        true = torch.stack(((columns + 0.5) / 16 - x, (rows + 0.5) / 16 - y))
        assert float((local - true).abs().max()) < 0.1


@pytest.mark.parametrize(
    ("kind", "scene"),
    [
        ("star", Scene("sea", time="night", sky="stars")),
        ("star", Scene("space")),
        ("rain", Scene("beach", weather="rain")),
        ("flake", Scene("beach", weather="snowfall")),
        ("blossom", Scene("meadow")),
        ("tuft", Scene("forest")),
        ("wave", Scene("sea")),
        ("bubble", Scene("underwater")),
        ("tower", Scene("city")),
        ("block", Scene("city")),
        ("pine", Scene("forest")),
        ("mountain", Scene("mountains")),
    ],
)
@pytest.mark.few(1)
def test_in_a_scene_too_nearly_every_pixel_of_a_thing_is_told_where_it_is(kind: str, scene: Scene) -> None:
    layer = next(layer for layer in LAYERS if kind in layer.kinds)
    code = latents.codes(layer)[layer.kinds.index(kind)][:, None]
    lift = renderer._lift(16)
    right: list[torch.Tensor] = []
    for seed in range(6):
        layout = lay_out(scene, Random(seed))
        enlarged = torch.einsum("hi,wj,cij->chw", lift, lift, latents.fields([layout])[0])
        for thing in layout.things:
            if thing.kind != kind:
                continue
            alone = lay_out(Scene("plain", background="pink"), Random(1))
            empty, alone.things = draw.background([alone], 16), [thing]
            drawn = (draw.pictures([alone], 16) - empty).abs().amax(1)[0]
            rows, columns = (drawn > 0.15).nonzero(as_tuple=True)
            true = torch.stack(((columns + 0.5) / 16 - thing.x, (rows + 0.5) / 16 - thing.y))
            told = enlarged[layer.place, rows, columns] * (latents.REACH if layer.small else thing.size)
            near = torch.hypot(*(told - true)) < 1.5 / 16
            right.append(near & ((enlarged[layer.code, rows, columns] * code).mean(0) > 0.8))
    share = float(torch.cat(right).float().mean())
    assert share > (0.7 if kind in ("rain", "tuft") else 0.85), share


@pytest.mark.parametrize("layer", LAYERS)
def test_no_two_kinds_have_codes_that_differ_in_one_place(layer: Layer) -> None:
    codes = latents.codes(layer)
    assert len(codes) == len(layer.kinds)
    differ = (codes.unsqueeze(0) != codes.unsqueeze(1)).sum(2) + 9 * torch.eye(len(codes))
    assert int(differ.min()) >= 2


def test_a_batch_has_the_fields_that_each_layout_has_alone() -> None:
    layouts = [lay_out(sample(Random(seed)), Random(seed), 21, 9) for seed in range(8)]
    together = latents.fields(layouts)
    alone = torch.cat([latents.fields([layout]) for layout in layouts])
    assert torch.allclose(together, alone, atol=1e-5)
    assert float(together.abs().max()) <= latents.FURTHEST + 1e-6
