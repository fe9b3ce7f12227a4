"""Texts and shapes in what is made of a document: snapshots, exports, layered files, projects, the film."""

from __future__ import annotations

import io
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from django.test import Client
from PIL import Image
from psd_tools import PSDImage

from accounts.models import User
from editor import documents, opening
from editor.fonts import catalogue
from editor.models import Document
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels
from tests.editor import describing
from tests.editor.calling import NoAssets
from tests.editor.files.making import Drawing, file_of, open_file
from tests.editor.files.test_timelapse import far, frames_of
from tests.editor.making import digest_at, export, work
from tests.editor.pngs import digest_of_pixels

WORDS = "Boats & <ships>\nat dawn"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
XMP = 1060


def a_text(font: str = "NotoSans-Regular", **more: Any) -> dict[str, Any]:
    """Two lines, as a page would have found them."""
    first, second = WORDS.split("\n")
    lines = [
        [[0, len(first), font, "Latn", 0]],
        [[len(first) + 1, len(first) + 1 + len(second), font, "Latn", 0]],
    ]
    place = {"x": 20 * 16, "y": 30 * 16, "align": "left", "leading": 120, "tracking": 0}
    look = {"family": "sans", "weight": 400, "size": 30 * 16, "rgba": 0xFF203060}
    return {"content": WORDS, "lines": lines, **place, **look, **more}


def drawn(owner: User, client: Client, *, font: str = "NotoSans-Regular", steps: int = 0) -> Document:
    """A text, a star in perspective, and a stroke between them."""
    document = opening.blank(user=owner, width=400, height=300, rgba=0xFFF0F0E0)
    drawing = Drawing(document)
    drawing.do("layer.add", layer="star", name="Star", above=opening.BASE, shape=a_star())
    drawing.do("layer.add", layer="text", name="Title", above="star", text=a_text(font))
    drawing.do("layer.add", layer="upper", name="Upper", above="star")
    for number in range(1 + steps):
        drawing.stroke((20 + number, 30), (300, 270 - number), layer="upper", radius=200, rgb=0x4080C0)
    drawing.do("resize", width=520, height=390, method="lanczos")
    drawing.do("layer.set", layer="text", opacity=200)
    drawing.do("select", shape="rectangle", x0=100, y0=0, x1=400, y1=390, feather=9)
    drawing.do("layer.mask", layer="star", **{"from": "selection"})
    drawing.do("select", shape="none")
    drawing.send(client, document)
    return document


def a_star() -> dict[str, Any]:
    """A shape with fill and stroke."""
    author = random.Random(3)
    while True:
        shape = describing.shape(author)
        if shape["kind"] == "star" and "fill" in shape and "stroke" in shape:
            return {**shape, "x": 200 * 64, "y": 150 * 64, "radius": 90 * 64}


def plainly(document: Document) -> Replayed:
    """The document from its first step on, by no snapshot."""
    state = Replayed(Kernels(), NoAssets())
    for each in document.operations.order_by("seq"):
        state.apply(each.kind, each.body, bytes(each.blob))
    return state


@pytest.fixture
def document(alice: User, hers: Client) -> Document:
    return drawn(alice, hers)


def test_a_replay_from_a_snapshot_draws_them_as_one_from_the_first_step(alice: User, hers: Client) -> None:
    document = drawn(alice, hers, steps=70)
    work()
    assert document.snapshots.exists()
    drawing = Drawing(document)
    drawing.do("layer.text", layer="text", text=a_text(size=40 * 16))
    drawing.do("orient", how="90")
    drawing.send(hers, document)
    assert digest_at(document, document.head) == plainly(document).digest()


def test_an_export_is_what_replay_makes(document: Document, hers: Client) -> None:
    state, picture = export(hers, document)
    assert state["state"] == "done", state
    assert picture is not None
    content = b"".join(hers.get(state["download"]))
    with Image.open(io.BytesIO(content)) as image:
        assert digest_of_pixels(np.array(image.convert("RGBA"))) == plainly(document).digest()


def test_photoshop_files_hold_them_as_pixels_and_the_words_in_their_notes(
    document: Document, hers: Client, tmp_path: Path
) -> None:
    state, content = file_of(hers, document, "psd")
    assert "Texts and shapes are pixels there" in state["sentence"]
    (tmp_path / "out.psd").write_bytes(content)
    image = PSDImage.open(tmp_path / "out.psd")
    assert [layer.name for layer in image] == ["Background", "Star", "Upper", "Title"]
    assert image[1].mask is not None
    assert all(layer.width > 50 for layer in image)
    ours = plainly(document).picture().astype(int)
    theirs = np.array(image.composite(force=True, apply_icc=False).convert("RGBA")).astype(int)
    assert np.abs(ours - theirs).max() <= 2
    notes = ET.fromstring(image.image_resources.get_data(XMP).decode().strip("\ufeff"))
    names = [each.text for each in notes.iter(f"{PHOTOSHOP}LayerName")]
    words = [each.text for each in notes.iter(f"{PHOTOSHOP}LayerText")]
    assert (names, words) == (["Title"], [WORDS])


def test_openraster_files_hold_them_as_pixels(document: Document, hers: Client) -> None:
    state, content = file_of(hers, document, "ora")
    assert "Texts and shapes are pixels there." in state["sentence"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        stack = ET.fromstring(archive.read("stack.xml"))
        with Image.open(io.BytesIO(archive.read("mergedimage.png"))) as merged:
            pixels = np.array(merged.convert("RGBA"))
    names = [each.get("name") for each in stack.iter("layer")]
    assert {"Title", "Star", "Upper", "Background"} <= set(names)
    assert digest_of_pixels(pixels) == plainly(document).digest()


def test_a_project_opens_again_with_texts_and_shapes_that_can_be_changed(
    document: Document, hers: Client
) -> None:
    before = digest_at(document, document.head)
    content = file_of(hers, document, "image2")[1]
    documents.throw_away(user=document.owner, document_id=document.pk)
    documents.purge(user=document.owner, document_id=document.pk)
    answer = open_file(hers, content)
    assert answer.status_code == 200, answer.content
    opened = Document.objects.get()
    assert digest_at(opened, opened.head) == before
    drawing = Drawing(opened)
    drawing.do("layer.text", layer="text", text=a_text(size=20 * 16))
    drawing.send(hers, opened)
    assert digest_at(opened, opened.head) != before


def test_a_text_in_a_font_of_the_operator_needs_that_font_where_it_is_opened(
    alice: User, hers: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    shutil.copy(catalogue.FOLDER / "ComicNeue-Regular.otf", here / "House.otf")
    monkeypatch.setitem(catalogue._FOLDERS, "own", str(here))
    font = next(iter(catalogue.own()))
    document = drawn(alice, hers, font=font)
    before = digest_at(document, document.head)
    assert before != digest_at(drawn(alice, hers), Document.objects.latest("created_at").head)
    content = file_of(hers, document, "image2")[1]

    monkeypatch.setitem(catalogue._FOLDERS, "own", str(elsewhere))
    refused = open_file(hers, content)
    assert refused.status_code == 422
    assert "Ask its operator to add it" in refused.json()["sentence"]

    monkeypatch.setitem(catalogue._FOLDERS, "own", str(here))
    answer = open_file(hers, content)
    assert answer.status_code == 200, answer.content
    opened = Document.objects.latest("created_at")
    assert digest_at(opened, opened.head) == before


def test_the_film_ends_with_what_replay_makes(document: Document, hers: Client) -> None:
    frames = frames_of(file_of(hers, document, "timelapse")[1])
    assert len(frames) >= 5
    assert far(frames[-1][0], plainly(document).picture()) < 2
