"""Each kind of edit through the whole worker: claimed, run, stored, charged, with its lineage."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from accounts.models import User
from billing import ledger
from generation.files import storing
from generation.jobs import submission
from generation.models import File, Job, Lineage, Picture, Upload
from generation.pictures import trash
from generation.requests import catalogue, ordering
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size
from generation.uploads import intake, masks
from generation.worker import run
from image2.lib.ids import new_id
from tests.generation.engine.orders import levels_of

from .conftest import Submit

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def picture(alice: User, submit: Submit, tiny_model: None) -> Picture:
    submit(alice, steps=4, shape="16:9")
    run.run("gpu")
    return Picture.objects.get()


def order(user: User, request: GenerationRequest) -> Job:
    job = submission.submit(user=user, request=request, idempotency_key=str(new_id()))
    run.run("gpu")
    job.refresh_from_db()
    return job


def entry() -> catalogue.Entry:
    return catalogue.get("bundled")


def about(found: Picture | Upload) -> dict[str, Any]:
    kind = "picture" if isinstance(found, Picture) else "upload"
    return {"reference": f"{kind}:{found.pk}", "source": Size(found.width, found.height)}


def pixels(found: Picture | Upload) -> np.typing.NDArray[np.uint8]:
    with storing.opened(found.files.get(role=File.Role.MASTER).key) as file:
        return levels_of(io.BytesIO(file.read()))


def an_upload(user: User, picture: Image.Image) -> Upload:
    from django.core.files.uploadedfile import SimpleUploadedFile

    out = io.BytesIO()
    picture.save(out, "PNG")
    return intake.ingest(user=user, file=SimpleUploadedFile("a.png", out.getvalue()))


def a_mask(user: User, size: Size, box: tuple[int, int, int, int]) -> tuple[Upload, Box]:
    mask = Image.new("L", (size.width, size.height))
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    kept = masks.keep(user=user, mask=mask)
    assert kept.mask_box
    left, top, right, bottom = kept.mask_box
    return kept, Box(left, top, right, bottom)


def inpainting(user: User, found: Picture | Upload, **more: Any) -> GenerationRequest:
    mask, marked = a_mask(user, Size(found.width, found.height), (20, 20, 200, 160))
    values: dict[str, Any] = {
        "mask": f"upload:{mask.pk}",
        "marked": marked,
        "prompt": "a boat",
        "seed": 3,
        "steps": 4,
    }
    return ordering.inpaint(entry(), **about(found), **values | more)


def test_a_part_is_redrawn_and_the_rest_stays(alice: User, picture: Picture) -> None:
    request = inpainting(alice, picture, count=2)
    job = order(alice, request)
    assert job.state == Job.State.DONE, job.error_code
    made = list(job.pictures.order_by("index"))
    assert len(made) == 2
    before, inside = pixels(picture), None
    for one in made:
        after = pixels(one)
        changed = (after != before).any(axis=2)
        assert changed.any()
        mask = pixels(Upload.objects.get(mask_box__isnull=False))
        inside = mask[:, :, 0] > 0 if mask.ndim == 3 else mask > 0
        assert not changed[~inside].any()
        assert (one.width, one.height, one.prompt) == (1024, 576, "a boat")
        assert {(line.role, bool(line.parent), bool(line.upload)) for line in one.parents.all()} == {
            ("edit", True, False),
            ("mask", False, True),
        }
        stages = [stage["stage"] for stage in one.recipe["stages"]]
        assert stages == ["base", "upscale", "lay_back", "output"]
    assert ledger.balance(alice).available == 1000 - 1 - 2


@pytest.mark.long
def test_ten_changes_in_a_row_leave_what_was_never_marked(alice: User, picture: Picture) -> None:
    touched = np.zeros((576, 1024), bool)
    first, latest = pixels(picture), picture
    for number in range(10):
        box = (100 * number, 40 * number, 100 * number + 120, 40 * number + 150)
        mask, marked = a_mask(alice, Size(1024, 576), box)
        touched |= pixels(mask) > 0
        request = ordering.inpaint(
            entry(),
            **about(latest),
            mask=f"upload:{mask.pk}",
            marked=marked,
            prompt="x",
            seed=number,
            steps=4,
        )
        latest = order(alice, request).pictures.get()
    after = pixels(latest)
    assert np.array_equal(after[~touched], first[~touched])
    assert (after != first)[touched].any()


def test_opacity_stays_where_nothing_was_marked(alice: User, tiny_model: None) -> None:
    source = Image.new("RGBA", (320, 240), (200, 30, 30, 0))
    ImageDraw.Draw(source).rectangle((80, 60, 320, 240), fill=(10, 90, 200, 130))
    upload = an_upload(alice, source)
    made = order(alice, inpainting(alice, upload)).pictures.get()
    before, after = pixels(upload), pixels(made)
    mask = pixels(Upload.objects.get(mask_box__isnull=False)) > 0
    assert after.shape[2] == 4
    assert np.array_equal(after[~mask], before[~mask])
    assert after[80, 100, 3] == 255  # what is redrawn can be seen


def test_a_picture_grows_around_what_there_was(alice: User, picture: Picture) -> None:
    canvas, place = Size(1400, 900), (300, 200)
    request = ordering.outpaint(
        entry(), **about(picture), canvas=canvas, place=place, seed=5, steps=4, prompt="hills"
    )
    made = order(alice, request).pictures.get()
    after = pixels(made)
    assert (made.width, made.height) == (1400, 900)
    assert np.array_equal(after[200 : 200 + 576, 300 : 300 + 1024], pixels(picture))
    assert made.parents.get().role == "edit"


def test_a_variation_is_another_picture_of_its_own_size(alice: User, picture: Picture) -> None:
    request = ordering.variation(entry(), **about(picture), seed=9, steps=8, count=2, prompt=picture.prompt)
    job = order(alice, request)
    assert job.state == Job.State.DONE, job.error_code
    assert [p.parents.get().role for p in job.pictures.all()] == ["reference"] * 2
    assert job.price == 2


@pytest.mark.parametrize(
    ("scale", "size", "price"),
    [("x2", (2048, 1152), 2), pytest.param("4k", (3840, 2160), 4, marks=pytest.mark.long)],
)
def test_a_picture_is_enlarged(
    alice: User, picture: Picture, scale: str, size: tuple[int, int], price: int
) -> None:
    job = order(alice, ordering.upscale(entry(), **about(picture), scale=scale, prompt=picture.prompt))
    made = job.pictures.get()
    assert (job.state, job.price, (made.width, made.height)) == (Job.State.DONE, price, size)
    assert made.parents.get().role == "upscale"
    assert made.prompt == picture.prompt
    small = Image.fromarray(pixels(made)).resize((1024, 576), Image.Resampling.BOX)
    assert np.abs(np.asarray(small).astype(int) - pixels(picture)).mean() < 4


def test_an_upload_with_opacity_is_enlarged_with_it(alice: User, tiny_model: None) -> None:
    source = Image.new("RGBA", (150, 110), (0, 0, 0, 0))
    ImageDraw.Draw(source).ellipse((20, 20, 120, 90), fill=(250, 200, 40, 255))
    upload = an_upload(alice, source)
    made = order(alice, ordering.upscale(entry(), **about(upload), scale="x2")).pictures.get()
    after = pixels(made)
    assert after.shape == (220, 300, 4)
    assert after[5, 5, 3] == 0
    assert after[110, 140, 3] == 255
    # No dark edge: what is invisible is black in the file, and does not shine through.
    seen = after[(after[:, :, 3] > 60)]
    assert seen[:, 0].min() > 200
    thumbnail = made.files.get(role=File.Role.THUMB_256)
    with storing.opened(thumbnail.key) as file, Image.open(file) as image:
        assert image.mode == "RGBA"


def test_what_was_deleted_while_the_job_waited_fails_it_and_costs_nothing(
    alice: User, picture: Picture
) -> None:
    available = ledger.balance(alice).available
    request = inpainting(alice, picture)
    job = submission.submit(user=alice, request=request, idempotency_key="k")
    trash.delete(user=alice, pictures=[picture.pk])
    run.run("gpu")
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "reference")
    assert ledger.balance(alice).available == available
    assert not Lineage.objects.exists()
    assert Picture.objects.in_trash_of(alice).count() == 1
