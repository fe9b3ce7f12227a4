"""Selecting by clicks, by what is stored with a picture: against exact drawings, of which every pixel is known."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from generation.bundled import draw as drawings
from generation.bundled import latents
from generation.bundled.canvas import Layout
from generation.bundled.layout import lay_out
from generation.bundled.scenes import Group, Scene
from generation.engine import ProducedPicture, Sources
from generation.engine.contract import NothingThere
from generation.engine.edits import picking
from generation.engine.finishing import Finish, finish
from generation.requests import catalogue, ordering
from generation.requests.boxes import Box
from generation.requests.sizes import Size
from tests.generation.engine.orders import REFERENCE, draw, levels_of

SIZE = Size(1024, 576)
SCALE = 64  # pixels a cell
Mask = NDArray[np.bool_]


@pytest.fixture(scope="module")
def layout() -> Layout:
    scene = Scene(
        "hills", groups=(Group("tree", "orange", place="left"), Group("house", "red", place="right"))
    )
    return lay_out(scene, Random(5), 16, 9)


@pytest.fixture(scope="module")
def sources(layout: Layout, tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("drawn")
    save_file({"fields": latents.fields([layout])[0].half().contiguous()}, folder / "fields.safetensors")
    Image.fromarray(_drawn(layout)).save(folder / "picture.png")
    return Sources(folder / "picture.png", fields=folder / "fields.safetensors")


def _drawn(layout: Layout) -> NDArray[np.uint8]:
    levels = drawings.pictures([layout], SCALE)[0].mul(255).round().byte().permute(1, 2, 0)
    return levels.numpy()


def covered_by(layout: Layout, kind: str) -> Mask:
    """Where a picture is another one without the things of a kind."""
    without = replace(layout, things=[thing for thing in layout.things if thing.kind != kind])
    covered: Mask = np.abs(_drawn(layout).astype(int) - _drawn(without)).max(axis=2) > 2
    return covered


def band_of(layout: Layout, name: str) -> Mask:
    """Where the sky, the far band or the ground is seen: where it is dark in one drawing and light in another."""
    drawn = []
    for level in (0.0, 1.0):
        other = replace(layout)
        setattr(other, name, ((level,) * 3,) * 2)
        drawn.append(_drawn(other).astype(int))
    seen: Mask = np.abs(drawn[1] - drawn[0]).max(axis=2) > 127
    return seen


def picked(sources: Sources, folder: Path, **about: object) -> tuple[Mask, ProducedPicture]:
    entry = catalogue.get("bundled")
    request = ordering.segment(entry, reference=REFERENCE, source=SIZE, **about)  # type: ignore[arg-type]
    (made,) = draw(request, entry, folder / "out", sources=sources)
    with made.master.open("rb") as file:
        mask = levels_of(file)
    assert mask.shape == (SIZE.height, SIZE.width, 4)
    assert (mask[:, :, :3] == np.where(mask[:, :, 3:] > 0, 255, 0)).all()
    return mask[:, :, 3] > 127, made


def agreement(found: Mask, wanted: Mask) -> float:
    return float((found & wanted).sum() / max(1, (found | wanted).sum()))


def middle_of(mask: Mask) -> tuple[int, int]:
    """A pixel well inside: the last one that is left when the mask is worn away."""
    inside = torch.from_numpy(mask).float()[None, None]
    while True:
        worn = -torch.nn.functional.max_pool2d(torch.nn.functional.pad(-inside, (3, 3, 3, 3)), 7, 1)
        if not worn.any():
            break
        inside = worn
    row, column = (int(at) for at in inside[0, 0].nonzero()[0])
    return column, row


@pytest.mark.few(1)
@pytest.mark.parametrize("kind", ["tree", "house"])
def test_a_click_on_a_thing_selects_that_thing(
    sources: Sources, layout: Layout, tmp_path: Path, kind: str
) -> None:
    wanted = covered_by(layout, kind)
    found, made = picked(sources, tmp_path, inside=(middle_of(wanted),))
    assert agreement(found, wanted) > 0.95
    assert made.recipe["stages"][0] == {"stage": "segment", "by": "fields", "what": [kind]}


@pytest.mark.few(1)
@pytest.mark.parametrize("name", ["sky", "ground", pytest.param("far", marks=pytest.mark.long)])
def test_a_click_beside_all_things_selects_the_sky_the_far_ground_or_the_ground(
    sources: Sources, layout: Layout, tmp_path: Path, name: str
) -> None:
    wanted = band_of(layout, name)
    found, made = picked(sources, tmp_path, inside=(middle_of(wanted),))
    assert agreement(found, wanted) > 0.9
    assert made.recipe["stages"][0]["what"] == [name]


@pytest.mark.long
def test_points_add_and_take_away_and_a_box_holds_what_lies_in_it(
    sources: Sources, layout: Layout, tmp_path: Path
) -> None:
    tree, house = covered_by(layout, "tree"), covered_by(layout, "house")
    at_tree, at_house = middle_of(tree), middle_of(house)
    both, _made = picked(sources, tmp_path, inside=(at_tree, at_house))
    assert agreement(both, tree | house) > 0.95
    rows, columns = np.nonzero(house)
    around = Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    boxed, _made = picked(sources, tmp_path, box=around)
    assert agreement(boxed, house) > 0.95
    less, _made = picked(sources, tmp_path, inside=(at_tree, at_house), outside=(at_house,))
    assert agreement(less, tree) > 0.95
    with pytest.raises(NothingThere):
        picked(sources, tmp_path, inside=(at_house,), outside=(at_house,))


@pytest.mark.long
def test_however_many_points_there_are_each_layer_is_decoded_once(
    sources: Sources, layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Counted] = []

    def counted(*about: Any) -> "Counted":
        decoded.append(Counted(finish(*about)))
        return decoded[-1]

    monkeypatch.setattr(picking, "finish", counted)
    house, tree = (middle_of(covered_by(layout, kind)) for kind in ("house", "tree"))
    sky, ground = (middle_of(band_of(layout, name)) for name in ("sky", "ground"))
    shifted = tuple((x + step, y) for x, y in (house, tree) for step in range(8))
    picked(sources, tmp_path, inside=(*shifted, sky), outside=(ground,) * 15)
    # Two greys; the objects before two greys; and both for what stands before the bands.
    assert [each.times for each in decoded] == [1] * 2


class Counted:
    """A picture that knows how often it was decoded at full size."""

    def __init__(self, made: Finish) -> None:
        self._made, self.times = made, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)

    def strips(self) -> Any:
        self.times += 1
        return self._made.strips()
