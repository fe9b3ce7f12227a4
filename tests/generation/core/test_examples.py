"""A model's example is drawn by the model, in the worker, of the same words and seed as every other's."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from generation import examples
from generation.engine.families.weights import revision
from generation.models import ModelExample, Worker
from generation.moderation import pictures
from generation.requests import catalogue
from generation.requests.catalogue import Entry
from generation.requests.sizes import SHAPES
from generation.worker import examples as drawing
from generation.worker import reporting, warming

pytestmark = pytest.mark.django_db(transaction=True)

_TINY = {
    "sdxl": "sdxl",
    "flux2-klein-4b": "flux2-klein",
    "qwen-image-edit-2511": "qwen-image-edit",
    "qwen-image-layered": "qwen-image-layered",
}
Switch = Callable[..., Entry]


@pytest.fixture
def switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Switch]:
    """Switch a shipped entry on, with tiny weights that draw 64 × 48 pixels."""
    from tests.generation.engine.families.conftest import seen_small
    from tests.generation.engine.tiny.models import MODELS  # brings torch along

    def switch(model: str, more: str = "") -> Entry:
        folder = MODELS[_TINY[model]].save(tmp_path / model)
        sizes = "\n".join(f'"{shape}" = [64, 48]' for shape in SHAPES)
        (tmp_path / "catalogue.toml").write_text(
            f'[models.{model}]\nenabled = true\nsource = "{folder}"\nvariant = ""\nmemory_mb = 50\nmin_steps = 2\n'
            f"default_steps = 2\n{more}\n[models.{model}.base_sizes]\n{sizes}\n"
        )
        monkeypatch.setenv("IMAGE2_CATALOGUE", str(tmp_path / "catalogue.toml"))
        catalogue.reload()
        return catalogue.get(model)

    with seen_small():
        yield switch
    catalogue.reload()


@pytest.mark.parametrize(
    ("model", "prompt"),
    [("sdxl", examples.PROMPT), ("qwen-image-edit-2511", examples.INSTRUCTION)],
)
def test_it_is_drawn_stored_and_shown(switched_on: Switch, model: str, prompt: str) -> None:
    entry = switched_on(model)
    drawing.draw(model, "token")
    row = ModelExample.objects.get()
    assert (row.model, row.prompt, row.seed) == (model, prompt, examples.SEED)
    assert entry.folder is not None
    assert row.weights == revision(entry.folder, entry)
    with Image.open(io.BytesIO(bytes(row.image))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (512, 288))
        assert len(picture.getcolors(1 << 20) or [1, 2]) > 1
    shown = examples.of([entry])[model]
    assert (shown.width, shown.height, shown.prompt) == (512, 288, prompt)


def test_the_same_weights_draw_the_same_picture_and_an_entry_says_its_own_words(switched_on: Switch) -> None:
    switched_on("sdxl", 'example_prompt = "a sign"')
    drawing.draw("sdxl", "a")
    first = ModelExample.objects.get()
    drawing.draw("sdxl", "b")
    second = ModelExample.objects.get()
    assert first.prompt == "a sign"
    assert bytes(first.image) == bytes(second.image)
    assert examples.version(first) != examples.version(second)


def test_the_name_of_its_weights_is_cut_where_the_row_ends(
    switched_on: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model with options has a longer one than any row holds; PostgreSQL would refuse it."""
    entry = switched_on("sdxl", 'offload = "model"')
    assert entry.folder is not None
    assert ModelExample._meta.get_field("weights").max_length == drawing._LONGEST_REVISION
    monkeypatch.setattr(drawing, "_LONGEST_REVISION", 20)
    drawing.draw("sdxl", "token")
    assert ModelExample.objects.get().weights == revision(entry.folder, entry)[:20]


def test_a_model_that_draws_nothing_for_create_says_so(switched_on: Switch) -> None:
    entry = switched_on("qwen-image-layered")
    Worker.objects.create(name="w", lane="gpu")
    with pytest.raises(examples.NoExample, match="has no example"):
        warming.ask_for_example(entry, seconds=1)


def test_what_goes_wrong_keeps_the_older_one_and_is_the_workers_last_error(
    switched_on: Switch, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched_on("sdxl")
    drawing.draw("sdxl", "a")
    before = ModelExample.objects.get()

    def refuse(_file: Path) -> None:
        raise pictures.PictureRefused

    monkeypatch.setattr(pictures, "check", refuse)
    drawing.draw("sdxl", "b")
    assert bytes(ModelExample.objects.get().image) == bytes(before.image)
    assert ModelExample.objects.get().made_at == before.made_at
    facts = reporting._facts(catalogue.get("sdxl"), {}, {})
    assert "refused what it drew" in facts["example_error"]
    assert facts["state"] == "here"
    assert "error" not in facts
    reporting.worked("sdxl")
    assert "example_error" not in reporting._facts(catalogue.get("sdxl"), {}, {})


def test_weights_that_could_run_code_draw_nothing(switched_on: Switch) -> None:
    entry = switched_on("sdxl")
    assert entry.folder is not None
    (entry.folder / "unet" / "more.bin").write_bytes(b"code")
    drawing.draw("sdxl", "a")
    assert not ModelExample.objects.exists()
    assert "can run code" in reporting._errors.pop("sdxl")
