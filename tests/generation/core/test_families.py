"""A tiny model in the place of each shipped entry: ordered, drawn by the worker, stored and charged."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.jobs import failures, submission
from generation.models import Job, Picture, Upload
from generation.requests import catalogue, ordering
from generation.requests.request import GenerationRequest
from generation.requests.sizes import SHAPES, Size
from generation.uploads import intake
from generation.worker import run
from image2.lib.ids import new_id

from .conftest import Submit

pytestmark = pytest.mark.django_db(transaction=True)

_ENTRIES = {
    "qwen-image-edit-2511": "qwen-image-edit",
    "qwen-image-layered": "qwen-image-layered",
    "flux2-klein-4b": "flux2-klein",
    "z-image-turbo": "z-image",
    "qwen-image-2512": "qwen-image",
    "sdxl": "sdxl",
    "sana-4k": "sana",
}


_COLOURS = ("navy", "red", "green", "white")
_FROM_WORDS = [name for name in _ENTRIES if name not in ("qwen-image-edit-2511", "qwen-image-layered")]


@pytest.fixture
def switched_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., list[catalogue.Entry]]]:
    """Switch entries on by a catalogue file of the operator, with tiny weights that draw 64 × 48 pixels."""
    from tests.generation.engine.tiny.models import MODELS  # brings torch along

    def switch(*model_ids: str) -> list[catalogue.Entry]:
        sizes = "\n".join(f'"{shape}" = [64, 48]' for shape in SHAPES)
        text = "non_commercial_site = true\n"
        for model_id in model_ids:
            folder = MODELS[_ENTRIES[model_id]].save(tmp_path / model_id)
            text += (
                f'[models.{model_id}]\nenabled = true\nsource = "{folder}"\nvariant = ""\n'
                f"memory_mb = 50\nmin_steps = 2\n[models.{model_id}.base_sizes]\n{sizes}\n"
            )
        file = tmp_path / "catalogue.toml"
        file.write_text(text)
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
        catalogue.reload()
        return [catalogue.get(model_id) for model_id in model_ids]

    yield switch
    catalogue.reload()


@pytest.fixture
def small_pictures() -> Iterator[None]:
    """Two pipelines look at every picture at a size of their own, which takes seconds here."""
    from tests.generation.engine.families.conftest import seen_small

    with seen_small():
        yield


def shown(picture: Picture) -> Image.Image:
    with default_storage.open(picture.files.get(role="master").key) as file, Image.open(file) as image:
        image.load()
        return image


def order(user: User, request: GenerationRequest) -> list[Picture]:
    job = submission.submit(user=user, request=request, idempotency_key=str(new_id()))
    run.run("gpu")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.DONE, "")
    return list(job.pictures.order_by("index"))


@pytest.mark.parametrize("model_id", _FROM_WORDS)
@pytest.mark.few(1)
def test_a_job_for_each_entry_becomes_pictures_that_are_charged(
    alice: User, submit: Submit, switched_on: Callable[..., list[catalogue.Entry]], model_id: str
) -> None:
    (entry,) = switched_on(model_id)
    job = submit(
        alice, model=model_id, count=2, steps=entry.min_steps, guidance=entry.default_guidance, shape="4:3"
    )
    run.run("gpu")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.DONE, "")
    pictures = list(Picture.objects.order_by("seed"))
    assert [picture.seed for picture in pictures] == [7, 8]
    for picture in pictures:
        assert picture.recipe["model"]["id"] == model_id
        assert picture.recipe["model"]["revision"].startswith("sha256:")
        image = shown(picture)
        assert image.size == (1024, 768)
        assert len(image.getcolors(1 << 20) or []) != 1
    assert ledger.balance(alice).available == 1000 - job.price


def an_upload(user: User, size: tuple[int, int], colour: str) -> Upload:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return intake.ingest(user=user, file=SimpleUploadedFile("a.png", out.getvalue()))


@pytest.mark.few(1)
@pytest.mark.parametrize("model_id", ["flux2-klein-4b", "qwen-image-edit-2511"])
def test_a_picture_is_changed_as_a_person_says(
    alice: User, switched_on: Callable[..., list[catalogue.Entry]], small_pictures: None, model_id: str
) -> None:
    (entry,) = switched_on(model_id)
    brought = [an_upload(alice, (96, 80), "navy"), an_upload(alice, (64, 90), "red")]
    made = order(
        alice,
        ordering.edit(
            entry, references=tuple(f"upload:{one.pk}" for one in brought), prompt="at night", shape="16:9",
            size="1k", seed=3, steps=4, count=2,
        ),
    )  # fmt: skip
    assert [shown(picture).size for picture in made] == [(1024, 576)] * 2
    assert {line.upload_id for picture in made for line in picture.parents.all()} == {
        one.pk for one in brought
    }
    assert ledger.balance(alice).available == 1000 - 2 * entry.base_price


@pytest.mark.long
def test_references_of_a_camera_are_looked_at_no_larger_than_the_model_draws(
    alice: User, switched_on: Callable[..., list[catalogue.Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from generation.engine.families.flux2_klein import Flux2Klein

    looked_at: list[tuple[int, int]] = []
    draw = Flux2Klein.run

    def watched(family: Any, batch: Any, on_step: Any) -> Any:
        looked_at.extend(picture.size for picture in batch.references)
        return draw(family, batch, on_step)

    monkeypatch.setattr(Flux2Klein, "run", watched)
    (entry,) = switched_on("flux2-klein-4b")
    sizes = [(2400, 1800), (1200, 2000), (1800, 1800), (3000, 400)]
    brought = [an_upload(alice, size, colour) for size, colour in zip(sizes, _COLOURS, strict=True)]
    references = tuple(f"upload:{one.pk}" for one in brought)
    (made,) = order(
        alice,
        ordering.edit(
            entry, references=references, prompt="at night", shape="16:9", size="1k", seed=3, steps=4
        ),
    )
    assert shown(made).size == (1024, 576)
    assert {line.upload_id for line in made.parents.all()} == {one.pk for one in brought}
    assert looked_at == [(64, 48), (43, 72), (55, 55), (152, 20)]
    assert ledger.balance(alice).available == 1000 - entry.base_price


def test_a_picture_is_taken_apart_into_layers(
    alice: User, switched_on: Callable[..., list[catalogue.Entry]], small_pictures: None
) -> None:
    (entry,) = switched_on("qwen-image-layered")
    brought = an_upload(alice, (200, 150), "navy")
    layers = order(
        alice,
        ordering.layers(
            entry, reference=f"upload:{brought.pk}", source=Size(200, 150), count=3, seed=3, steps=2
        ),
    )
    assert [(shown(layer).mode, shown(layer).size) for layer in layers] == [("RGBA", (200, 150))] * 3
    assert ledger.balance(alice).available == 1000 - 3 * entry.base_price


class _Shortage:
    """Out of memory in the transformer of Qwen-Image-Layered, so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        import torch
        from diffusers import QwenImageTransformer2DModel

        self.left, forward = times, QwenImageTransformer2DModel.forward

        def runs_out(network: Any, *args: Any, **named: Any) -> Any:
            if self.left:
                self.left -= 1
                raise torch.OutOfMemoryError("no more memory (a test)")
            return forward(network, *args, **named)

        monkeypatch.setattr(QwenImageTransformer2DModel, "forward", runs_out)


def three_layers(user: User, entry: catalogue.Entry) -> Job:
    brought = an_upload(user, (200, 150), "navy")
    request = ordering.layers(
        entry, reference=f"upload:{brought.pk}", source=Size(200, 150), count=3, seed=3, steps=2
    )
    return submission.submit(user=user, request=request, idempotency_key=str(new_id()))


@pytest.mark.long
def test_layers_that_run_out_of_memory_once_are_drawn_the_second_time(
    alice: User,
    switched_on: Callable[..., list[catalogue.Entry]],
    small_pictures: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (entry,) = switched_on("qwen-image-layered")
    job, shortage = three_layers(alice, entry), _Shortage(monkeypatch, 1)
    run.run("gpu")
    job.refresh_from_db()
    assert (job.state, shortage.left, job.pictures.count()) == (Job.State.DONE, 0, 3)


def test_layers_that_never_fit_cost_nothing_and_a_sentence_says_what_to_do(
    alice: User,
    switched_on: Callable[..., list[catalogue.Entry]],
    small_pictures: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (entry,) = switched_on("qwen-image-layered")
    job = three_layers(alice, entry)
    _Shortage(monkeypatch, 1000)
    for _attempt in range(3):
        with pytest.raises(run.ProcessSpent):
            run.run("gpu")
    job.refresh_from_db()
    assert (job.state, job.error_code, job.pictures.count()) == (Job.State.FAILED, "memory", 0)
    assert failures.sentence_of(job) == (
        "The machine ran out of memory for so many layers. You were not charged. Try fewer layers."
    )
    assert (ledger.balance(alice).available, ledger.balance(alice).held) == (1000, 0)
