"""From orders to files: seeds, progress, cancelling, and running out of memory."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from generation.engine import Cancelled, ModelUnavailable, OutOfMemory, PictureOrder, Progress, Sources
from generation.engine.families.residency import Residency
from generation.engine.production import produce
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.marking import read_png
from tests.generation.engine.orders import REFERENCE, Journal, a_request, draw, orders_of


@pytest.fixture(scope="module")
def residency() -> Iterator[Residency]:
    models = Residency()
    yield models
    models.drop_all()


def levels(path: Path) -> np.ndarray[Any, np.dtype[np.int64]]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB").resize((64, 64))).astype(np.int64)


def test_the_same_seed_gives_the_same_bytes(tiny_entry: Entry, tmp_path: Path, residency: Residency) -> None:
    (one,) = draw(a_request(), tiny_entry, tmp_path / "a", residency=residency)
    (other,) = draw(a_request(), tiny_entry, tmp_path / "b", residency=Residency())
    assert one.master.read_bytes() == other.master.read_bytes()
    assert one.sha256 == other.sha256
    assert one.bytes == one.master.stat().st_size
    assert [path.read_bytes() for path in one.thumbnails.values()] == [
        path.read_bytes() for path in other.thumbnails.values()
    ]


@pytest.mark.long
def test_another_seed_or_another_prompt_gives_another_picture(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    requests = [
        a_request(),
        a_request(seed=8),
        a_request(prompt="a green cactus"),
        a_request(negative_prompt="red"),
    ]
    pictures = [
        draw(request, tiny_entry, tmp_path / str(number), residency=residency)[0]
        for number, request in enumerate(requests)
    ]
    assert len({picture.sha256 for picture in pictures}) == len(requests)


@pytest.mark.parametrize("size", ["1k", "4k"])
def test_the_picture_has_the_size_that_was_asked_for(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, size: str
) -> None:
    (picture,) = draw(a_request(shape="16:9", size=size), tiny_entry, tmp_path, residency=residency)
    expected = {"1k": (1024, 576), "4k": (3840, 2160)}[size]
    assert (picture.width, picture.height) == expected
    with Image.open(picture.master) as image:
        image.load()
        assert image.size == expected
    assert set(picture.thumbnails) == {256, 512, 1024}


@pytest.mark.few(2)
@pytest.mark.parametrize("order", [("4k", "1k"), ("1k", "4k")])
@pytest.mark.parametrize("kind", ["text_to_image", "image_to_image"])
def test_jobs_that_are_drawn_together_keep_their_own_sizes(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, kind: str, order: tuple[str, str]
) -> None:
    changes: dict[str, Any] = {"shape": "16:9", "kind": kind}
    sources = Sources()
    if kind == "image_to_image":
        changes |= {"reference": REFERENCE, "strength": 0.5}
        Image.new("RGB", (320, 180), "teal").save(tmp_path / "reference.png")
        sources = Sources(tmp_path / "reference.png")
    jobs = [PictureOrder(a_request(size=size, **changes), 0, 7, size) for size in order]
    running = produce(
        jobs, tiny_entry, sources=sources, workdir=tmp_path, on_progress=Journal(), residency=residency
    )
    assert [(picture.job, picture.width) for picture in running] == [
        (size, {"1k": 1024, "4k": 3840}[size]) for size in order
    ]


def test_the_pictures_of_one_request_are_those_of_its_seeds_in_a_row(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    together = draw(a_request(count=3, seed=2**32 - 2), tiny_entry, tmp_path / "all", residency=residency)
    assert [picture.seed for picture in together] == [2**32 - 2, 2**32 - 1, 0]
    (alone,) = draw(a_request(seed=2**32 - 1), tiny_entry, tmp_path / "one", residency=residency)
    difference = np.abs(levels(together[1].master) - levels(alone.master))
    assert difference.max() <= 1  # rounding differs by batch, in the last place
    assert np.abs(levels(together[0].master) - levels(together[1].master)).mean() > 3


def test_a_picture_is_handed_over_before_the_next_one_is_finished(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    journal = Journal()
    running = produce(
        orders_of(a_request(count=2)), tiny_entry, workdir=tmp_path, on_progress=journal, residency=residency
    )
    first = next(running)
    assert first.master.exists()
    assert {progress.picture for progress in journal.of_stage("upscaling")} == {0}
    assert [picture.index for picture in running] == [1]


@pytest.mark.few(1)
@pytest.mark.parametrize(("steps", "least"), [(8, 1), (20, 2)])
def test_progress_counts_up_and_shows_the_promised_previews(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, steps: int, least: int
) -> None:
    journal = Journal()
    draw(a_request(steps=steps, count=2), tiny_entry, tmp_path, residency=residency, on_progress=journal)
    assert list(dict.fromkeys(progress.stage for progress in journal)) == [
        "loading",
        "drawing",
        "upscaling",
        "encoding",
    ]
    drawing = journal.of_stage("drawing")
    assert [progress.step for progress in drawing] == sorted(progress.step for progress in drawing)
    assert drawing[-1].step == drawing[-1].of == steps
    for picture in (0, 1):
        previews = [p.preview for p in drawing if p.preview and p.picture == picture and p.step < p.of]
        assert len(previews) >= least
        with Image.open(io.BytesIO(previews[-1])) as image:
            assert image.format == "WEBP"
            assert max(image.size) == 256


def test_decoding_the_next_picture_is_its_own_stage_not_the_encoding_of_the_one_before(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    heard: list[str] = []
    with residency.lend(tiny_entry) as family:
        decode = family.decode

        def decoding(*arguments: Any) -> Any:
            heard.append("decoding")
            return decode(*arguments)

        family.decode = decoding  # type: ignore[assignment, method-assign]
        try:
            draw(a_request(steps=2, count=2), tiny_entry, tmp_path, residency=residency,
                 on_progress=lambda step: heard.append(f"{step.stage} {step.picture}"))  # fmt: skip
        finally:
            del family.decode
    before = [heard[place - 1] for place, act in enumerate(heard) if act == "decoding"]
    assert before == ["upscaling 0", "upscaling 1"]


def test_the_shipped_model_draws_every_size_itself_and_every_size_shows_the_same(
    tmp_path: Path, residency: Residency
) -> None:
    entry = catalogue.get("bundled")
    shown = []
    for size in ("1k", "2k", "4k"):
        request = a_request(shape="16:9", size=size, steps=4, guidance=entry.default_guidance)
        (picture,) = draw(request, entry, tmp_path, residency=residency)
        assert [stage["stage"] for stage in picture.recipe["stages"]] == [
            "base",
            "project",
            "paint",
            "decode",
            "output",
        ]
        assert picture.recipe["stages"][3] == {
            "stage": "decode",
            "width": picture.width,
            "height": picture.height,
        }
        with Image.open(picture.master) as image:
            shown.append(np.asarray(image.resize((1024, 576), Image.Resampling.BOX)).astype(float))
    for other in shown[1:]:
        assert -10 * np.log10(np.mean(((other - shown[0]) / 255) ** 2)) >= 35


def test_projection_is_named_in_the_recipe_and_changes_the_picture_and_can_be_switched_off(
    tmp_path: Path, residency: Residency
) -> None:
    entry = catalogue.get("bundled")
    request = a_request(shape="16:9", steps=10, guidance=entry.default_guidance)
    (projected,) = draw(request, entry, tmp_path / "with", residency=residency)
    (plain,) = draw(request, replace(entry, projection=""), tmp_path / "without", residency=residency)
    (stage,) = (stage for stage in projected.recipe["stages"] if stage["stage"] == "project")
    assert stage["things"] >= 1
    assert "project" not in {stage["stage"] for stage in plain.recipe["stages"]}
    assert projected.sha256 != plain.sha256
    assert np.abs(levels(projected.master) - levels(plain.master)).mean() < 12
    assert plain.fields is None
    assert projected.fields
    assert load_file(projected.fields)["fields"].shape == (44, 9, 16)


@pytest.mark.few(1)
@pytest.mark.parametrize(
    ("strength", "stages"),
    [(1.0, ["base", "decode", "output"]), (0.5, ["base", "project", "decode", "let_in", "output"])],
)
def test_what_the_model_cannot_read_stays_unless_all_may_change(
    tmp_path: Path, residency: Residency, strength: float, stages: list[str]
) -> None:
    reference = tmp_path / "reference.png"
    Image.linear_gradient("L").convert("RGB").save(reference)
    request = a_request(kind="image_to_image", reference=REFERENCE, strength=strength, steps=4)
    entry = catalogue.get("bundled")
    (picture,) = draw(request, entry, tmp_path / "out", sources=Sources(reference), residency=residency)
    assert [stage["stage"] for stage in picture.recipe["stages"]] == stages
    assert bool(picture.fields) == (strength == 1), "fields say what is in the picture, or they are not kept"


def test_a_model_whose_decoder_needs_whole_pictures_cannot_draw_every_size(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    with pytest.raises(ModelUnavailable, match="set scaler to one of lanczos, bundled-sr"):
        draw(a_request(), replace(tiny_entry, scaler="native"), tmp_path, residency=residency)


def test_a_preview_looks_like_the_picture_that_comes(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    journal = Journal()
    (picture,) = draw(a_request(steps=8), tiny_entry, tmp_path, residency=residency, on_progress=journal)
    last = [progress.preview for progress in journal.of_stage("drawing") if progress.preview][-1]
    with Image.open(io.BytesIO(last)) as image:
        shown = np.asarray(image.convert("RGB").resize((64, 64))).astype(int)
    assert np.abs(shown - levels(picture.master)).mean() < 40


@pytest.mark.few(1)
@pytest.mark.parametrize("stage", ["loading", "drawing", "upscaling"])
def test_a_cancelled_run_does_not_affect_the_next_picture(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, stage: str
) -> None:
    (before,) = draw(a_request(), tiny_entry, tmp_path / "before", residency=residency)

    def cancel(progress: Progress) -> None:
        if progress.stage == stage and progress.step >= progress.of // 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw(a_request(seed=99), tiny_entry, tmp_path / "cut", residency=residency, on_progress=cancel)
    (after,) = draw(a_request(), tiny_entry, tmp_path / "after", residency=residency)
    assert after.master.read_bytes() == before.master.read_bytes()


def test_a_reference_picture_shows_in_what_is_drawn_from_it(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    reference = tmp_path / "reference.png"
    Image.linear_gradient("L").convert("RGB").save(reference)
    request = a_request(kind="image_to_image", reference=REFERENCE, strength=0.3, steps=8)
    journal = Journal()
    (one,) = draw(
        request,
        tiny_entry,
        tmp_path / "a",
        sources=Sources(reference),
        residency=residency,
        on_progress=journal,
    )
    (again,) = draw(request, tiny_entry, tmp_path / "b", sources=Sources(reference), residency=residency)
    assert one.sha256 == again.sha256
    assert journal.of_stage("drawing")[-1].of == int(8 * 0.3)
    Image.linear_gradient("L").rotate(180).convert("RGB").save(reference)
    (turned,) = draw(request, tiny_entry, tmp_path / "c", sources=Sources(reference), residency=residency)
    assert np.abs(levels(one.master) - levels(turned.master)).mean() > 2


def test_text_to_image_does_not_change_after_image_to_image(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    (before,) = draw(a_request(), tiny_entry, tmp_path / "before", residency=residency)
    reference = tmp_path / "reference.png"
    Image.new("RGBA", (50, 90), (0, 200, 0, 90)).save(reference)
    request = a_request(kind="image_to_image", reference=REFERENCE, strength=0.5)
    draw(request, tiny_entry, tmp_path / "from", sources=Sources(reference), residency=residency)
    (after,) = draw(a_request(), tiny_entry, tmp_path / "after", residency=residency)
    assert after.sha256 == before.sha256


class Shortage:
    """A forward hook on the UNet that runs out of memory as long as more than `fits` pictures are drawn at once."""

    def __init__(self, fits: int) -> None:
        self.fits, self.batches = fits, list[int]()

    def __call__(self, _module: Any, arguments: tuple[Any, ...]) -> None:
        pictures = arguments[0].shape[0] // 2  # with and without the prompt
        self.batches.append(pictures)
        if pictures > self.fits:
            raise torch.OutOfMemoryError("no more memory (a test)")


@pytest.fixture
def short_of_memory(tiny_entry: Entry, residency: Residency) -> Iterator[Any]:
    handles = []

    def install(fits: int) -> Shortage:
        shortage = Shortage(fits)
        with residency.lend(tiny_entry) as family:
            unet = family._text.unet  # type: ignore[attr-defined]
            handles.append(unet.register_forward_pre_hook(shortage))
        return shortage

    yield install
    for handle in handles:
        handle.remove()


def test_out_of_memory_halves_the_batch(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, short_of_memory: Any
) -> None:
    shortage = short_of_memory(2)
    pictures = draw(a_request(count=4), tiny_entry, tmp_path, residency=residency)
    assert [picture.index for picture in pictures] == [0, 1, 2, 3]
    assert shortage.batches[0] == 4
    assert set(shortage.batches[1:]) == {2}
    assert {picture.recipe["batch"] for picture in pictures} == {2}


def test_out_of_memory_twice_fails_and_may_be_retried(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, short_of_memory: Any
) -> None:
    short_of_memory(0)
    with pytest.raises(OutOfMemory) as caught:
        draw(a_request(count=4), tiny_entry, tmp_path, residency=residency)
    assert caught.value.retryable


def test_the_pixel_budget_bounds_what_is_drawn_at_once(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, short_of_memory: Any
) -> None:
    seen = short_of_memory(9)
    draw(a_request(count=4), tiny_entry, tmp_path, residency=residency, pixel_budget=3 * 64 * 64)
    assert list(dict.fromkeys(seen.batches)) == [3, 1]


def test_the_recipe_draws_the_picture_again_and_is_not_in_the_file(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    (picture,) = draw(a_request(), tiny_entry, tmp_path / "a", residency=residency)
    recipe = picture.recipe
    content = picture.master.read_bytes()
    assert b"DigitalSourceType" in content
    assert recipe["request"]["prompt"].encode() not in content
    assert read_png(io.BytesIO(content)) is None
    for thumbnail in picture.thumbnails.values():
        assert recipe["request"]["prompt"].encode() not in thumbnail.read_bytes()
    assert recipe["stages"][1] == {"stage": "upscale", "scaler": "lanczos", "passes": 0}
    request = type(a_request()).from_json(recipe["request"])
    (again,) = list(
        produce(
            [PictureOrder(request, recipe["index"], recipe["seed"])],
            tiny_entry,
            workdir=tmp_path,
            on_progress=Journal(),
            residency=residency,
        )
    )
    assert again.sha256 == picture.sha256


def test_orders_that_do_not_belong_together_are_refused(tiny_entry: Entry, tmp_path: Path) -> None:
    mixed = [*orders_of(a_request()), *orders_of(a_request(steps=5))]
    for orders, entry in (
        (mixed, tiny_entry),
        ([], tiny_entry),
        (orders_of(a_request()), replace(tiny_entry, id="x")),
    ):
        with pytest.raises(ValueError, match=r"batch key|nothing to draw"):
            produce(orders, entry, workdir=tmp_path, on_progress=Journal())
    with pytest.raises(ValueError, match="reference"):
        produce(
            orders_of(a_request()),
            tiny_entry,
            sources=Sources(tmp_path / "a.png"),
            workdir=tmp_path,
            on_progress=Journal(),
        )
