"""A picture of fields on a larger canvas, against the fields of the whole scene that it is the middle of."""

from math import tau

import pytest
import torch

from generation.bundled import fitting, latents, lines, rims
from generation.bundled.canvas import Curve, Layout, Thing
from generation.bundled.latents import BEHIND, LAYERS, LINES, OBJECTS
from generation.bundled.widening import Widened, widened

HEIGHT, WIDTH, ASIDE = 9, 32, 8
PARTS = (BEHIND, OBJECTS)
# The house is cut by the left rim of the middle, the tree stands within it.
THINGS = [
    Thing("house", 8.5, 6.5, 1.6, (0.8, 0.2, 0.2)),
    Thing("tree", 17.0, 6.0, 1.8, (0.2, 0.6, 0.2)),
]


def the_whole(seed: int) -> torch.Tensor:
    torch.manual_seed(seed)
    one, two, three, four = torch.rand(4).tolist()
    waves = (
        (0.5 + 0.5 * one, tau * (0.5 + 0.6 * two) / 14, tau * three),
        (0.2, tau * (1.2 + four) / 14, tau * one),
    )
    blue, hill, green = ((0.3, 0.5, 0.9),) * 2, ((0.5, 0.6, 0.5),) * 2, ((0.3, 0.7, 0.2),) * 2
    layout = Layout(
        WIDTH, HEIGHT, blue, hill, green, Curve(3.5, waves), Curve(5.5, waves[::-1]), (1, 1, 1), (1, 1, 1), 0.0,
        list(THINGS),
    )  # fmt: skip
    return latents.fields([layout])[0]


def the_middle(seed: int) -> torch.Tensor:
    """What a picture of the middle has, with the noise that a denoiser leaves."""
    middle = the_whole(seed)[:, :, ASIDE:-ASIDE]
    torch.manual_seed(1)
    return middle + 0.02 * torch.randn_like(middle)


def on_canvas(seed: int) -> Widened:
    return widened(the_middle(seed), (WIDTH, HEIGHT), 1.0, -float(ASIDE), 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_lines_go_on_as_the_waves_that_they_are(seed: int) -> None:
    truth, found = the_whole(seed), on_canvas(seed).fields
    for channel in range(LINES.start, LINES.stop):
        off = (found[channel] - truth[channel]).abs() * latents.REACH
        inside, near = off[:, ASIDE:-ASIDE], off[:, ASIDE - 3 : -ASIDE + 3]
        assert float(inside.mean()) < 0.1
        assert float(near.mean()) < 0.2
        # No step at the rim, whatever it is further out.
        line = lines.find(found[channel])
        assert line is None or line.off < 0.12


def test_a_thing_that_the_rim_cut_is_whole_and_the_others_stay() -> None:
    truth, found = the_whole(0), on_canvas(0)
    inside, wanted = found.fields[OBJECTS.first] > 0, truth[OBJECTS.first] > 0
    assert float((inside == wanted).float().mean()) > 0.98
    assert bool((wanted[:, :ASIDE]).any())  # a part of the house is new
    assert float((inside[:, :ASIDE] & wanted[:, :ASIDE]).sum() / wanted[:, :ASIDE].sum()) > 0.7


def test_only_what_is_new_is_drawn_and_nothing_of_what_stands_there() -> None:
    found = on_canvas(0)
    levels = found.levels[-1]
    assert not bool(levels[:, ASIDE:-ASIDE].any())
    assert bool(levels[:, : ASIDE - 4].any())
    assert not bool((levels > 0)[found.fields[OBJECTS.first] > 0].any())
    assert not bool(found.levels[: latents.BANDS].any())
    assert torch.equal(
        found.whole(torch.zeros_like(found.fields))[: latents.BANDS], found.fields[: latents.BANDS]
    )


def test_what_the_old_picture_would_cut_is_left_out() -> None:
    found = on_canvas(0)
    drawn = torch.zeros_like(found.fields)
    for layer in LAYERS:
        drawn[layer.first] = -1
    drawn[OBJECTS.first, 2:5, 0:2] = 0.5  # stands alone
    drawn[OBJECTS.first, 2:5, -ASIDE : -ASIDE + 3] = 0.5  # would reach into the old picture
    out = found.whole(drawn)[OBJECTS.first] > 0
    assert bool(out[2:5, 0:2].all())
    assert not bool(out[:, -ASIDE:].any())


def test_a_smaller_picture_keeps_its_places_in_the_larger_cells() -> None:
    """The canvas has as many cells as the picture had, each twice as wide."""
    middle = the_middle(0)
    found = widened(middle, (16, HEIGHT), 2.0, -8.0, -4.0)
    truth = the_whole(0)
    tree = (found.fields[OBJECTS.first, :, 7:] > 0).nonzero().float().mean(0) + 0.5
    assert float(tree[0]) == pytest.approx((THINGS[1].y + 4) / 2, abs=0.6)
    assert float(tree[1] + 7) == pytest.approx((THINGS[1].x - ASIDE + 8) / 2, abs=0.6)
    line = lines.find(found.fields[LINES.start])
    whole = lines.find(truth[LINES.start])
    if line and whole:
        heights, _slopes = line.at(torch.tensor([6.0, 8.0, 10.0], dtype=torch.float64))
        wanted, _slopes = whole.at(torch.tensor([12.0, 16.0, 20.0], dtype=torch.float64))
        assert float((heights - (wanted + 4) / 2).abs().max()) < 0.2


def a_house(x: float, size: float = 2.0) -> torch.Tensor:
    """A scene with nothing but a house in the middle of which x is."""
    blue, hill, green = ((0.3, 0.5, 0.9),) * 2, ((0.5, 0.6, 0.5),) * 2, ((0.3, 0.7, 0.2),) * 2
    layout = Layout(
        WIDTH, HEIGHT, blue, hill, green, Curve(3.5), Curve(5.5), (1, 1, 1), (1, 1, 1), 0.0,
        [Thing("house", x, 5.5, size, (0.8, 0.2, 0.2))],
    )  # fmt: skip
    return latents.fields([layout])[0]


def at_the_rim(x: float, noise: float, size: float = 2.0) -> torch.Tensor:
    """A picture whose left rim cuts that house; the places in its cells are off by so much."""
    middle = a_house(x, size)[:, :, ASIDE:-ASIDE]
    torch.manual_seed(3)
    middle[OBJECTS.place] += noise * torch.randn_like(middle[OBJECTS.place])
    return middle


def nothing_new(found: Widened) -> torch.Tensor:
    """What a denoiser draws that leaves everything new empty."""
    drawn = torch.zeros_like(found.fields)
    for layer in LAYERS:
        drawn[layer.first] = -1
    return drawn


def steepest(fields: torch.Tensor, column: int) -> float:
    """Cells by which an outline's distance falls from a column that something covers to the one before it."""
    inside, beyond = fields[OBJECTS.first, :, column], fields[OBJECTS.first, :, column - 1]
    return float(((inside - beyond) * latents.REACH)[inside > 0].max())


@pytest.mark.parametrize("noise", [0.02, 0.15, 0.4, 1.0])
@pytest.mark.parametrize("x", [9.0, 8.5, 8.0, 7.5])
def test_nothing_ends_at_the_old_rim_in_a_straight_cut(x: float, noise: float) -> None:
    found = widened(at_the_rim(x, noise), (WIDTH, HEIGHT), 1.0, -float(ASIDE), 0.0)
    # Distances change by no more than the way, from the old picture into what is new too.
    assert steepest(found.whole(nothing_new(found)), ASIDE) < 1.2


def test_what_its_cells_do_not_agree_about_ends_round() -> None:
    fields = at_the_rim(8.5, noise=1.0, size=3.5)
    assert not fitting.find(fields, OBJECTS)
    assert not rims.rough(fields, OBJECTS, [])
    found = widened(fields, (WIDTH, HEIGHT), 1.0, -float(ASIDE), 0.0)
    drawn = torch.where(found.levels > 0, nothing_new(found), found.fields)
    assert steepest(drawn, ASIDE) > 2  # a cut, without what follows
    inside = found.whole(nothing_new(found))[OBJECTS.first, :, :ASIDE] > 0
    rows = inside.sum(0).tolist()  # in each column
    assert rows == sorted(rows)
    assert 0 == rows[0] < rows[-1] < int((fields[OBJECTS.first, :, 0] > 0).sum())


@pytest.mark.parametrize("x", [8.5, 8.0, 7.5])
def test_what_most_cells_say_completes_a_thing_that_does_not_fit(x: float) -> None:
    fields = at_the_rim(x, noise=0.25)
    assert not fitting.find(fields, OBJECTS)
    assert len(rims.rough(fields, OBJECTS, [])) == 1
    found = widened(fields, (WIDTH, HEIGHT), 1.0, -float(ASIDE), 0.0)
    inside = found.whole(nothing_new(found))[OBJECTS.first, :, :ASIDE] > 0
    wanted = a_house(x)[OBJECTS.first, :, :ASIDE] > 0
    assert float((wanted & inside).sum() / wanted.sum()) >= 0.6
    assert float((wanted & inside).sum() / (wanted | inside).sum()) > 0.4
