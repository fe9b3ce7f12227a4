"""An operator's model of the class of Segment Anything: loaded from its folder, and run through the whole worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.engine.contract import ModelUnavailable
from generation.engine.families import load
from generation.models import Job
from generation.pictures import changes
from generation.requests import catalogue, ordering
from generation.requests.boxes import Box
from generation.requests.sizes import SHAPES, Size
from tests.generation.core.test_cutout import ENTRY, noise
from tests.generation.core.test_edit_runs import an_upload, order, pixels
from tests.generation.engine.tiny import segment_anything

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=["sam", "sam2"])
def model(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of its weights."""
    folder = segment_anything.SAVED[request.param](tmp_path / request.param)
    sizes = "\n".join(f'"{shape}" = [64, 64]' for shape in SHAPES)
    text = ENTRY.format(folder=folder, sizes=sizes).replace("remove_background", "segment")
    file = tmp_path / "catalogue.toml"
    file.write_text(text.replace('family = "cutout"', 'family = "segment_anything"'))
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
    return folder


@pytest.mark.few(1)
def test_a_click_in_an_upload_gives_a_mask_of_its_size_for_free(alice: User, model: Path) -> None:
    upload = an_upload(alice, noise(Size(90, 60)))
    entry = changes.model_for("segment", upload)
    assert entry is not None
    assert entry.id == "cutout"
    about = {"reference": f"upload:{upload.pk}", "source": Size(90, 60)}
    jobs = [
        order(alice, ordering.segment(entry, **about, **prompts))  # type: ignore[arg-type]
        for prompts in (
            {"inside": ((20, 20),)},
            {"inside": ((20, 20), (40, 30)), "outside": ((80, 50),)},
            {"box": Box(10, 10, 60, 50)},
        )
    ]
    for job in jobs:
        assert (job.price, ledger.balance(alice).available) == (0, 1000)
        if job.state == Job.State.FAILED:  # random weights may well find nothing
            assert job.error_code == "nothing"
            continue
        picture = job.pictures.get()
        assert not picture.kept
        assert picture.recipe["stages"][0] == {"stage": "segment", "by": "cutout"}
        assert pixels(picture).shape == (60, 90, 4)
    assert any(job.state == Job.State.DONE for job in jobs)


def test_what_is_asked_reaches_the_model_where_it_lies_in_the_picture(alice: User, model: Path) -> None:
    family = load(catalogue.get("cutout"))
    levels = np.zeros((60, 90, 3), np.uint8)
    levels[10:30, 10:40] = 255
    picture = Image.fromarray(levels)

    def share(*inside: tuple[int, int], box: Box | None = None) -> Any:
        def look(size: Size) -> Image.Image:
            return picture.resize((size.width, size.height))

        return family.share(look, Size(90, 60), inside, (), box)  # type: ignore[attr-defined]

    first = share((20, 20))
    # SAM sees the picture's proportions, SAM 2 a square.
    assert first.shape == ((43, 64) if model.name == "sam" else (64, 64))
    assert np.array_equal(first, share((20, 20)))
    assert not np.array_equal(first, share((80, 50)))
    assert not np.array_equal(share((20, 20), (30, 20)), share((20, 20), box=Box(5, 5, 50, 40)))


def test_a_folder_of_something_else_is_refused(alice: User, model: Path) -> None:
    config = model / "config.json"
    config.write_text(config.read_text().replace('"model_type": "sam', '"model_type": "bert'))
    with pytest.raises(ModelUnavailable, match="runs sam, sam2"):
        load(catalogue.get("cutout"))
    (model / "model.safetensors").rename(model / "weights.bin")
    with pytest.raises(ModelUnavailable):
        load(catalogue.get("cutout"))
