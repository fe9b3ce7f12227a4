"""Drawing around a picture with the shipped model: hills go on across the rim, and nothing is cut there."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.torch import load_file

from generation.engine import ProducedPicture, Sources
from generation.requests import catalogue, ordering
from generation.requests.sizes import Size
from tests.examples import few_of
from tests.generation.engine.orders import REFERENCE, a_request, draw, levels_of

Pixels = NDArray[np.uint8]
SCENES = {
    "hills": ("an orange tree in a meadow with hills", 3),
    "sea": ("a red sailboat on a calm sea at sunset", 4),
}
CANVAS, PLACE = Size(1536, 864), (256, 144)


@pytest.fixture(scope="module", params=few_of(SCENES, ["hills"]))
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ProducedPicture:
    prompt, seed = SCENES[request.param]
    entry = catalogue.get("bundled")
    asked = a_request(
        prompt=prompt, shape="16:9", seed=seed, steps=entry.default_steps, guidance=entry.default_guidance
    )
    (picture,) = draw(asked, entry, tmp_path_factory.mktemp("scene"))
    return picture


def extended(scene: ProducedPicture, folder: Path, *, by_fields: bool, seed: int = 2) -> ProducedPicture:
    request = ordering.outpaint(
        catalogue.get("bundled"), reference=REFERENCE, source=Size(scene.width, scene.height), canvas=CANVAS,
        place=PLACE, seed=seed, prompt=str(scene.recipe["request"]["prompt"]),
    )  # fmt: skip
    sources = Sources(scene.master, fields=scene.fields if by_fields else None)
    (made,) = draw(request, catalogue.get("bundled"), folder, sources=sources)
    return made


def pixels(picture: ProducedPicture) -> Pixels:
    with picture.master.open("rb") as file:
        return levels_of(file)


def steps_across(after: Pixels, left: int, right: int) -> float:
    """The mean difference of neighbours from column to column there, over the rows of the old picture."""
    top, bottom = PLACE[1], PLACE[1] + 576
    return float(np.abs(after[top:bottom, right].astype(int) - after[top:bottom, left]).max(axis=1).mean())


@pytest.mark.few(1)
def test_what_there_was_stays_and_goes_on_without_a_step(scene: ProducedPicture, tmp_path: Path) -> None:
    made = extended(scene, tmp_path, by_fields=True)
    after, before = pixels(made), pixels(scene)
    left, top = PLACE
    assert after.shape == (CANVAS.height, CANVAS.width, 3)
    assert np.array_equal(after[top : top + 576, left : left + 1024], before)
    for column in (left, left + 1024):
        # Lines of hills and colours of bands are where they were: the rim is no more of a step than any other column.
        assert steps_across(after, column - 1, column) < 4
        # Over twenty columns too: a hill that breaks off has moved by then.
        assert steps_across(after, column - 10, column + 10) < 6


@pytest.mark.long
def test_the_larger_picture_can_be_extended_again(scene: ProducedPicture, tmp_path: Path) -> None:
    made = extended(scene, tmp_path, by_fields=True)
    assert made.fields
    old, new = (load_file(path)["fields"] for path in (scene.fields, made.fields) if path)
    assert old.shape == new.shape


@pytest.mark.few(1)
def test_without_fields_it_begins_at_what_the_pixels_make_expect(
    scene: ProducedPicture, tmp_path: Path
) -> None:
    made = extended(scene, tmp_path, by_fields=False)
    left, top = PLACE
    assert np.array_equal(pixels(made)[top : top + 576, left : left + 1024], pixels(scene))
    assert made.fields is None
