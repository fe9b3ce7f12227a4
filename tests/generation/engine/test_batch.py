"""Orders of several jobs in one run: each job has its own pictures and progress, and can be cancelled alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.engine import Cancelled, PictureOrder, ProducedPicture, Progress
from generation.engine.families.residency import Residency
from generation.engine.production import produce
from generation.requests.catalogue import Entry
from tests.generation.engine.orders import Journal, a_request, draw, orders_of

ALICE = {"prompt": "a red house", "seed": 7}
BOB = {"prompt": "a green cactus", "seed": 7, "negative_prompt": "red"}


@pytest.fixture(scope="module")
def residency() -> Residency:
    return Residency()


def of_job(job: str, **changes: object) -> list[PictureOrder]:
    return [replace(order, job=job) for order in orders_of(a_request(**changes))]


def run(
    orders: Sequence[PictureOrder],
    entry: Entry,
    folder: Path,
    residency: Residency,
    on_progress: Callable[[Progress], None],
) -> list[ProducedPicture]:
    folder.mkdir(exist_ok=True)
    return list(produce(orders, entry, workdir=folder, on_progress=on_progress, residency=residency))


def test_each_job_gets_the_pictures_that_it_would_have_got_alone(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    orders = [*of_job("alice", count=2, **ALICE), *of_job("bob", **BOB)]
    together = run(orders, tiny_entry, tmp_path / "all", residency, Journal())
    assert [(made.job, made.index) for made in together] == [("alice", 0), ("alice", 1), ("bob", 0)]
    assert len({made.master for made in together}) == 3
    assert {made.recipe["batch"] for made in together} == {3}
    assert together[2].recipe["request"]["prompt"] == BOB["prompt"]
    (alone,) = draw(a_request(**BOB), tiny_entry, tmp_path / "alone", residency=residency)
    with Image.open(together[2].master) as one, Image.open(alone.master) as other:
        difference = np.abs(np.asarray(one).astype(int) - np.asarray(other).astype(int))
    # Not to the byte: how a matrix product is cut into parts depends on its height, and with it the last digit.
    assert difference.max() <= 1
    assert (difference > 0).mean() < 0.001


def test_every_job_gets_every_step_and_its_own_previews(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    journal = Journal()
    run(
        [*of_job("alice", steps=8, **ALICE), *of_job("bob", steps=8, **BOB)],
        tiny_entry,
        tmp_path,
        residency,
        journal,
    )
    for job in ("alice", "bob"):
        mine = [step for step in journal if step.job == job]
        assert list(dict.fromkeys(step.stage for step in mine)) == [
            "loading",
            "drawing",
            "upscaling",
            "encoding",
        ]
        assert [step.step for step in mine if step.stage == "drawing"] == list(range(1, 9))
    shown = {step.job: step.preview for step in journal.of_stage("drawing") if step.preview}
    assert len(set(shown.values())) == 2


@pytest.mark.parametrize("stage", ["loading", "drawing", "upscaling"])
@pytest.mark.few(1)
def test_a_job_that_is_cancelled_leaves_and_the_others_get_what_they_would_have_got(
    tiny_entry: Entry, tmp_path: Path, residency: Residency, stage: str
) -> None:
    orders = [*of_job("alice", count=2, **ALICE), *of_job("bob", **BOB)]
    undisturbed = run(orders, tiny_entry, tmp_path / "before", residency, Journal())
    heard: list[Progress] = []

    def cancel(progress: Progress) -> None:
        heard.append(progress)
        if progress.job == "alice" and progress.stage == stage:
            raise Cancelled

    left = run(orders, tiny_entry, tmp_path / "after", residency, cancel)
    assert [made.job for made in left] == ["bob"]
    assert sum(step.job == "alice" and step.stage == stage for step in heard) == 1
    if stage != "loading":  # before the drawing began, it is another batch
        assert left[0].master.read_bytes() == undisturbed[2].master.read_bytes()


def test_the_run_ends_when_the_last_job_is_cancelled(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    steps: list[Progress] = []

    def cancel(progress: Progress) -> None:
        steps.append(progress)
        if progress.stage == "drawing":
            raise Cancelled

    with pytest.raises(Cancelled):
        run([*of_job("alice", **ALICE), *of_job("bob", **BOB)], tiny_entry, tmp_path, residency, cancel)
    assert [step.job for step in steps if step.stage == "drawing"] == ["alice", "bob"]


def test_a_job_with_all_its_pictures_is_not_asked_when_the_last_other_one_is_cancelled(
    tiny_entry: Entry, tmp_path: Path, residency: Residency
) -> None:
    def cancel(progress: Progress) -> None:
        if progress.job == "bob" and progress.stage == "upscaling":
            raise Cancelled

    made: list[str] = []
    running = produce(
        [*of_job("alice", **ALICE), *of_job("bob", **BOB)],
        tiny_entry,
        workdir=tmp_path,
        on_progress=cancel,
        residency=residency,
    )
    with pytest.raises(Cancelled):
        made.extend(picture.job for picture in running)
    assert made == ["alice"]
