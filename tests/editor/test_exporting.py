"""Pictures that are made of a document: its pixels, their formats, and what they say of where they came from."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from accounts.models import User
from accounts.people import preferences
from editor import opening
from generation.files import storing, sweeping
from generation.models import File, Lineage, Picture
from generation.requests import recipe as recipes
from tests.editor.making import (
    a_document,
    chain,
    digest_at,
    export,
    send,
    uploaded,
)
from tests.editor.pngs import digest_of_pixels


def master_of(picture: Picture) -> Image.Image:
    with default_storage.open(picture.files.get(role=File.Role.MASTER).key, "rb") as file:
        return Image.open(io.BytesIO(file.read()))


def test_a_picture_of_the_document_has_its_pixels_to_the_byte(alice: User, hers: Client) -> None:
    document = a_document(alice, width=530, height=300, rgba=0)
    send(hers, document, chain(document.head, 12))
    document.refresh_from_db()

    state, picture = export(hers, document)

    assert (state["state"], state["sentence"]) == ("done", "")
    assert picture is not None
    assert hers.get(state["picture"]).status_code == 200
    assert hers.get(state["download"]).status_code == 200
    pixels = np.array(master_of(picture))
    assert pixels.shape == (300, 530, 4)
    assert (
        picture.recipe["editor"]["pixels"] == digest_of_pixels(pixels) == digest_at(document, document.head)
    )
    assert picture.files.filter(role__startswith="thumb").count() == 3


@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_other_formats_are_made_from_it(form: str, alice: User, hers: Client) -> None:
    state, picture = export(hers, a_document(alice), form)

    assert picture is not None
    content = b"".join(hers.get(state["download"]))
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == (form.upper(), (300, 200))


def test_what_no_model_made_is_not_marked_as_made_by_one(alice: User, hers: Client) -> None:
    _state, drawn = export(hers, opening.from_file(user=alice, file=uploaded()))

    assert drawn is not None
    assert recipes.digital_source_type(drawn.recipe).endswith("/humanEdits")
    with default_storage.open(drawn.files.get(role="master").key, "rb") as file:
        content = file.read()
    assert b"humanEdits" in content
    assert b"trainedAlgorithmic" not in content


def test_an_edit_of_a_made_picture_says_so_and_where_it_came_from(alice: User, hers: Client) -> None:
    source = a_made_picture(alice)
    document = opening.from_reference(user=alice, reference=f"picture:{source.pk}")

    _state, edited = export(hers, document)

    assert edited is not None
    assert recipes.digital_source_type(edited.recipe).endswith("/compositeWithTrainedAlgorithmicMedia")
    line = Lineage.objects.get(child=edited)
    assert (line.parent, line.role) == (source, Lineage.Role.EDIT)
    assert edited.prompt == source.prompt
    assert not edited.training_allowed
    again = opening.from_reference(user=alice, reference=f"picture:{edited.pk}")
    assert again.made_with_ai


def test_the_recipe_stays_out_of_files_where_the_person_says_so(alice: User, hers: Client) -> None:
    mine = preferences.of(alice)
    mine.recipe_in_downloads = False
    mine.save()

    _state, picture = export(hers, opening.blank(user=alice, width=9, height=9, rgba=0, title="Secret plan"))

    assert picture is not None
    with default_storage.open(picture.files.get(role="master").key, "rb") as file:
        content = file.read()
    assert b"Secret plan" not in content
    assert b"digitalCreation" in content


def a_made_picture(owner: User) -> Picture:
    """A picture of the history with a real master."""
    recipe = {
        "version": 1,
        "request": {"kind": "text_to_image", "prompt": "a red sailboat", "model": "bundled"},
        "model": {"id": "bundled", "revision": "x"},
    }
    picture = Picture.objects.create(
        owner=owner, recipe=recipe, prompt="a red sailboat", model="bundled", width=64, height=64
    )
    content = uploaded().read()
    stored = storing.store_rendition(
        content, role=File.Role.MASTER, form="png", width=64, height=64, attempt="t"
    )
    storing.publish(picture, storing.StoredPicture((stored,)))
    return picture


def test_a_document_stands_on_a_copy_of_its_own(alice: User, hers: Client) -> None:
    source = a_made_picture(alice)
    document = opening.from_reference(user=alice, reference=f"picture:{source.pk}")
    before = digest_at(document, document.head)

    page = hers.get(f"/pictures/{source.pk}/").content.decode()
    said = hers.post(f"/pictures/{source.pk}/delete/", headers={"hx-request": "true"})
    hers.post("/history/trash/empty/")
    sweeping.delete_due()

    assert f"/editor/{document.pk}/" in page
    assert "still holds a copy" in said.headers["HX-Trigger"]
    assert not Picture.objects.filter(pk=source.pk).exists()
    assert digest_at(document, document.head) == before == digest_of_pixels(rgba(uploaded()))
    _state, made = export(hers, document)
    assert made is not None
    assert not made.parents.exists()


def rgba(file: SimpleUploadedFile) -> Any:
    return np.array(Image.open(file).convert("RGBA"))
