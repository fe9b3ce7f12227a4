"""What can be wrong with each kind of request, as one table: one sentence; nothing is charged, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from billing import ledger
from generation.jobs import refusals, submission
from generation.models import File, Job, Picture, StorageDeletion, Upload
from generation.pictures import trash
from generation.requests import catalogue, kinds
from generation.requests.boxes import Box
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size
from generation.uploads import masks
from generation.uploads.intake import Refused
from generation.worker import run
from image2.lib.ids import new_id
from tests.generation.requesting import a_request
from tests.generation.test_edits import an_entry, of_kind

SIZE = Size(640, 400)
MARKED = Box(100, 100, 300, 200)
GONE = "This picture isn't there any more. Choose another one."
FROM_A_PICTURE = [kind for kind in kinds.KINDS if kind != "text_to_image"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_model_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = an_entry(projection="")  # not one that looks for what is stored with a picture
    monkeypatch.setattr(catalogue, "get", lambda _id: entry)


@dataclass
class World:
    """Alice, who asks, bob, and what there is before she does."""

    alice: User
    bob: User
    there: list[Any] = field(default_factory=list)

    def picture(self, owner: User | None = None, size: Size = SIZE) -> str:
        made = Picture.objects.create(
            owner=owner or self.alice, recipe={}, model="bundled", width=size.width, height=size.height
        )
        self.remember()
        return f"picture:{made.pk}"

    def upload(self, owner: User | None = None) -> str:
        made = Upload.objects.create(
            owner=owner or self.alice, name="a.png", width=SIZE.width, height=SIZE.height
        )
        self.remember()
        return f"upload:{made.pk}"

    def mask(
        self, owner: User | None = None, size: Size = SIZE, marked: Box = MARKED, level: int = 255
    ) -> str:
        levels = Image.new("L", (size.width, size.height))
        levels.paste(level, marked.corners)
        kept = masks.keep(user=owner or self.alice, mask=levels)  # one that is refused must leave nothing
        self.remember()
        return f"upload:{kept.pk}"

    def remember(self) -> None:
        self.there = self.stored()

    def stored(self) -> list[Any]:
        balance = ledger.balance(self.alice)
        models = (Upload, Picture, File, Job, StorageDeletion)
        return [
            *(set(model._default_manager.values_list("pk")) for model in models),
            balance.available,
            balance.held,
        ]

    def order(self, make: Make) -> None:
        request = make(self)
        self.remember()
        submission.submit(user=self.alice, request=request, idempotency_key=str(new_id()))


Make = Callable[[World], GenerationRequest]


def about(kind: str, reference: str, world: World, **more: Any) -> GenerationRequest:
    """A request of this kind that starts from `reference`."""
    if kind == "image_to_image":
        return a_request(kind=kind, reference=reference, strength=0.5, **more)
    if kind == "edit":
        return of_kind(kind, an_entry(), **{"references": (reference,)} | more)
    values: dict[str, Any] = {"reference": reference, "source": SIZE} | more
    if kind == "inpaint":
        values = {"mask": world.mask(), "marked": MARKED} | values
    if kind == "outpaint":
        values = {"canvas": Size(900, 600), "place": (10, 10)} | values
    return of_kind(kind, an_entry(), **values)


def inpainting(**more: Any) -> Make:
    """A mask by `more`: what `World.mask` takes, or another name."""

    def make(world: World) -> GenerationRequest:
        picture = world.picture()
        return about("inpaint", picture, world, mask=more.get("named") or world.mask(**more))

    return make


def five_references(kind: str) -> Make:
    def make(world: World) -> GenerationRequest:
        names = tuple(world.picture() for _ in range(5))
        if kind == "edit":
            return of_kind("edit", an_entry(), references=names)
        # Other kinds have one reference, and no place for more.
        asked = about(kind, names[0], world).to_json()
        asked["edit"] = asked.get("edit", {}) | {"references": list(names[1:])}
        return GenerationRequest.from_json(asked)

    return make


def of_another_person(kind: str) -> Make:
    return lambda world: about(kind, world.picture(world.bob), world)


def deleted_meanwhile(kind: str) -> Make:
    def make(world: World) -> GenerationRequest:
        picture = world.picture()
        asked = about(kind, picture, world)
        Picture.objects.filter(pk=picture.partition(":")[2]).update(deleted_at=timezone.now())
        return asked

    return make


def removed_upload(kind: str) -> Make:
    def make(world: World) -> GenerationRequest:
        asked = about(kind, upload := world.upload(), world)
        Upload.objects.filter(pk=upload.partition(":")[2]).delete()
        return asked

    return make


def _another_size(kind: str) -> Make:
    return lambda world: about(kind, world.picture(size=Size(320, 200)), world)


def _second_reference_gone(world: World) -> GenerationRequest:
    return of_kind("edit", an_entry(), references=(world.picture(), f"upload:{new_id()}"))


def _second_reference_of_another_person(world: World) -> GenerationRequest:
    return of_kind("edit", an_entry(), references=(world.picture(), world.picture(world.bob)))


def _mask_of_another_person(world: World) -> GenerationRequest:
    return about("inpaint", world.picture(), world, mask=world.mask(world.bob))


def _picture_as_a_mask(world: World) -> GenerationRequest:
    return about("inpaint", world.picture(), world, mask=world.upload())


def _mask_as_a_picture(world: World) -> GenerationRequest:
    return about("remove_background", world.mask(), world)


def _canvas(**more: Any) -> Make:
    return lambda world: about("outpaint", world.picture(), world, **more)


def _scale(scale: str, size: Size) -> Make:
    return lambda world: about("upscale", world.picture(size=size), world, scale=scale, source=size)


# Kind, what is wrong, how it is ordered, and the sentence, or what it begins with.
BAD: list[tuple[str, str, Make, str]] = [
    (
        "inpaint",
        "mask of another size",
        inpainting(size=Size(320, 200), marked=Box(10, 10, 90, 90)),
        "The mask has 320×200 pixels and the picture 640×400. Mark the part again.",
    ),
    (
        "inpaint",
        "empty mask",
        inpainting(level=0),
        "Nothing is marked. Mark the part of the picture that is to change.",
    ),
    (
        "inpaint",
        "all white mask",
        inpainting(marked=Box(0, 0, 640, 400)),
        "The whole picture is marked. Leave a part of it, or generate a new picture.",
    ),
    (
        "inpaint",
        "mask with more marked than the model sees",
        inpainting(marked=Box(0, 0, 640, 390)),
        "The mask was changed meanwhile. Mark the part again.",
    ),
    ("inpaint", "mask of another person", _mask_of_another_person, GONE),
    ("inpaint", "mask that is a picture", _picture_as_a_mask, GONE),
    ("remove_background", "mask instead of a picture", _mask_as_a_picture, GONE),
    (
        "outpaint",
        "canvas over the limit",
        _canvas(canvas=Size(9000, 4000)),
        "That is 9000×4000 pixels. The largest that works is 8192×8192.",
    ),
    (
        "outpaint",
        "canvas smaller than the picture",
        _canvas(canvas=Size(600, 600)),
        "The new size has to hold the whole picture. Make it larger.",
    ),
    (
        "outpaint",
        "canvas that adds nothing",
        _canvas(canvas=SIZE, place=(0, 0)),
        "The new size is the old one. Make it larger on at least one side.",
    ),
    (
        "upscale",
        "larger than the limit",
        _scale("x4", Size(3840, 2160)),
        "That would be 15360×8640 pixels. The largest that works is 8K: 7680×4320 pixels.",
    ),
    ("edit", "five references", five_references("edit"), "Choose at most four reference pictures."),
    ("edit", "second reference deleted meanwhile", _second_reference_gone, GONE),
    ("edit", "second reference of another person", _second_reference_of_another_person, GONE),
    *((kind, "picture of another person", of_another_person(kind), GONE) for kind in FROM_A_PICTURE),
    *((kind, "picture deleted meanwhile", deleted_meanwhile(kind), GONE) for kind in FROM_A_PICTURE),
    *((kind, "upload deleted meanwhile", removed_upload(kind), GONE) for kind in FROM_A_PICTURE),
    *(
        (
            kind,
            "picture of another size",
            _another_size(kind),
            "This picture has another size now. Start again from it.",
        )
        for kind in sorted(kinds.OF_THE_PICTURES_SIZE)
    ),
    *(
        (
            kind,
            "five references",
            five_references(kind),
            "Only an edit takes more than one reference picture. Remove all but the first.",
        )
        for kind in FROM_A_PICTURE
        if kind != "edit"
    ),
]


@pytest.mark.parametrize(
    ("make", "sentence"), [row[2:] for row in BAD], ids=[f"{kind}: {wrong}" for kind, wrong, *_ in BAD]
)
def test_bad_input_is_one_sentence_and_nothing_is_charged_or_lost(
    make: Make, sentence: str, alice: User, bob: User
) -> None:
    world = World(alice, bob)
    world.remember()
    with pytest.raises((InvalidRequest, Refused, submission.ReferenceGone)) as caught:
        world.order(make)
    assert _said(caught.value) == sentence
    assert world.stored() == world.there


def _said(error: Exception) -> str:
    """What the person reads."""
    if isinstance(error, submission.ReferenceGone):
        return refusals.refusal(error).sentence
    if isinstance(error, InvalidRequest):
        assert len(error.errors) == 1
    return str(error)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", FROM_A_PICTURE)
def test_a_picture_that_is_deleted_while_the_job_waits_fails_it_and_costs_nothing(
    kind: str, alice: User, bob: User
) -> None:
    world = World(alice, bob)
    world.order(lambda world: about(kind, world.picture(), world))
    picture = Picture.objects.get()
    trash.delete(user=alice, pictures=[picture.pk])
    run.run("gpu")
    job = Job.objects.get()
    assert (job.state, job.error_code) == (Job.State.FAILED, "reference")
    assert (ledger.balance(alice).available, ledger.balance(alice).held) == (1000, 0)
    assert list(Picture.objects.in_trash_of(alice)) == [picture]
