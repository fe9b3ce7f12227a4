"""Pictures led by the edges or the depth of another one, by tiny ControlNets with random weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from generation.engine import PictureOrder, Progress, placement
from generation.engine.contract import Cancelled, ControlUnavailable, NothingToFollow, Sources
from generation.engine.families import controlled
from generation.engine.families.residency import Residency
from generation.engine.production import produce
from generation.requests.catalogue import Entry
from generation.requests.controls.control import Control
from tests.generation.engine.orders import REFERENCE, Journal, a_request, draw, levels_of, orders_of
from tests.generation.engine.tiny import controlnets, stable_diffusion

PICTURE = "upload:00000000-0000-0000-0000-000000000001"
EDGES = Control(picture=PICTURE, kind="edges", strength=1.0)
DEPTH = Control(picture=PICTURE, kind="depth", strength=1.0)

Draw = Callable[..., np.ndarray[Any, Any]]


def square(path: Path, place: int = 16) -> Path:
    picture = Image.new("RGB", (128, 128), "navy")
    ImageDraw.Draw(picture).rectangle((place, place, place + 60, place + 60), fill="white")
    picture.save(path)
    return path


@pytest.fixture(scope="session", params=["sd", "sdxl"])
def led_entry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_entry: Entry
) -> Entry:
    folder = tmp_path_factory.mktemp(f"led-{request.param}")
    save = stable_diffusion.save_stable_diffusion
    model = (save if request.param == "sd" else stable_diffusion.save_stable_diffusion_xl)(folder / "model")
    nets = {
        kind: controlnets.weights(controlnets.save(folder / kind, model, seed=seed))
        for seed, kind in enumerate(("edges", "depth"))
    }
    return replace(tiny_entry, source=str(model), controls=nets)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return square(tmp_path / "control.png")


def levels(
    entry: Entry, folder: Path, control: Control | None, file: Path | None, **changes: Any
) -> np.ndarray[Any, Any]:
    reference = changes.get("reference") and file
    (made,) = draw(
        a_request(control=control, **changes),
        entry,
        folder,
        sources=Sources(control=file if control else None, reference=reference or None),
    )
    with made.master.open("rb") as master:
        return levels_of(master).astype(np.int16)


@pytest.mark.parametrize("control", [EDGES, DEPTH])
def test_the_same_seed_and_picture_give_the_same_bytes_and_the_lead_shows(
    led_entry: Entry, picture: Path, tmp_path: Path, control: Control
) -> None:
    first = levels(led_entry, tmp_path / "1", control, picture)
    assert (first == levels(led_entry, tmp_path / "2", control, picture)).all()
    plain = levels(led_entry, tmp_path / "3", None, None)
    assert abs(first - plain).max() > 8
    other = levels(led_entry, tmp_path / "4", control, square(tmp_path / "other.png", 60))
    assert abs(first - other).max() > 2
    assert (plain == levels(led_entry, tmp_path / "5", None, None)).all()


def test_a_picture_from_a_picture_is_led_too(led_entry: Entry, picture: Path, tmp_path: Path) -> None:
    start = {"kind": "image_to_image", "reference": REFERENCE, "strength": 0.7}
    led = levels(led_entry, tmp_path / "1", EDGES, picture, **start)
    assert (led == levels(led_entry, tmp_path / "2", EDGES, picture, **start)).all()
    assert abs(led - levels(led_entry, tmp_path / "3", None, picture, **start)).max() > 8


def test_strength_is_followed_and_another_kind_draws_another_picture(
    led_entry: Entry, picture: Path, tmp_path: Path
) -> None:
    plain = levels(led_entry, tmp_path / "0", None, None)
    weak = levels(led_entry, tmp_path / "1", replace(EDGES, strength=0.1), picture)
    strong = levels(led_entry, tmp_path / "2", EDGES, picture)
    assert abs(weak - plain).mean() < abs(strong - plain).mean()
    assert abs(strong - levels(led_entry, tmp_path / "3", DEPTH, picture)).max() > 2


def test_a_finished_map_is_taken_as_it_is(led_entry: Entry, picture: Path, tmp_path: Path) -> None:
    from generation.engine.edits import leading
    from generation.requests.sizes import Size

    computed = tmp_path / "map.png"
    leading.lead(EDGES, picture, Size(64, 64)).picture.save(computed)
    by_picture = levels(led_entry, tmp_path / "1", EDGES, picture)
    by_map = levels(led_entry, tmp_path / "2", replace(EDGES, is_map=True), computed)
    assert (by_picture == by_map).all()
    assert (by_map != levels(led_entry, tmp_path / "3", EDGES, computed)).any()


def test_three_together_are_those_of_each_alone_within_one_level(
    led_entry: Entry, picture: Path, tmp_path: Path
) -> None:
    request = a_request(control=EDGES, count=3)
    (tmp_path / "all").mkdir()
    made = list(
        produce(
            orders_of(request),
            led_entry,
            sources=Sources(control=picture),
            workdir=tmp_path / "all",
            on_progress=Journal(),
        )
    )
    assert [one.recipe["batch"] for one in made] == [3, 3, 3]
    for one in made:
        alone = levels(led_entry, tmp_path / f"alone-{one.index}", EDGES, picture, seed=one.seed)
        with one.master.open("rb") as master:
            assert abs(levels_of(master).astype(np.int16) - alone).max() <= 1


def test_a_run_that_is_cancelled_leaves_no_trace(led_entry: Entry, picture: Path, tmp_path: Path) -> None:
    before = levels(led_entry, tmp_path / "1", EDGES, picture)

    def stop(progress: Progress) -> None:
        if progress.stage == "drawing" and progress.step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        draw(
            a_request(control=EDGES),
            led_entry,
            tmp_path / "2",
            sources=Sources(control=picture),
            on_progress=stop,
        )
    assert (before == levels(led_entry, tmp_path / "3", EDGES, picture)).all()


def test_the_recipe_names_weights_licence_and_how_the_map_was_made(
    led_entry: Entry, picture: Path, tmp_path: Path
) -> None:
    (made,) = draw(a_request(control=EDGES), led_entry, tmp_path / "1", sources=Sources(control=picture))
    said = made.recipe["control"]
    assert said["revision"].startswith("sha256:")
    assert said["licence"] == "MIT"
    assert said["map"] == {"by": "canny", "version": 1, "weak": 100.0, "strong": 200.0}
    assert made.recipe["request"]["control"] == EDGES.to_json()


def test_networks_are_loaded_when_they_are_needed_and_count_with_their_model(
    led_entry: Entry, picture: Path, tmp_path: Path
) -> None:
    residency = Residency(budget_mb=lambda: 1000)
    draw(a_request(), led_entry, tmp_path / "0", residency=residency)
    alone = residency.resident_mb()["bundled"]
    with residency.lend(led_entry) as family:
        assert controlled.of(family, led_entry) == {}
    draw(
        a_request(control=EDGES),
        led_entry,
        tmp_path / "1",
        sources=Sources(control=picture),
        residency=residency,
    )
    with residency.lend(led_entry) as family:
        assert set(controlled.of(family, led_entry)) == {"edges"}
    assert residency.resident_mb()["bundled"] > alone


def test_a_network_takes_the_room_of_the_model_used_least_recently(
    led_entry: Entry, picture: Path, tmp_path: Path
) -> None:
    budget = [1000]
    residency = Residency(budget_mb=lambda: budget[0])
    for name in ("other", "bundled"):
        with residency.lend(replace(led_entry, id=name)):
            pass
    # Room for both, and for nothing more.
    budget[0] = sum(residency.resident_mb().values())
    draw(a_request(), led_entry, tmp_path / "0", residency=residency)
    assert set(residency.resident()) == {"other", "bundled"}
    draw(
        a_request(control=EDGES),
        led_entry,
        tmp_path / "1",
        sources=Sources(control=picture),
        residency=residency,
    )
    assert residency.resident() == ("bundled",)


def test_an_offloaded_model_is_led_too(led_entry: Entry, picture: Path, tmp_path: Path) -> None:
    residency, sources = Residency(), Sources(control=picture)
    (before,) = draw(
        a_request(control=EDGES), led_entry, tmp_path / "1", sources=sources, residency=residency
    )
    offloaded = Residency()
    with offloaded.lend(led_entry) as family:
        placement.offload(family.pipeline, torch.device("cpu"))  # type: ignore[attr-defined]
    for folder in ("2", "3"):  # the second run finds what the first one put back
        (made,) = draw(
            a_request(control=EDGES), led_entry, tmp_path / folder, sources=sources, residency=offloaded
        )
        assert made.sha256 == before.sha256


def test_a_picture_without_edges_is_refused(led_entry: Entry, tmp_path: Path) -> None:
    file = tmp_path / "flat.png"
    Image.new("RGB", (90, 90), "teal").save(file)
    with pytest.raises(NothingToFollow):
        draw(a_request(control=EDGES), led_entry, tmp_path / "1", sources=Sources(control=file))
    assert levels(led_entry, tmp_path / "2", DEPTH, file).any()


def test_weights_of_another_model_are_one_sentence_and_the_model_stays(
    led_entry: Entry, tmp_path: Path, picture: Path
) -> None:
    is_xl = "xl" in str(led_entry.source)
    save = stable_diffusion.save_stable_diffusion if is_xl else stable_diffusion.save_stable_diffusion_xl
    other = controlnets.save(tmp_path / "net", save(tmp_path / "other"))
    wrong = replace(led_entry, controls={"edges": controlnets.weights(other)})
    before, fresh = levels(led_entry, tmp_path / "1", None, None), Residency()
    with pytest.raises(ControlUnavailable, match="was made for another model"):
        draw(
            a_request(control=EDGES), wrong, tmp_path / "2", sources=Sources(control=picture), residency=fresh
        )
    assert (before == levels(wrong, tmp_path / "3", None, None)).all()


def cut_off(folder: Path) -> None:
    for path in folder.glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda folder: (folder / "config.json").unlink(), "there is no config.json"),
        (lambda folder: (folder / "config.json").write_text('{"_class_name": "AutoencoderKL"}'), "holds AutoencoderKL"),
        (lambda folder: (folder / "weights.bin").write_bytes(b"x"), "can run code"),
        (lambda folder: [path.unlink() for path in folder.glob("*.safetensors")], "has no .safetensors"),
        (cut_off, "is cut off"),
    ],
)  # fmt: skip
def test_a_folder_that_is_wrong_is_one_sentence(
    tiny_folder: Path,
    tiny_entry: Entry,
    picture: Path,
    tmp_path: Path,
    damage: Callable[[Path], Any],
    sentence: str,
) -> None:
    folder = controlnets.save(tmp_path / "net", tiny_folder)
    damage(folder)
    entry = replace(tiny_entry, controls={"edges": controlnets.weights(folder)})
    with pytest.raises(ControlUnavailable, match=sentence):
        draw(a_request(control=EDGES), entry, tmp_path / "1", sources=Sources(control=picture))


def test_only_requests_with_the_same_control_are_drawn_together(tiny_entry: Entry) -> None:
    plain, led = a_request(), a_request(control=EDGES)
    assert len({plain.batch_key(), led.batch_key(), a_request(control=DEPTH).batch_key()}) == 3
    assert a_request(control=replace(EDGES, strength=0.5)).batch_key() != led.batch_key()
    with pytest.raises(ValueError, match="control picture needs its file"):
        list(produce([PictureOrder(led, 0, 7)], tiny_entry, workdir=Path(), on_progress=Journal()))
