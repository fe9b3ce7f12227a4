"""Ordering a change to a picture: whatever is wrong is one sentence; nothing is charged, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.jobs import submission
from generation.models import File, Job, Picture, StorageDeletion, Upload
from generation.pictures import references
from generation.requests import catalogue, kinds, ordering
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size
from generation.uploads import listing, masks
from generation.uploads.intake import Refused
from image2.lib.ids import new_id
from tests.generation.test_edits import an_entry, of_kind

SIZE = Size(640, 400)
MARKED = Box(100, 100, 300, 200)
Refs = dict[str, str]

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


def _mask_of_another_size(alice: User, _bob: User) -> GenerationRequest:
    return inpainting(a_picture(alice), a_mask(alice, Size(320, 200), Box(10, 10, 90, 90)))


def _mask_of_somebody_else(alice: User, bob: User) -> GenerationRequest:
    return inpainting(a_picture(alice), a_mask(bob))


def _mask_that_is_a_picture(alice: User, _bob: User) -> GenerationRequest:
    upload = Upload.objects.create(owner=alice, name="a.png", width=SIZE.width, height=SIZE.height)
    return inpainting(a_picture(alice), upload)


def _mask_with_more_marked(alice: User, _bob: User) -> GenerationRequest:
    return inpainting(a_picture(alice), a_mask(alice, marked=Box(0, 0, 640, 390)))


def _picture_of_another_person(alice: User, bob: User) -> GenerationRequest:
    return inpainting(a_picture(bob), a_mask(alice))


def _picture_in_the_trash(alice: User, _bob: User) -> GenerationRequest:
    picture = a_picture(alice)
    Picture.objects.filter(pk=picture.pk).update(deleted_at=timezone.now())
    return inpainting(picture, a_mask(alice))


def _picture_of_another_size(alice: User, _bob: User) -> GenerationRequest:
    return inpainting(a_picture(alice, Size(320, 200)), a_mask(alice))


def _mask_as_a_picture(alice: User, _bob: User) -> GenerationRequest:
    return ordering.remove_background(an_entry(), reference=f"upload:{a_mask(alice).pk}", source=SIZE)


def _second_reference_gone(alice: User, _bob: User) -> GenerationRequest:
    names = (f"picture:{a_picture(alice).pk}", f"upload:{new_id()}")
    return of_kind("edit", an_entry(), references=names)


def _strangers(kind: str) -> Callable[[User, User], GenerationRequest]:
    def make(_alice: User, bob: User) -> GenerationRequest:
        name = f"picture:{a_picture(bob, Size(3840, 2160)).pk}"
        return of_kind(
            kind, an_entry(), **({"references": (name,)} if kind == "edit" else {"reference": name})
        )

    return make


BAD: dict[str, tuple[Callable[[User, User], GenerationRequest], type[Exception]]] = {
    "mask of another size": (_mask_of_another_size, InvalidRequest),
    "mask of somebody else": (_mask_of_somebody_else, submission.ReferenceGone),
    "mask that is a picture": (_mask_that_is_a_picture, submission.ReferenceGone),
    "mask with more marked than the box": (_mask_with_more_marked, InvalidRequest),
    "picture of somebody else": (_picture_of_another_person, submission.ReferenceGone),
    "picture in the trash": (_picture_in_the_trash, submission.ReferenceGone),
    "picture of another size": (_picture_of_another_size, InvalidRequest),
    "mask instead of a picture": (_mask_as_a_picture, submission.ReferenceGone),
    "second reference deleted meanwhile": (_second_reference_gone, submission.ReferenceGone),
} | {
    f"{kind} of a stranger's picture": (_strangers(kind), submission.ReferenceGone)
    for kind in kinds.KINDS
    if kind not in {*kinds.FIRST_KINDS, "inpaint"}
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused_and_nothing_is_charged_or_lost(name: str, alice: User, bob: User) -> None:
    make, refusal = BAD[name]
    request = make(alice, bob)
    there = (set(Upload.objects.values_list("pk")), set(Picture.objects.values_list("pk")))
    with pytest.raises(refusal) as refused:
        order(alice, request)
    if isinstance(refused.value, InvalidRequest):
        assert str(refused.value).endswith(".")
        assert len(refused.value.errors) == 1
    assert not Job.objects.exists()
    balance = ledger.balance(alice)
    assert (balance.available, balance.held) == (1000, 0)
    assert (set(Upload.objects.values_list("pk")), set(Picture.objects.values_list("pk"))) == there
    assert not StorageDeletion.objects.exists()


@pytest.mark.parametrize(
    ("level", "sentence"), [(0, "Nothing is marked."), (255, "The whole picture is marked.")]
)
def test_a_mask_that_says_nothing_is_refused_and_not_kept(level: int, sentence: str, alice: User) -> None:
    with pytest.raises(Refused, match=sentence):
        masks.keep(user=alice, mask=Image.new("L", (64, 64), level))
    assert not Upload.objects.exists()
    assert not File.objects.exists()


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
