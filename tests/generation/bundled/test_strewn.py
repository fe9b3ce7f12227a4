"""Small scattered things are found in fields, exact and noisy, and painted where they hang or stand."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor

from generation.bundled import draw, latents, reading, strewn
from generation.bundled.canvas import Layout, Thing
from generation.bundled.composition import composed
from generation.bundled.latents import SCATTERED
from generation.bundled.layout import lay_out
from generation.bundled.scatter import SIZES
from generation.bundled.scenes import Scene

SCALE = 240.0  # pixels of 4K in a cell
LEVEL = 1 / 255


def drawing(things: Sequence[Thing]) -> Layout:
    return replace(lay_out(Scene("meadow"), Random(4), 16, 9), things=list(things))


def small(kind: str, x: float, y: float, scale: float = 1.0) -> Thing:
    return Thing(kind, x, y, SIZES[kind] * scale, (0.9, 0.8, 0.7))


def noisy(fields: Tensor, level: float) -> Tensor:
    torch.manual_seed(1)
    return fields + level * torch.randn_like(fields)


@pytest.mark.parametrize("kind", SCATTERED.kinds)
@pytest.mark.parametrize(("noise", "off"), [(0.0, 0.01), (0.04, 0.15)])
def test_each_kind_is_found_where_it_is_and_as_large(kind: str, noise: float, off: float) -> None:
    thing = small(kind, 5.07, 2.94, 1.05)
    fields = noisy(latents.fields([drawing([thing])])[0], noise)
    ((fit, exact),) = strewn.find(fields)
    assert fit.thing.kind == kind
    assert abs(fit.thing.x - thing.x) < off
    assert abs(fit.thing.y - thing.y) < off
    assert abs(fit.thing.size / thing.size - 1) < 0.06 + noise * 4
    row, column, distance, place = exact
    assert torch.allclose(
        place, latents.fields([drawing([fit.thing])])[0][SCATTERED.place, row, column], atol=1e-4
    )
    assert bool((distance < SCATTERED.margin).all())


def test_neighbours_are_found_each() -> None:
    things = [small("star", 3, 1), small("star", 5, 3), small("star", 7, 1), small("blossom", 5, 7)]
    found = strewn.find(latents.fields([drawing(things)])[0])
    assert {(fit.thing.kind, round(fit.thing.x), round(fit.thing.y)) for fit, _ in found} == {
        (thing.kind, thing.x, thing.y) for thing in things
    }


def test_an_empty_scene_and_what_fits_nothing_have_none() -> None:
    fields = latents.fields([drawing([])])[0]
    assert strewn.find(fields) == []
    torch.manual_seed(2)
    fields[SCATTERED.first, 2:5, 6:9] = 0.5
    fields[SCATTERED.place, 2:5, 6:9] = torch.randn(2, 3, 3)
    assert strewn.find(fields) == []
    found = reading.read(fields)
    assert found is not None
    assert bool((found.unfit[SCATTERED.first, 2:5, 6:9] == 0.5).all())


def nothing(x: Tensor, y: Tensor) -> Tensor:
    raise AssertionError(f"the decoder was asked for {len(x)} points")


@pytest.mark.parametrize(("kind", "in_front"), [("star", False), ("blossom", True)])
def test_stars_hang_behind_a_mountain_and_blossoms_stand_before_it(kind: str, in_front: bool) -> None:
    mountain = Thing("mountain", 5.0, 4.0, 3.0, (0.4, 0.4, 0.6))
    strewn_thing = small(kind, 5.0, 5.0)
    layout = drawing([mountain, strewn_thing] if in_front else [strewn_thing, mountain])
    picture = composed(latents.fields([layout])[0], painted=True)
    assert picture.painted == 2
    assert len(picture.parts) == 1
    torch.manual_seed(2)
    x, y = torch.rand(20_000) * 16, torch.rand(20_000) * 9
    ours = picture.colours([nothing], SCALE)(x * 16, y * 16)
    theirs = draw.at([layout], x[None], y[None], SCALE)[0]
    assert float(((ours - theirs).abs().amax(1) > 4 * LEVEL).float().mean()) < 0.005
