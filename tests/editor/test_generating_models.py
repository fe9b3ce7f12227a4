"""Tools that other models bring: an instruction, a cut-out of any layer; and what operators limit before a purchase."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from accounts.models import User
from billing import ledger
from editor import opening
from editor.models import Document
from generation.models import Job, Upload
from generation.requests import catalogue
from tests.editor.making import a_stroke, send, uploaded, work
from tests.editor.ordering import credits_for, do, master_of, pixels_of, place, row_of, select

pytestmark = [pytest.mark.django_db(transaction=True)]

Switch = Callable[[str], None]


@pytest.fixture
def alice(alice: User) -> User:
    credits_for(alice)
    return alice


@pytest.fixture
def photo(alice: User) -> Document:
    return opening.from_file(user=alice, file=uploaded(160))


@pytest.fixture
def switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Switch:
    """Give the site the catalogue of an operator; its weights are never opened here."""

    def on(toml: str) -> None:
        file = tmp_path / "operator.toml"
        file.write_text(toml.replace("FOLDER", str(tmp_path)))
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
        catalogue.reload()

    return on


EDITING = '[models.qwen-image-edit-2511]\nenabled = true\nsource = "FOLDER"\n'
CUTTING = """
[models.cut]
label = "Cut"
family = "cutout"
source = "FOLDER"
licence = "MIT"
licence_read = 2026-11-28
commercial_use = true
capabilities = ["remove_background"]
default_steps = 1
min_steps = 1
max_steps = 1
default_guidance = 0.0
min_guidance = 0.0
max_guidance = 0.0
memory_mb = 100
base_price = 2
enabled = true
[models.cut.base_sizes]
"1:1" = [64, 64]
"4:3" = [64, 64]
"3:4" = [64, 64]
"3:2" = [64, 64]
"2:3" = [64, 64]
"16:9" = [64, 64]
"9:16" = [64, 64]
"21:9" = [64, 64]
"""


def offered(client: Client, document: Document) -> dict[str, Any]:
    return {tool["tool"]: tool for tool in client.get(f"/editor/{document.pk}/generate").json()["tools"]}


def job_of(client: Client, document: Document, tool: str, **body: Any) -> Job:
    answer = place(client, document, tool, **body)
    assert answer.status_code == 202, answer.content
    work()
    job = row_of(client.get(answer.json()["url"]).json()).job
    assert job is not None
    return job


def seen_by(job: Job) -> np.typing.NDArray[np.uint8]:
    """The pixels that a job starts from."""
    return master_of(Upload.objects.get(pk=job.request["reference"].partition(":")[2]))


def test_an_instruction_is_given_with_all_of_the_picture(
    photo: Document, hers: Client, alice: User, switch: Switch
) -> None:
    assert "instruct" not in offered(hers, photo)
    switch(EDITING)
    tool = offered(hers, photo)["instruct"]
    assert (tool["gives"], tool["words"], tool["selection"]) == ("layer", "needed", "optional")
    assert [model["price"] for model in tool["models"]] == [12]
    send(hers, photo, [a_stroke(photo.head, (10, 10), (150, 150))])
    select(hers, photo, (5, 5, 9, 9))

    job = job_of(hers, photo, "instruct", words="make it night", model="qwen-image-edit-2511", whole=True)

    assert (job.kind, job.model, job.price) == ("edit", "qwen-image-edit-2511", 12)
    assert (job.request["prompt"], job.request["for_editor"]) == ("make it night", True)
    assert np.array_equal(seen_by(job), pixels_of(photo))
    assert ledger.balance(alice).held == 12


def test_a_model_that_cuts_out_gets_the_layer_alone(photo: Document, hers: Client, switch: Switch) -> None:
    switch(CUTTING)
    assert [model["id"] for model in offered(hers, photo)["remove_background"]["models"]] == ["cut"]
    alone = pixels_of(photo)
    do(hers, photo, "layer.add", layer="top", name="Top", group=None, above=opening.BASE)
    do(hers, photo, "fill", layer="top", rgba=0xFF0000FF, opacity=255, mode="normal")
    do(hers, photo, "layer.set", layer=opening.BASE, opacity=40, visible=False)
    do(hers, photo, "layer.mask", layer=opening.BASE, **{"from": "black"})

    job = job_of(hers, photo, "remove_background", layer=opening.BASE, words="")

    assert (job.kind, job.price) == ("remove_background", 2)
    assert np.array_equal(seen_by(job), alone)


def test_a_size_that_needs_a_purchase_is_refused_before_anything_is_drawn(
    photo: Document, hers: Client, settings: Any
) -> None:
    settings.SIZE_BEFORE_PURCHASE = "1k"
    answer = place(hers, photo, "upscale", scale="4k", price=4)
    assert (answer.status_code, answer.json()["code"]) == (422, "size")
    assert "Sizes above 1K need a plan or bought credits." in answer.json()["sentence"]
    assert place(hers, photo, "upscale", scale="x2", price=1).status_code == 202


def test_a_network_of_many_free_orders_waits(photo: Document, hers: Client, settings: Any) -> None:
    settings.FREE_JOBS_PER_NETWORK_HOUR, settings.FREE_JOBS_PER_NETWORK_DAY = 1, 0
    hers.defaults["REMOTE_ADDR"] = "203.0.113.7"
    assert place(hers, photo, "upscale", scale="x2", price=1).status_code == 202
    answer = place(hers, photo, "upscale", scale="x2", price=1)
    assert (answer.status_code, answer.json()["code"]) == (422, "many")
    assert "Too many pictures were requested from your network" in answer.json()["sentence"]
