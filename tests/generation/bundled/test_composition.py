"""Things taken out of a painted picture: how much of each pixel they cover, and what is behind them."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor

from generation.bundled import apart, draw, latents
from generation.bundled.canvas import Layout, Thing
from generation.bundled.composition import Composition, composed
from generation.bundled.latents import OBJECTS, SCATTERED
from generation.bundled.layout import lay_out
from generation.bundled.scenes import Group, Scene

SCALE = 240.0  # pixels of 4K in a cell
LEVEL = 1 / 255
GREY = 0.6
BLACK, WHITE = (((value,) * 3, (value,) * 3) for value in (0.0, 1.0))


def nothing(x: Tensor, y: Tensor) -> Tensor:
    raise AssertionError(f"the decoder was asked for {len(x)} points")


def drawing(things: Callable[[Layout], list[Thing]]) -> Layout:
    scene = Scene("meadow", groups=(Group("house", "yellow"), Group("tree", "green")))
    layout = lay_out(scene, Random(4), 16, 9)
    return replace(layout, things=things(layout))


def large(layout: Layout) -> list[Thing]:
    return [thing for thing in layout.things if thing.kind not in SCATTERED.kinds]


def objects(layout: Layout) -> list[Thing]:
    return [thing for thing in layout.things if thing.kind in OBJECTS.kinds]


def points(count: int = 20_000) -> tuple[Tensor, Tensor]:
    """Anywhere, in cells."""
    torch.manual_seed(2)
    return torch.rand(count) * 16, torch.rand(count) * 9


def painted(layout: Layout) -> Composition:
    found = composed(latents.fields([layout])[0], painted=True)
    assert found.painting
    return found


def seen(picture: Composition) -> Tensor:
    """[N, 3]; nothing of it may be asked of the decoder."""
    x, y = points()
    return picture.colours([nothing], SCALE)(x * 16, y * 16)


def drawn(layout: Layout) -> Tensor:
    x, y = points()
    return draw.at([layout], x[None], y[None], SCALE)[0]


def off(ours: Tensor, theirs: Tensor) -> float:
    return float(((ours - theirs).abs().amax(-1) > 4 * LEVEL).float().mean())


def test_what_differs_between_two_greys_is_what_the_things_leave_open() -> None:
    layout = drawing(objects)
    cut = apart.foreground(painted(layout))
    assert cut
    light, dark = (seen(cut.alone.before(level)) for level in (GREY, -GREY))
    through = (light - dark).mean(1) / GREY
    before = [drawn(replace(layout, sky=flat, far=flat, ground=flat)) for flat in (BLACK, WHITE)]
    assert float(((before[1] - before[0]).mean(1) - through).abs().max()) < 4 * LEVEL
    assert 0.02 < float((through < 0.5).float().mean()) < 0.5


def test_the_picture_is_its_things_over_what_is_behind_them() -> None:
    layout = drawing(large)
    picture = painted(layout)
    cut = apart.foreground(picture)
    assert cut
    light, dark, behind = seen(cut.alone.before(GREY)), seen(cut.alone.before(-GREY)), seen(cut.behind)
    through = (light - dark).mean(1, keepdim=True) / GREY
    over = dark - through * (1 - GREY) / 2 + through * behind
    assert off(over, seen(picture)) == 0
    assert off(seen(picture), drawn(layout)) < 0.01


def test_what_stood_behind_another_is_whole_once_that_is_gone() -> None:
    layout = drawing(lambda _: [])
    moon = Thing("moon", 8.6, 3.2, 1.4, (0.8, 0.7, 0.3))
    house = Thing("house", 9.3, 4.0, 1.6, (0.3, 0.4, 0.7))
    both = replace(layout, things=[moon, house])
    cut = apart.foreground(painted(both))
    assert cut
    assert off(seen(cut.behind), drawn(replace(layout, things=[moon]))) < 0.005
    assert off(seen(painted(both)), drawn(both)) < 0.005


def test_of_two_objects_each_is_a_layer_and_the_first_lacks_the_second() -> None:
    layout = drawing(objects)
    cuts = apart.layers(painted(layout), 3)
    assert {cut.kinds for cut in cuts} == {("tree",), ("house",)}
    first = [thing for thing in layout.things if thing.kind == cuts[0].kinds[0]]
    assert off(seen(cuts[0].whole), drawn(replace(layout, things=first))) < 0.005
    assert off(seen(cuts[1].whole), drawn(layout)) < 0.005


@pytest.mark.parametrize("line", ["ground", "far"])
def test_without_a_band_what_is_behind_it_goes_on(line: str) -> None:
    layout = drawing(lambda _: [])
    picture = painted(layout)
    lowered = picture.without_ground() if line == "ground" else picture.without_ground().without_far()
    x, y = points()
    height = 8.9
    low = lowered.colours([nothing], SCALE)(x * 16, torch.full_like(y, height * 16))
    band = slice(3, 6) if line == "ground" else slice(0, 3)
    last = (picture.fields[band, -1].mean(1) + 1) / 2
    assert float((low - last).abs().max()) < 12 * LEVEL


def test_fields_of_no_drawing_are_the_decoders() -> None:
    torch.manual_seed(3)
    fields = torch.randn(latents.CHANNELS, 9, 16)
    picture = composed(fields, painted=True)
    assert picture.painting is None
    assert picture.painted == 0
    assert picture.parts == (fields,)
    assert picture.colours([nothing], SCALE) is nothing
    assert torch.equal(picture.empty().parts[0], picture.empty().fields)


def test_small_things_are_decoded_before_two_greys_and_laid_over_what_is_painted() -> None:
    fields = latents.fields([drawing(objects)])[0]
    torch.manual_seed(2)
    fields[SCATTERED.first, 0:2, 2:4] = 0.3
    fields[SCATTERED.place, 0:2, 2:4] = torch.randn(2, 2, 2)  # cells that agree about no thing
    picture = composed(fields, painted=True)
    rest, light, dark = picture.parts
    assert not bool((rest[SCATTERED.first] > -1).any())
    for fields, level in ((light, GREY), (dark, -GREY)):
        assert bool((fields[:9] == level).all())
        assert bool((fields[SCATTERED.first] > -0.6).any())
        assert not bool((fields[OBJECTS.first] > -1).any())

    def half(grey: float) -> Callable[[Tensor, Tensor], Tensor]:
        """A red veil that half of what is behind shines through."""
        own = torch.tensor([1.0, 0.0, 0.0])
        return lambda x, _y: (own * 0.5 + 0.5 * (1 + grey) / 2).expand(len(x), 3)

    colours = picture.colours([nothing, half(GREY), half(-GREY)], SCALE)
    there, away = torch.tensor([3.0 * 16, 12.0 * 16]), torch.tensor([1.0 * 16, 1.0 * 16])
    got = colours(there, away)
    plain = painted(drawing(objects)).colours([nothing], SCALE)(there, away)
    assert torch.allclose(got[0], plain[0] * 0.5 + torch.tensor([0.5, 0.0, 0.0]), atol=0.02)
    assert torch.allclose(got[1], plain[1], atol=1e-6)
