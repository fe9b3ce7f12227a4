"""Fields with a little noise become those of the drawing; what is no drawing stays as it is."""

from random import Random

import pytest
import torch

from generation.bundled import latents
from generation.bundled.canvas import Layout
from generation.bundled.latents import BEHIND, OBJECTS
from generation.bundled.layout import lay_out
from generation.bundled.projection import project
from generation.bundled.scenes import Group, Scene

SCENES = (
    Scene("sea", "night", "clear", "moon", (Group("sailboat", "red", 2),)),
    Scene("forest", groups=(Group("mushroom", "red", 3),)),
    Scene("hills", sky="sun", groups=(Group("house", "yellow"), Group("tree", "green"))),
    Scene("mountains", "sunset", groups=(Group("castle", "white"),)),
)


def drawn(scene: Scene, seed: int = 4) -> tuple[Layout, torch.Tensor]:
    layout = lay_out(scene, Random(seed), 16, 9)
    return layout, latents.fields([layout])[0]


def noisy(fields: torch.Tensor) -> torch.Tensor:
    torch.manual_seed(1)
    return fields + 0.04 * torch.randn_like(fields)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.setting)
def test_noise_goes_and_what_is_drawn_stays(scene: Scene) -> None:
    layout, exact = drawn(scene)
    before = noisy(exact)
    found = project(before)
    large = [
        thing for thing in layout.things if thing.kind in OBJECTS.kinds + BEHIND.kinds and thing.size > 1
    ]
    assert found.things >= len(large)
    for layer in (OBJECTS, BEHIND):
        there = exact[layer.first] > -0.3
        for part in (slice(layer.first, layer.first + 1), layer.place):
            off, was = (
                (fields[part] - exact[part])[:, there].abs().mean() for fields in (found.fields, before)
            )
            assert off < was / 2
    assert (found.fields[: latents.LINES.start] - exact[: latents.LINES.start]).abs().mean() < 0.02
    assert (found.fields[latents.LINES] - exact[latents.LINES]).abs().mean() < 0.04


def test_things_of_one_kind_are_distinguished() -> None:
    layout, exact = drawn(SCENES[0])
    found = project(noisy(exact)).fields
    boats = [thing for thing in layout.things if thing.kind == "sailboat"]
    assert len(boats) == 2
    for boat in boats:
        row, column = int(boat.y), int(boat.x)
        u, v = found[OBJECTS.place, row, column]
        assert column + 0.5 - float(u) * boat.size == pytest.approx(boat.x, abs=0.1)
        assert row + 0.5 - float(v) * boat.size == pytest.approx(boat.y, abs=0.1)


def test_what_is_no_drawing_keeps_its_fields() -> None:
    torch.manual_seed(2)
    fields = torch.randn(latents.CHANNELS, 9, 16)
    found = project(fields)
    assert (found.things, found.lines) == (0, 0)
    assert torch.equal(found.fields, fields)


def test_a_thing_that_does_not_fit_keeps_its_fields() -> None:
    """Two halves of a house that stand a cell apart."""
    layout, exact = drawn(SCENES[2])
    house = next(thing for thing in layout.things if thing.kind == "house")
    broken = exact.clone()
    part = slice(int(house.x), None)
    broken[OBJECTS.first : OBJECTS.end, :, part] = exact[OBJECTS.first : OBJECTS.end, :, part].roll(3, 1)
    there = broken[OBJECTS.first] > -0.5
    found = project(broken).fields
    kept = (found[OBJECTS.place] - broken[OBJECTS.place])[:, there].abs().amax(0) < 1e-6
    assert kept.float().mean() > 0.3


def test_the_input_is_left_alone_and_its_type_kept() -> None:
    _, exact = drawn(SCENES[1])
    half = noisy(exact).half()
    before = half.clone()
    assert project(half).fields.dtype == torch.float16
    assert torch.equal(half, before)


def elsewhere(fields: torch.Tensor, offset: int, held: list[torch.Tensor]) -> torch.Tensor:
    """The same numbers so many numbers into a buffer, after the memory around was taken and given back."""
    held.append(torch.empty(37 * offset + 1))
    del held[: len(held) // 2]
    buffer = torch.empty(fields.numel() + offset)
    view = buffer[offset:].view(fields.shape)
    return view.copy_(fields)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.setting)
@pytest.mark.few(1)
def test_the_bytes_do_not_depend_on_where_the_fields_lie_in_memory(scene: Scene) -> None:
    """Sums in single precision do: each rounds by how its buffer is aligned, and a line moves by a part of a level."""
    held: list[torch.Tensor] = []
    before = noisy(drawn(scene)[1])
    found = {project(elsewhere(before, offset, held)).fields.numpy().tobytes() for offset in range(32)}
    assert len(found) == 1
