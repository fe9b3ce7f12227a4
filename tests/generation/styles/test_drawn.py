"""Styles drawn for real: a job keeps the prompt as typed, examples are drawn by the model that they are shown for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from PIL import Image

from accounts.models import User
from generation.models import Picture
from generation.requests import catalogue, marking
from generation.styles import examples, presets
from generation.worker import run
from tests.generation.styles.conftest import Write
from tests.generation.web.test_creating import TYPED


@pytest.fixture(autouse=True)
def models_afresh() -> Iterator[None]:
    yield
    catalogue.reload()


@pytest.mark.django_db(transaction=True)
def test_a_job_draws_the_words_and_keeps_the_prompt(hers: Client, alice: User, tiny_model: None) -> None:
    hers.post("/create/", TYPED | {"style": "rain", "size": "1k", "count": "1", "quoted": "1", "steps": "4"})
    run.run("gpu")
    picture = Picture.objects.get()
    assert picture.prompt == "a red sailboat"
    assert "rain" not in str(picture.search_text)
    assert picture.recipe["style"] == {"key": "rain", "name": "Rain", "version": 1}
    assert picture.recipe["words"]["prompt"] == "a red sailboat in the rain"


@pytest.mark.long
def test_a_model_draws_its_examples_into_the_operators_folder(
    own_styles: Write, tiny_model: None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = own_styles("") / "examples" / "bundled"
    folder.mkdir(parents=True)
    for name in ("rain-7.webp", "rainbow-1.webp"):
        (folder / name).write_bytes(b"old")
    call_command("styles", "draw", "bundled", "--only", "rain", "--only", "fog")
    # The picture of an older version goes; that of a style with a longer key stays.
    assert {path.name for path in folder.iterdir()} == {"rain-1.webp", "fog-1.webp", "rainbow-1.webp"}
    for name in ("rain-1.webp", "fog-1.webp"):
        with Image.open(folder / name) as picture:
            assert (picture.format, picture.size) == ("WEBP", (examples.WIDTH, examples.HEIGHT))
    assert "rain-1.webp" in capsys.readouterr().out
    found = presets.find("rain")
    assert found is not None
    assert examples.own(found, model="bundled") == folder / "rain-1.webp"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["draw", "dall-e"], "There is no model 'dall-e'"),
        (["draw", "bundled", "--only", "watercolour"], "bundled is offered none of these styles"),
        (["draw", "bundled"], "Name a folder for the pictures: set IMAGE2_STYLES"),
        (["draw", "sdxl", "--shipped"], "its weights aren't on this machine"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMAGE2_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CommandError) as caught:
        call_command("styles", *arguments)
    assert says in str(caught.value)


def test_the_list_says_which_models_are_offered_each(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("styles", "list")
    lines = {line.split()[0]: line.split(maxsplit=2)[2] for line in capsys.readouterr().out.splitlines()}
    assert lines["rain"] == "bundled"
    assert lines["watercolour"] == "no model that is switched on"


def test_a_style_on_the_command_line(tmp_path: Path, tiny_model: None) -> None:
    options = ["--seed", "7", "--steps", "4", "--out", str(tmp_path / "a.png")]
    call_command("generate", "a red sailboat", "--style", "fog", *options)
    with (tmp_path / "a.png").open("rb") as file:
        recipe = marking.read_png(file)
    assert recipe is not None
    assert recipe["words"]["prompt"] == "a red sailboat in the fog"
    with pytest.raises(
        CommandError, match=r"bundled can't follow the style “photo”\. It can follow: sunrise"
    ):
        call_command("generate", "a red sailboat", "--style", "photo", *options)


@pytest.mark.long
def test_an_example_that_ships_is_what_the_shipped_model_draws(own_styles: Write) -> None:
    folder = own_styles("") / "examples" / "bundled"
    call_command("styles", "draw", "bundled", "--only", "moonlight")
    drawn, shipped = (
        np.asarray(Image.open(place / "moonlight-1.webp").convert("RGB"), np.int16)
        for place in (folder, examples.SHIPPED / "bundled")
    )
    # Drawn alone and drawn with others differ by rounding, and WebP by a little more.
    assert np.abs(drawn - shipped).mean() < 1
