"""Photoshop files are opened as documents with their layers, as other programs read them."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from psd_tools import PSDImage

from accounts.models import User
from editor.models import Asset, Document
from editor.replay.layers import Layer
from editor.replay.planes import Bytes
from editor.replaying import replayed
from generation.ingest.photoshop.listing import Left
from generation.models import StorageDeletion
from generation.uploads import storage_used
from tests.editor.files import built
from tests.editor.files.making import Drawing, a_rich_document, file_of, open_file
from tests.editor.making import uploaded

STRANGE = Path(__file__).parent / "strange"
LAYERED = ("layers-packed.psd", "layers-raw.psd", "layers-deflated.psd", "layers.psb", "gimp-groups.psd")


def opened(client: Client, content: bytes, note: str | None = "") -> Document:
    answer = open_file(client, content, "A drawing.psd")
    assert answer.status_code == 200, answer.content
    assert note is None or answer.json().get("note", "") == note
    return Document.objects.order_by("-created_at").first()  # type: ignore[return-value]


class Looked:
    """A document as a worker sees it."""

    def __init__(self, document: Document) -> None:
        assert document.head is not None
        with replayed(document, document.head, on_progress=lambda _done, _of: None) as state:
            self.size, self.shown = state.size, state.picture()
            self.tree = [self._layer(layer) for layer in state.layers]

    def _layer(self, layer: Layer) -> dict[str, Any]:
        inside = (0, 0, *self.size)
        return {
            "name": layer.name,
            "state": [
                *(layer.group, layer.visible, layer.opacity, layer.mode, layer.clip),
                *(layer.lock_alpha, layer.locked, layer.through, layer.mask_on),
            ],
            "pixels": layer.pixels.read((-20, -40, 400, 400)).tobytes(),
            "mask": None if layer.mask is None else layer.mask.read(inside).tobytes(),
            "children": [self._layer(child) for child in layer.children],
        }

    def names(self) -> list[Any]:
        def of(tree: list[dict[str, Any]]) -> list[Any]:
            return [
                (each["name"], of(each["children"])) if each["children"] else each["name"] for each in tree
            ]

        return of(self.tree)


def composed(content: bytes) -> Any:
    """What psd-tools makes of the layers, premultiplied; it doesn't read the modes that ImageMagick wrote backwards."""
    image = PSDImage.open(io.BytesIO(content.replace(b"8BIMmron", b"8BIMnorm")))
    return premultiplied(np.array(image.composite(force=True, apply_icc=False).convert("RGBA")))


def premultiplied(pixels: Bytes) -> Any:
    """Colours times alpha, so that what nobody sees doesn't count."""
    alpha = pixels[..., 3:].astype(int)
    return np.concatenate([pixels[..., :3] * alpha // 255, alpha], axis=2)


@pytest.mark.parametrize("name", LAYERED)
def test_files_of_other_programs_look_as_psd_tools_composes_them(name: str, hers: Client) -> None:
    content = (STRANGE / name).read_bytes()

    look = Looked(opened(hers, content))

    assert look.size == (40, 30)
    assert np.abs(premultiplied(look.shown) - composed(content)).max() <= 2


def test_a_file_of_gimp_has_its_group_mask_and_names(hers: Client) -> None:
    content = (STRANGE / "gimp-groups.psd").read_bytes()
    look = Looked(opened(hers, content))
    assert look.names() == ["Base", ("Things", ["Übung"]), "Hidden"]
    inner, hidden = look.tree[1]["children"][0], look.tree[2]
    assert inner["state"][2:4] == [153, "multiply"]
    assert not hidden["state"][1]
    mask = np.frombuffer(inner["mask"], np.uint8).reshape(30, 40)
    assert not mask[:, :15].any()
    assert (mask[6:22, 15:28] == 255).all()
    pixels = np.frombuffer(hidden["pixels"], np.uint8).reshape(440, 420, 4)
    assert (pixels[40 - 4, 20 + 34] == [10, 200, 30, 255]).all()


@pytest.mark.parametrize("name", ["flat.psd", "grey.psd", "palette.psd", "bitmap.psd"])
def test_flat_files_are_one_layer(name: str, hers: Client) -> None:
    content = (STRANGE / name).read_bytes()
    look = Looked(opened(hers, content))
    theirs = np.array(PSDImage.open(io.BytesIO(content)).topil().convert("RGB"))  # type: ignore[union-attr]
    assert len(look.tree) == 1
    assert (look.shown[..., 3] == 255).all()
    assert (look.shown[..., :3] == theirs).all()


def test_sixteen_bits_become_eight(hers: Client) -> None:
    content = (STRANGE / "layers-16-bit.psd").read_bytes()
    look = Looked(opened(hers, content, "Opened with 8 bits for each colour."))
    assert np.abs(premultiplied(look.shown) - composed(content)).max() <= 2


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("how", [built.RAW, built.DEFLATED, built.PREDICTED])
def test_channels_are_read_however_they_are_packed(how: int, depth: int, hers: Client) -> None:
    content = built.psd([built.Layer(rgba=(10, 200, 90, 255))], depth=depth, how=how)
    look = Looked(opened(hers, content, None))
    assert (look.shown == [10, 200, 90, 255]).all()


def test_what_we_write_comes_back_as_the_same_layers(alice: User, hers: Client) -> None:
    document = a_rich_document(alice, hers)
    drawing = Drawing(document)
    drawing.do("layer.set", layer="high", clip=True, lock_alpha=True)
    drawing.do("layer.mask", layer="multiplied", **{"from": "white"})
    drawing.stroke((100, 180), (200, 240), layer="multiplied", target="mask", value=40)
    drawing.do("layer.mask", layer="low", **{"from": "black"})
    drawing.do("layer.set", layer="low", mask_on=False)
    drawing.do("layer.set", layer="group", through=True, opacity=200)
    drawing.do("layer.set", layer="multiplied", locked=True, visible=False)
    drawing.send(hers, document)

    again = Looked(opened(hers, file_of(hers, document, "psd")[1]))

    before = Looked(document)
    assert again.tree == before.tree
    assert (again.shown == before.shown).all()


def test_a_file_of_psd_tools_opens(hers: Client) -> None:
    image = PSDImage.new("RGB", (50, 40), color=(255, 255, 255))
    group = image.create_group(name="Folder")
    noise = np.random.default_rng(3).integers(0, 256, (20, 30, 4), np.uint8)
    group.append(image.create_pixel_layer(Image.fromarray(noise), name="Noise", top=5, left=-4, opacity=200))
    target = io.BytesIO()
    image.save(target)

    look = Looked(opened(hers, target.getvalue()))

    assert "Noise" in str(look.names())
    assert look.shown[..., 3].any()
    assert np.abs(premultiplied(look.shown) - composed(target.getvalue())).max() <= 2


def test_what_is_left_out_is_said_in_one_sentence(hers: Client) -> None:
    content = built.psd(
        [
            built.Layer("Photo"),
            built.Layer("Curves", box=(0, 0, 0, 0), blocks={b"curv": b"\0\0"}),
            built.Layer("Levels", box=(0, 0, 0, 0), blocks={b"levl": b"\0\0"}),
            built.Layer("Title", blocks={b"TySh": b"\0\0", b"lfx2": b"\0\0"}),
            built.Layer("Burn", mode=b"lbrn", blocks={b"iOpa": b"\x80\0\0\0"}, ranges=b"\0\0\xf0\xff"),
        ]
    )
    note = (
        "Opened without 2 adjustment layers, effects of 1 layer, blending by brightness, "
        "and with text as pixels, the nearest blend modes."
    )
    answer = open_file(hers, content, "A drawing.psd")
    said = answer.json()["note"]
    assert sorted(said.strip(".").replace("Opened ", "").split(", ")) == sorted(
        note.strip(".").replace("Opened ", "").split(", ")
    )
    look = Looked(Document.objects.get())
    assert look.names() == ["Photo", "Title", "Burn"]
    assert look.tree[2]["state"][2:4] == [128, "color-burn"]


def test_the_page_says_what_was_left_out(hers: Client) -> None:
    content = built.psd([built.Layer(blocks={b"SoLd": b"\0\0"})])
    answer = hers.post("/editor/new/", {"file": SimpleUploadedFile("a.psd", content)})
    document = Document.objects.get()
    assert answer["Location"] == document.get_absolute_url()
    assert [str(each) for each in get_messages(answer.wsgi_request)] == [
        "Opened with smart objects as pixels."
    ]
    assert "smart objects as pixels" in hers.get(answer["Location"]).content.decode()


def test_a_mask_that_shows_all_around_it_and_one_that_is_empty(hers: Client) -> None:
    around = built.Layer("Around", mask=((2, 1, 5, 4), 0, 255))
    nothing = built.Layer("Nothing", mask=((0, 0, 0, 0), 0, 0))
    look = Looked(opened(hers, built.psd([around, nothing])))
    mask = np.frombuffer(look.tree[0]["mask"], np.uint8).reshape(6, 8)
    assert (mask[1:4, 2:5] == 0).all()
    assert mask.sum() == 255 * (48 - 9)
    assert not any(look.tree[1]["mask"])


REFUSED = {
    "CMYK": ((STRANGE / "cmyk.psd").read_bytes(), "CMYK colours can't be read here."),
    "Lab": (built.psd([built.Layer()], colours=9), "Lab colours can't be read here."),
    "32 bits": (built.psd([built.Layer()], depth=32), "32-bit colours can't be read here."),
    "cut off": (built.psd([built.Layer()])[:150], "damaged or was cut off"),
    "too many": (built.psd([built.Layer(str(n), (0, 0, 1, 1)) for n in range(101)]), "has 101 layers"),
    "too long": (built.psd([], size=(9000, 2)), "at most 8192 pixels a side"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cant_be_opened_is_refused_with_a_sentence_and_nothing_is_kept(name: str, hers: Client) -> None:
    content, sentence = REFUSED[name]
    answer = open_file(hers, content, "a.psd")
    assert answer.status_code == 422
    assert sentence in answer.json()["sentence"]
    assert not Document.objects.exists()
    assert not Asset.objects.exists()


def test_each_kind_of_file_has_its_limit(hers: Client, settings: Any) -> None:
    content = built.psd([built.Layer()])
    settings.PHOTOSHOP_MAX_BYTES = len(content) - 1
    assert "at most 0 MB" in open_file(hers, content, "a.psd").json()["sentence"]
    settings.PHOTOSHOP_MAX_BYTES = len(content)
    settings.PHOTOSHOP_MAX_PIXELS = 47
    assert "more than 0 megapixels" in open_file(hers, content, "a.psd").json()["sentence"]
    settings.PHOTOSHOP_MAX_PIXELS = 48
    settings.UPLOAD_MAX_BYTES = 1  # of other pictures
    assert open_file(hers, content, "a.psd").status_code == 200
    assert (
        open_file(hers, uploaded(64).read(), "a.png").status_code == 200
    )  # whatever is saved here opens here


def test_without_room_nothing_is_kept(hers: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*, user: User, needed: int) -> None:
        raise storage_used.StorageUsedUp(limit=needed, left=0, needed=needed)

    monkeypatch.setattr(storage_used, "claim", full)
    answer = open_file(hers, built.psd([built.Layer()]), "a.psd")
    assert answer.status_code == 422
    assert not Document.objects.exists()
    assert not Asset.objects.exists()
    assert StorageDeletion.objects.count() == 1  # what was stored already


def test_groups_may_lie_in_groups_and_a_mark_without_a_name_loses_nothing(hers: Client) -> None:
    content = built.psd(
        [
            *(built.Layer(section=3), built.Layer(section=3), built.Layer("Inmost")),
            *(built.Layer("Inner", section=1), built.Layer("Outer", section=2, mode=b"pass")),
            *(built.Layer(section=3), built.Layer("Alone")),
        ]
    )
    look = Looked(opened(hers, content))
    assert look.names() == [("Outer", [("Inner", ["Inmost"])]), "Alone"]
    assert look.tree[0]["state"][7]  # passed through


def test_every_kind_of_what_is_left_has_its_words() -> None:
    from editor.files import photoshop

    assert {*photoshop._GONE, *photoshop._CHANGED} == set(Left)


@pytest.mark.parametrize("count", [60, pytest.param(3000, marks=pytest.mark.long)], ids=["some", "many"])
def test_damaged_files_crash_nothing_and_take_bounded_time_and_memory(count: int) -> None:
    command = [sys.executable, "-m", "tests.editor.files.damaging", "11", str(count)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280)
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert len(lines) == count
    assert [line for line in lines if line["status"] != 0] == []
    assert max(line["megabytes"] for line in lines) < 400
    causes = {line["cause"] for line in lines}
    assert {"", "damaged"} <= causes  # some are read all the same


def test_a_file_that_says_more_than_it_has_is_refused_at_once(hers: Client) -> None:
    """A layer of 8000² of which the file has nothing, and rows that unpack to a thousand times their bytes."""
    empty = bytearray(built.psd([built.Layer()]))
    at = empty.find(struct.pack(">4i", 0, 0, 6, 8))
    empty[at : at + 16] = struct.pack(">4i", 0, 0, 8000, 8000)
    answer = open_file(hers, bytes(empty), "a.psd")
    assert "damaged" in answer.json()["sentence"]
