"""New detail in tiles: where they lie, that no border shows, that one field noises all, and what runs out of memory."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from generation.engine import (
    Cancelled,
    ModelUnavailable,
    OutOfMemory,
    PictureOrder,
    Progress,
    Sources,
    wording,
)
from generation.engine.edits import enhancing as tested
from generation.engine.families import Batch, Step
from generation.engine.families.noise import TileNoise
from generation.engine.families.residency import Residency
from generation.engine.pixels.tiling import meeting
from generation.requests.enhancing import GRID, Enhance, halved, overlap
from generation.requests.sizes import Size
from generation.styles.style import Style
from tests.generation.engine.orders import Journal, a_request, draw
from tests.generation.engine.redrawing import (
    HOW,
    SOURCE,
    Redrawer,
    a_gradient,
    a_photo,
    an_entry,
    enhanced,
    pixels_of,
    upscaled_twice,
)

# --- where tiles lie --------------------------------------------------------------------------------------------------


@given(
    width=st.integers(1, 8192), height=st.integers(1, 8192), tile=st.sampled_from([256, 512, 768, 1024, 2048])
)
def test_tiles_lie_on_the_grid_cover_the_picture_and_overlap(width: int, height: int, tile: int) -> None:
    plan = replace(HOW, tile=tile).plan(Size(width, height))
    for starts, length, whole, side in (
        (plan.columns, plan.tile.width, plan.whole.width, width),
        (plan.rows, plan.tile.height, plan.whole.height, height),
    ):
        assert side <= whole < side + GRID
        assert length <= tile
        assert not any(place % GRID for place in (*starts, length, whole))
        assert (starts[0], starts[-1] + length) == (0, whole)
        assert all(one + length - two >= overlap(tile) for one, two in itertools.pairwise(starts))


@given(size=st.integers(300, 8192), tile=st.sampled_from([256, 512, 1024]))
def test_the_weights_of_tiles_add_up_to_one_and_two_fade_only_where_they_meet(size: int, tile: int) -> None:
    plan = replace(HOW, tile=tile).plan(Size(size, size))
    feather = overlap(tile) // 2
    axis = meeting(plan.columns, plan.tile.width, feather)
    total, shared = np.zeros(plan.whole.width), np.zeros(plan.whole.width)
    for start, weights in zip(axis.starts, axis.weights, strict=True):
        here = slice(start, start + axis.length)
        total[here] += weights
        shared[here] += (weights > 0) & (weights < 1)
    assert np.allclose(total, 1, atol=1e-6)
    assert np.count_nonzero(shared) <= feather * (len(axis.starts) - 1)


def test_a_tile_is_halved_until_it_shows_too_little() -> None:
    assert [halved(1024), halved(512), halved(768), halved(256), halved(320)] == [512, 256, 384, None, None]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (0.3, "strength = 0.3, steps"),
        ({"strength": 0.3}, "steps times strength"),
        ({"steps": 20}, "strength is a number"),
        ({"strength": 0.9, "steps": 20}, "at most 0.6"),
        ({"strength": 0.1, "steps": 5}, "at least 1"),
        ({"strength": 0.3, "steps": 20, "tile": 1000}, "multiple of 64"),
        ({"strength": 0.3, "steps": 20, "tile": 128}, "from 256"),
        ({"strength": 0.3, "steps": 20, "colour": 1}, "unknown field 'colour'"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong(raw: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Enhance.read(raw)


# --- what is drawn ----------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_model_that_changes_nothing_changes_no_pixel(tmp_path: Path) -> None:
    plain = draw(
        replace(upscaled_twice(an_entry(), SOURCE), enhance=False, seed=0),
        an_entry(),
        tmp_path / "plain",
        sources=Sources(saved(tmp_path, a_photo())),
        residency=Residency(load=lambda _entry: Redrawer()),
    )[0]
    made = enhanced(tmp_path, Redrawer(), a_photo())
    assert np.abs(pixels_of(made) - pixels_of(plain)).max() <= 1


def saved(folder: Path, picture: Image.Image) -> Path:
    picture.save(folder / "b.png")
    return folder / "b.png"


def border_to_inside(pixels: NDArray[np.int64], how: Enhance) -> float:
    """How much neighbours differ over the worst border of tiles, to how much they do in the busiest band inside.

    A band is as wide as tiles fade; 1 or less: what a border shows is nothing that the picture hasn't elsewhere.
    """
    plan = how.plan(Size(pixels.shape[1], pixels.shape[0]))
    across = np.abs(np.diff(pixels, axis=1)).mean(axis=(0, 2))
    down = np.abs(np.diff(pixels, axis=0)).mean(axis=(1, 2))
    return max(
        _ratio(across, plan.columns, plan.tile.width, overlap(how.tile) // 2),
        _ratio(down, plan.rows, plan.tile.height, overlap(how.tile) // 2),
    )


def _ratio(steps: NDArray[np.float64], starts: tuple[int, ...], length: int, feather: int) -> float:
    bands = np.convolve(steps, np.ones(feather) / feather, "valid")  # [i]: over the pixels i to i + feather
    firsts = [(one + length + two - feather) // 2 for one, two in itertools.pairwise(starts)]
    inside = [
        band for place, band in enumerate(bands) if all(abs(place - first) >= feather for first in firsts)
    ]
    return float(max(bands[first] for first in firsts) / max(inside))


@pytest.mark.few(1)
@pytest.mark.parametrize("picture", [a_gradient, a_photo], ids=["gradient", "photo"])
def test_no_border_of_tiles_shows_though_the_model_lights_each_differently(
    tmp_path: Path, picture: Callable[[], Image.Image]
) -> None:
    made = enhanced(tmp_path / "lit", Redrawer(drift=12, detail=6), picture())
    ratio = border_to_inside(pixels_of(made), HOW)
    print(f"{picture.__name__}: {ratio:.2f} of the steps inside where tiles meet")
    assert made.recipe["stages"][-2]["tiles"] == 6
    assert ratio <= 1
    evenly = pixels_of(enhanced(tmp_path / "even", Redrawer(detail=6), picture()))
    assert np.abs(pixels_of(made) - evenly).max() <= 1


def test_tiles_that_kept_their_light_would_be_seen_by_this_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tested, "_lit_as", lambda _seen, drawn: drawn.astype(np.float32) / 255)
    assert border_to_inside(pixels_of(enhanced(tmp_path, Redrawer(drift=12))), HOW) > 2


def test_all_tiles_are_noised_by_one_field(tmp_path: Path) -> None:
    """What the model makes of its noise is the same in each tile that shows a place: there is nothing to fade."""
    made = enhanced(tmp_path, Redrawer(detail=20), Image.new("RGB", (300, 200), (90, 120, 150)))
    whole = TileNoise(5, 640, 0, 0, Size(640, 448)).like(torch.zeros(1, 1, 56, 80))[0, 0]
    fine = whole.repeat_interleave(8, 0).repeat_interleave(8, 1).numpy()[:400, :600]
    detail = pixels_of(made)[:, :, 1] - 120
    # The light of each cell of 16 pixels is the picture's own, so only what is finer is compared.
    assert np.corrcoef(detail.ravel(), fine.ravel())[0, 1] > 0.8
    assert border_to_inside(pixels_of(made), HOW) <= 1


def test_a_field_is_the_same_wherever_a_tile_cuts_it_and_another_for_another_seed() -> None:
    def cut(seed: int, left: int, top: int) -> torch.Tensor:
        return TileNoise(seed, 1024, left, top, Size(256, 128)).like(torch.zeros(1, 4, 16, 32))

    one, other = cut(1, 0, 0), cut(1, 128, 64)
    assert torch.equal(one[..., 8:, 16:], other[..., :8, :16])
    assert not torch.equal(cut(2, 0, 0), one)
    values = cut(3, 0, 0)
    assert abs(float(values.mean())) < 0.1
    assert float(values.std()) == pytest.approx(1, abs=0.1)


def test_a_pipeline_that_noises_no_grid_is_an_error_that_says_so() -> None:
    with pytest.raises(ModelUnavailable, match="can't be noised by one field"):
        TileNoise(1, 1024, 0, 0, Size(256, 256)).like(torch.zeros(1, 1024, 64))


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_picture(tmp_path: Path) -> None:
    family = Redrawer(detail=10)
    one, again = (enhanced(tmp_path / name, family) for name in ("one", "again"))
    other = enhanced(tmp_path / "other", family, request=upscaled_twice(an_entry(), SOURCE, seed=6))
    assert one.sha256 == again.sha256 != other.sha256


def test_the_recipe_says_how_detail_was_added(tmp_path: Path) -> None:
    family = Redrawer()
    made = enhanced(tmp_path, family)
    assert made.recipe["stages"][-2] == {
        "stage": "enhance", "strength": 0.5, "steps": 4, "tile_width": 256, "tile_height": 256, "tiles": 6,
    }  # fmt: skip
    assert made.recipe["request"]["enhance"] is True
    (batch, *_more) = family.batches
    assert (batch.prompts, batch.strength, batch.steps) == (("a lake",), 0.5, 4)


NIGHT = Style(key="night", name="Night", version=1, prompt="{prompt} at night", negative="the sun")


@pytest.mark.long
def test_detail_is_drawn_in_the_style_and_by_what_is_read(tmp_path: Path) -> None:
    family, entry = Redrawer(), an_entry(enhance=replace(HOW, tile=2048), vocabulary="scenes")
    asked = {
        "size": "4k",
        "shape": "21:9",
        "enhance": True,
        "prompt": "ein rotes Haus",
        "negative_prompt": "Baum",
    }
    lends = Residency(load=lambda _entry: family)
    draw(a_request(**asked, style=NIGHT), entry, tmp_path, residency=lends)
    assert {batch.prompts for batch in family.batches} == {("a red house at night",)}
    assert {batch.negative_prompts for batch in family.batches} == {("tree, the sun",)}


def test_an_upscale_with_detail_is_drawn_by_what_is_read_and_its_recipe_says_so(tmp_path: Path) -> None:
    family, entry = Redrawer(), an_entry(vocabulary="scenes")
    request = replace(upscaled_twice(entry, SOURCE), prompt="ein rotes Haus")
    made = enhanced(tmp_path, family, entry=entry, request=request)
    assert {batch.prompts for batch in family.batches} == {("a red house",)}
    assert made.recipe["read"] == {"language": "de", "prompt": "a red house", "negative_prompt": ""}
    old = replace(a_request(prompt="ein rotes Haus"), version=2)
    assert wording.read([PictureOrder(old, 0, 7)], entry)[0].prompt == "ein rotes Haus"


def test_what_can_be_seen_through_stays_so(tmp_path: Path) -> None:
    picture = a_photo()
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    made = pixels_of(enhanced(tmp_path, Redrawer(detail=10), picture))
    clear = np.asarray(picture.getchannel("A").resize((600, 400), Image.Resampling.LANCZOS)).astype(int)
    assert made.shape == (400, 600, 4)
    assert np.abs(made[:, :, 3] - clear).max() <= 1


def test_a_4k_picture_from_words_gets_detail_too(tmp_path: Path) -> None:
    family, entry, journal = Redrawer(detail=10), an_entry(enhance=replace(HOW, tile=2048)), Journal()
    (made,) = draw(
        a_request(size="4k", shape="21:9", enhance=True), entry, tmp_path,
        residency=Residency(load=lambda _entry: family), on_progress=journal,
    )  # fmt: skip
    assert (made.width, made.height) == (3840, 1646)
    assert [stage["stage"] for stage in made.recipe["stages"]] == ["base", "upscale", "enhance", "output"]
    assert {step.of for step in journal.of_stage("enhancing")} == {made.recipe["stages"][2]["tiles"]}


# --- progress, an end, and too little memory --------------------------------------------------------------------------


def test_every_tile_is_reported_and_stages_follow_each_other(tmp_path: Path) -> None:
    journal = Journal()
    enhanced(tmp_path, Redrawer(), on_progress=journal)
    steps = [(step.step, step.of) for step in journal.of_stage("enhancing")]
    assert list(dict.fromkeys(steps)) == [(number, 6) for number in range(6)]
    stages = [stage for stage, _steps in itertools.groupby(step.stage for step in journal)]
    assert stages == ["loading", "upscaling", "enhancing", "encoding"]


@pytest.mark.few(1)
@pytest.mark.parametrize("last", range(6))
def test_it_can_be_cancelled_at_any_tile_and_leaves_no_trace(tmp_path: Path, last: int) -> None:
    family = Redrawer(detail=10)
    before = enhanced(tmp_path / "before", family)
    family.batches.clear()

    def cancel(progress: Progress) -> None:
        if progress.stage == "enhancing" and progress.step == last:
            raise Cancelled

    with pytest.raises(Cancelled):
        enhanced(tmp_path / "ended", family, on_progress=cancel)
    assert len(family.batches) == last
    family.batches.clear()
    assert enhanced(tmp_path / "after", family).sha256 == before.sha256


def test_out_of_memory_halves_the_tiles_and_the_recipe_says_so(tmp_path: Path) -> None:
    entry = an_entry(enhance=replace(HOW, tile=512))
    family = Redrawer(detail=10, most=256 * 256)
    made = enhanced(tmp_path / "short", family, entry=entry)
    assert [batch.size for batch in family.batches[:2]] == [Size(384, 448), Size(256, 256)]
    assert made.recipe["stages"][-2]["tile_width"] == 256
    assert made.sha256 == enhanced(tmp_path / "small", Redrawer(detail=10)).sha256


@pytest.mark.long
def test_out_of_memory_in_the_middle_begins_again(tmp_path: Path) -> None:
    entry = an_entry(enhance=replace(HOW, tile=512))

    class Later(Redrawer):
        def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
            if len(self.batches) == 1 and batch.size.pixels > 256 * 256:
                self.batches.append(batch)
                raise torch.OutOfMemoryError("no more memory (a test)")
            return super().run(batch, on_step)

    made = enhanced(tmp_path / "short", Later(detail=10), entry=entry)
    assert made.sha256 == enhanced(tmp_path / "small", Redrawer(detail=10)).sha256


@pytest.mark.long
def test_the_smallest_tile_that_does_not_fit_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(OutOfMemory) as caught:
        enhanced(tmp_path, Redrawer(most=10), entry=an_entry(enhance=replace(HOW, tile=512)))
    assert caught.value.retryable


def test_an_entry_that_no_longer_says_how_is_an_error_that_says_so(tmp_path: Path) -> None:
    request = upscaled_twice(an_entry(), SOURCE)
    with pytest.raises(ModelUnavailable, match="set enhance"):
        enhanced(tmp_path, Redrawer(), entry=an_entry(enhance=None), request=request)


@pytest.mark.few(1)
@pytest.mark.parametrize("budget", [64 * 64, 4 * 1024 * 1024], ids=["one by one", "together"])
def test_pictures_without_new_detail_are_finished_first(tmp_path: Path, budget: int) -> None:
    from generation.engine import PictureOrder
    from generation.engine.production import produce

    class Two(Redrawer):
        def run(self, batch: Batch, on_step: Callable[[Step], None]) -> torch.Tensor:
            drawn = super().run(batch, on_step)
            return drawn if batch.reference else drawn.repeat(len(batch.prompts), 1, 1, 1)

    entry = an_entry(enhance=replace(HOW, tile=2048))
    asked = a_request(size="4k", shape="21:9", enhance=True)
    plain = a_request(size="4k", shape="21:9")
    assert asked.batch_key() == plain.batch_key()
    orders = [PictureOrder(asked, 0, 1, "first"), PictureOrder(plain, 0, 2, "second")]
    lends = Residency(load=lambda _entry: Two())
    options: dict[str, Any] = {"residency": lends, "pixel_budget": budget}
    made = list(produce(orders, entry, workdir=tmp_path, on_progress=Journal(), **options))
    assert [(picture.job, picture.seed) for picture in made] == [("second", 2), ("first", 1)]
