"""Whether the picture that a document began with still lies where it lay: by every kind of step, and after many."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from accounts.models import User
from editor import opening
from editor.generating import standing
from editor.log import schema
from editor.models import Document, Operation
from generation.models import Picture
from generation.requests import catalogue
from generation.requests.sizes import Size
from image2.lib.ids import new_id
from tests.generation.files.conftest import NewPicture, local_storage, new_picture
from tests.generation.web.test_changes import with_fields

__all__ = ["local_storage", "new_picture"]


def test_every_kind_of_step_says_whether_the_picture_may_lie_elsewhere_after_it() -> None:
    assert set(schema.KINDS) == standing._DISPLACING | standing._STAYING
    assert not standing._DISPLACING & standing._STAYING


@pytest.fixture
def document(alice: User, new_picture: NewPicture, local_storage: Path) -> Document:
    picture = new_picture(alice)
    with_fields(picture)
    return opening.from_reference(user=alice, reference=f"picture:{picture.pk}")


def add(document: Document, parent: UUID | None, kinds: list[str]) -> list[UUID]:
    """Rows of a log, one after the other: what they hold does not matter here."""
    seq = document.operations.order_by("-seq").values_list("seq", flat=True)[0]
    rows = []
    for number, kind in enumerate(kinds, start=seq + 1):
        uid = new_id()
        about = {
            "uid": uid,
            "parent": parent,
            "seq": number,
            "kind": kind,
            "engine": "k1",
            "outlined_by": uid,
        }
        rows.append(Operation(document=document, body={}, **about))
        parent = uid
    Operation.objects.bulk_create(rows)
    return [row.uid for row in rows]


def begun(document: Document, operation: UUID) -> Picture | None:
    picture = Picture.objects.get()
    size = Size(picture.width, picture.height)
    return standing.begun_with(document, operation, size, catalogue.get("bundled"))


@pytest.mark.django_db
def test_a_thousand_strokes_leave_it_known(document: Document) -> None:
    *_others, last = add(document, document.head, ["stroke"] * 1000)
    assert begun(document, last) == Picture.objects.get()
    assert begun(document, new_id()) is None


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["mesh", "retouch.liquify", "retouch.bend"])
def test_what_bends_it_displaces_it_until_it_is_undone(document: Document, kind: str) -> None:
    first, bent, after = add(document, document.head, ["stroke", kind, "stroke"])
    (instead,) = add(document, first, ["stroke"])
    assert [begun(document, at) is None for at in (first, bent, after, instead)] == [False, True, True, False]
