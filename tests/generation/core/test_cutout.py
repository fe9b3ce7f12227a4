"""An operator's model that removes backgrounds: offered on pictures and taken for uploads, through the whole worker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.models import Job, Picture
from generation.pictures import changes
from generation.requests import catalogue, ordering
from generation.requests.sizes import SHAPES, Size
from generation.views.pictures import offers
from tests.generation.core.test_edit_runs import an_upload, order, pixels
from tests.generation.engine.tiny import cutout

pytestmark = [pytest.mark.django_db(transaction=True)]

ENTRY = """
[models.cutout]
label = "Cutout"
family = "cutout"
source = "{folder}"
licence = "Apache-2.0"
licence_read = 2026-11-28
commercial_use = true
capabilities = ["remove_background"]
default_steps = 1
min_steps = 1
max_steps = 1
default_guidance = 1.0
min_guidance = 1.0
max_guidance = 1.0
memory_mb = 200
base_price = 3
enabled = true

[models.cutout.base_sizes]
{sizes}
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of its weights."""
    folder = cutout.save_random(tmp_path / "cutout")
    sizes = "\n".join(f'"{shape}" = [1024, 1024]' for shape in SHAPES)
    file = tmp_path / "catalogue.toml"
    file.write_text(ENTRY.format(folder=folder, sizes=sizes))
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
    return folder


def noise(size: Size) -> Image.Image:
    levels = np.random.default_rng(1).integers(0, 256, (size.height, size.width, 3), np.uint8)
    return Image.fromarray(levels)


def test_an_upload_loses_its_background_and_nothing_else(alice: User, model: Path) -> None:
    source = noise(Size(90, 60))
    upload = an_upload(alice, source)
    entry = changes.model_for("remove_background", upload)
    assert entry is not None
    assert entry.id == "cutout"
    request = ordering.remove_background(entry, reference=f"upload:{upload.pk}", source=Size(90, 60))
    job = order(alice, request)
    assert (job.state, job.price, ledger.balance(alice).available) == (Job.State.DONE, 3, 997), job.error_code
    cut = pixels(job.pictures.get())
    assert cut.shape == (60, 90, 4)
    assert cut[:, :, 3].min() < 80
    assert cut[:, :, 3].max() > 180
    seen = cut[:, :, 3] > 0
    assert np.array_equal(cut[seen][:, :3], np.asarray(source)[seen])
    (line,) = job.pictures.get().parents.all()
    assert line.upload == upload


def test_the_button_is_there_for_a_picture_without_fields(alice: User, model: Path) -> None:
    picture = Picture.objects.create(owner=alice, recipe={}, model="bundled", width=640, height=400)
    assert [(offer.name, offer.price) for _icon, offer in offers.offers_of(picture).others] == [
        ("variation", 2),
        ("remove_background", 3),
    ]


def test_a_model_that_can_not_be_loaded_costs_nothing(alice: User, model: Path) -> None:
    (model / "model.onnx").write_bytes(b"no model")
    upload = an_upload(alice, noise(Size(90, 60)))
    request = ordering.remove_background(
        catalogue.get("cutout"), reference=f"upload:{upload.pk}", source=Size(90, 60)
    )
    job = order(alice, request)
    assert (job.state, job.error_code) == (Job.State.FAILED, "model_missing")
    assert (ledger.balance(alice).available, ledger.balance(alice).held) == (1000, 0)


def test_what_its_folder_says_wrong_is_named(alice: User, model: Path) -> None:
    from generation.engine import ModelUnavailable
    from generation.engine.families import load

    (model / "preprocess.json").write_text('{"sizes": [32, 32]}')
    with pytest.raises(ModelUnavailable, match=r"preprocess.json has 'sizes'; it may have size, mean, std"):
        load(catalogue.get("cutout"))
