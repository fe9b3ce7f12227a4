"""What fits a drawing is painted as the drawing has it; what doesn't is asked of the decoder."""

from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor

from generation.bundled import draw, latents, painting, reading
from generation.bundled.canvas import Layout, Thing
from generation.bundled.latents import BEHIND, OBJECTS, SCATTERED
from generation.bundled.layout import lay_out
from generation.bundled.scenes import Group, Scene

SCALE = 240.0  # pixels of 4K in a cell
LEVEL = 1 / 255
SCENES = (
    Scene("hills", sky="sun", groups=(Group("house", "yellow"), Group("tree", "green"))),
    Scene("city", "night", groups=(Group("car", "red", 2),)),
    Scene("plain", groups=(Group("cat", "black"),), background="teal"),
    Scene("mountains", "sunset", "fog", groups=(Group("castle", "white"),)),
)


def nothing(x: Tensor, y: Tensor) -> Tensor:
    raise AssertionError(f"the decoder was asked for {len(x)} points")


def magenta(x: Tensor, y: Tensor) -> Tensor:
    del y
    return torch.tensor([1.0, 0.0, 1.0]).expand(len(x), 3)


def without_small(layout: Layout) -> Layout:
    return replace(layout, things=[thing for thing in layout.things if thing.kind not in SCATTERED.kinds])


def drawn(scene: Scene) -> Layout:
    return without_small(lay_out(scene, Random(4), 16, 9))


def points(count: int = 20_000) -> tuple[Tensor, Tensor]:
    """Anywhere, in cells."""
    torch.manual_seed(2)
    return torch.rand(count) * 16, torch.rand(count) * 9


def painted(layout: Layout, decoded: painting.Colours = nothing) -> tuple[Tensor, Tensor]:
    """Colours [N, 3] of points as painted from the layout's fields, and as drawn."""
    found = reading.read(latents.fields([layout])[0])
    assert found is not None
    x, y = points()
    colours = painting.colours(found, [decoded], SCALE)(x * 16, y * 16)
    return colours, draw.at([layout], x[None], y[None], SCALE)[0]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.setting)
def test_a_drawing_is_painted_as_it_was_drawn(scene: Scene) -> None:
    ours, theirs = painted(drawn(scene))
    off = (ours - theirs).abs().amax(1)
    assert float((off > 4 * LEVEL).float().mean()) < 0.01


def overlapping(front: str, back: str) -> Layout:
    layout = drawn(Scene("meadow"))
    wide = {"moon": 1.4, "mountain": 3.0, "tower": 2.5, "block": 1.8}
    pair = [
        Thing(back, 8.6, 3.2, wide[back], (0.8, 0.7, 0.3)),
        Thing(front, 7.6, 4.0, wide[front], (0.3, 0.4, 0.7)),
    ]
    return replace(layout, things=pair)


@pytest.mark.parametrize("pair", [("mountain", "moon"), ("tower", "block"), ("block", "tower")], ids="-".join)
def test_of_two_that_overlap_the_one_in_front_covers_the_other(pair: tuple[str, str]) -> None:
    ours, theirs = painted(overlapping(*pair))
    assert float(((ours - theirs).abs().amax(1) > 4 * LEVEL).float().mean()) < 0.01


def test_small_things_and_what_does_not_fit_are_the_decoders() -> None:
    layout = drawn(SCENES[0])
    fields = latents.fields([layout])[0]
    torch.manual_seed(5)
    fields[OBJECTS.first, 1:3, 12:15] = 1
    fields[OBJECTS.place, 1:3, 12:15] = torch.randn(2, 2, 3)
    found = reading.read(fields)
    assert found is not None
    colours = painting.colours(found, [magenta], SCALE)
    there = colours(torch.tensor([13.5 * 16]), torch.tensor([2.0 * 16]))
    assert torch.allclose(there, magenta(there, there), atol=1e-6)
    x, y = points()
    away = (x - 13.5).abs().maximum((y - 2).abs()) > 3.5
    ours = colours(x[away] * 16, y[away] * 16)
    theirs = draw.at([layout], x[away][None], y[away][None], SCALE)[0]
    assert float(((ours - theirs).abs().amax(1) > 4 * LEVEL).float().mean()) < 0.01


def test_fields_of_no_drawing_are_not_painted() -> None:
    torch.manual_seed(3)
    assert reading.read(torch.randn(latents.CHANNELS, 9, 16)) is None


def test_the_rest_keeps_what_stands_behind_and_loses_what_is_painted_over_it() -> None:
    layout = drawn(SCENES[1])
    fields = latents.fields([layout])[0]
    found = reading.read(fields)
    assert found is not None
    assert not (found.rest[OBJECTS.first] > 0).any()
    assert torch.equal(found.rest[BEHIND.first], fields[BEHIND.first])
