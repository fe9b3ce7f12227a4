"""Ordering a change to a picture: its price, its mask, and where masks are not seen. Bad input: test_bad_input.py."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.models import Job, Picture, Upload
from generation.pictures import references
from generation.requests import catalogue, ordering
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest
from generation.requests.sizes import Size
from generation.uploads import listing, masks
from image2.lib.ids import new_id
from tests.generation.test_edits import an_entry

SIZE = Size(640, 400)
MARKED = Box(100, 100, 300, 200)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_model_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = an_entry(projection="")  # not one that looks for what is stored with a picture
    monkeypatch.setattr(catalogue, "get", lambda _id: entry)


def a_picture(owner: User, size: Size = SIZE) -> Picture:
    return Picture.objects.create(
        owner=owner, recipe={}, model="bundled", width=size.width, height=size.height
    )


def a_mask(owner: User, size: Size = SIZE, marked: Box = MARKED) -> Upload:
    mask = Image.new("L", (size.width, size.height))
    mask.paste(255, marked.corners)
    return masks.keep(user=owner, mask=mask)


def inpainting(picture: Picture, mask: Upload, **changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {
        "reference": f"picture:{picture.pk}", "source": SIZE, "mask": f"upload:{mask.pk}", "marked": MARKED,
        "prompt": "a boat", "seed": 1,
    }  # fmt: skip
    return ordering.inpaint(an_entry(), **values | changes)


def order(user: User, request: GenerationRequest) -> Job:
    return submission.submit(user=user, request=request, idempotency_key=str(new_id()))


def test_a_good_order_is_held_at_its_price_and_keeps_its_mask(alice: User) -> None:
    mask = a_mask(alice)
    job = order(alice, inpainting(a_picture(alice), mask, count=2))
    assert ledger.balance(alice).held == job.price == 2
    assert job.parsed_request.edit is not None
    assert references.uploads_of_live_jobs() == {mask.pk}


def test_masks_are_on_no_list_and_no_reference(alice: User) -> None:
    mask = a_mask(alice)
    assert listing.newest(user=alice).uploads == []
    with pytest.raises(references.ReferenceGone):
        references.find(user=alice, reference=f"upload:{mask.pk}")
    assert references.find_mask(user=alice, reference=f"upload:{mask.pk}") == mask


def test_layers_may_be_eight(alice: User) -> None:
    picture = a_picture(alice)
    request = ordering.layers(
        an_entry(), reference=f"picture:{picture.pk}", source=SIZE, count=8, seed=1
    )  # fmt: skip
    job = order(alice, request)
    assert (job.count, job.price) == (8, 8)
