"""/verify/ says what a file says, in words, to anybody, and keeps nothing of it."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path

import c2pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape
from PIL import Image
from pytest_django.fixtures import Settings

from accounts.models import User
from generation import fair_shares
from generation.files import downloads
from generation.ingest.marks import notes
from generation.ingest.marks.listing import Action, Claim, Marks, Trust
from generation.models import File, Turn, Upload
from tests.generation.files.conftest import NewPicture
from tests.generation.provenance import certificates
from tests.generation.provenance.certificates import SIGNER, Pem
from tests.generation.provenance.conftest import use
from tests.generation.provenance.test_signed_downloads import content_of, made_from

pytestmark = pytest.mark.django_db

PAGE = "/verify/"


def asked(client: Client, content: bytes, name: str = "a.png") -> str:
    answer = client.post(PAGE, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 200
    return answer.content.decode()


def a_png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(target, "PNG")
    return target.getvalue()


def damaged(content: bytes) -> bytes:
    """One byte of the pixels is another; the chunk's sum fits again, so that only the signature can tell."""
    at = content.index(b"IDAT")
    size = struct.unpack(">I", content[at - 4 : at])[0]
    data = bytearray(content[at : at + 4 + size])
    data[-1] ^= 1
    return content[:at] + bytes(data) + struct.pack(">I", zlib.crc32(data)) + content[at + 8 + size :]


@pytest.mark.few(2)
@pytest.mark.parametrize("form", downloads.FORMATS)
def test_a_signed_picture_and_its_way_are_shown_to_a_visitor(
    client: Client, alice: User, new_picture: NewPicture, local_storage: Path, signing: Pem, form: str
) -> None:
    picture = made_from(new_picture(alice), child=new_picture(alice))
    page = asked(client, content_of(downloads.with_recipe(picture, form)))
    assert f"{SIGNER} signed this, and the file hasn&#x27;t changed since." in page
    assert "2 signed steps" in page
    assert "Begun with another picture" in page
    assert escape(picture.prompt) in page
    assert "Made by AI" in page


def test_a_changed_file_is_called_changed(
    client: Client, alice: User, new_picture: NewPicture, local_storage: Path, signing: Pem
) -> None:
    content = content_of(downloads.without_recipe(new_picture(alice), "png"))
    page = asked(client, damaged(content))
    assert "Changed after it was signed." in page
    assert "signed steps" not in page


def test_an_unknown_signer_is_called_unknown(
    client: Client,
    alice: User,
    new_picture: NewPicture,
    local_storage: Path,
    settings: Settings,
    signing: Pem,
    tmp_path: Path,
) -> None:
    content = content_of(downloads.without_recipe(new_picture(alice), "png"))
    (tmp_path / "other").mkdir()
    use(settings, certificates.issue(tmp_path / "other"))
    assert "can&#x27;t tell who that is" in asked(client, content)
    settings.C2PA_TRUST = str(signing.root)
    assert f"{SIGNER} signed this" in asked(client, content)


def by_hand(pem: Pem, actions: list[dict[str, str]], parent: bytes = b"") -> bytes:
    """A PNG that another program signed."""
    definition = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]}
    signer = c2pa.C2paSignerInfo(b"es256", pem.chain.read_bytes(), pem.key.read_bytes(), None)
    target = io.BytesIO()
    with c2pa.Builder(json.dumps(definition)) as builder, c2pa.Signer.from_info(signer) as signing_by:
        if parent:
            builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            ingredient = json.dumps({"relationship": "parentOf", "title": "a"})
            builder.add_ingredient(ingredient, "image/png", io.BytesIO(parent))
        builder.sign(signing_by, "image/png", io.BytesIO(a_png()), target)
    return target.getvalue()


@pytest.mark.parametrize("is_known", [False, True])
def test_a_trusted_signer_does_not_vouch_for_what_others_said_before(
    client: Client, signing: Pem, tmp_path: Path, is_known: bool
) -> None:
    (tmp_path / "stranger").mkdir()
    first = signing if is_known else certificates.issue(tmp_path / "stranger")
    camera = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
    taken = by_hand(first, [{"action": "c2pa.created", "digitalSourceType": camera}])
    page = asked(client, by_hand(signing, [{"action": "c2pa.edited"}], taken))
    assert f"{SIGNER} signed this" in page
    assert "Taken with a camera." not in page
    assert "Taken with a camera" in page
    assert page.count(f"signed by {SIGNER}") == 1 + is_known
    assert page.count(f"says that {SIGNER} signed it (not checked)") == 1 - is_known


def test_a_note_without_a_signature_is_only_a_note(
    client: Client, alice: User, new_picture: NewPicture, local_storage: Path
) -> None:
    picture = new_picture(alice)
    page = asked(client, content_of(downloads.without_recipe(picture, "jpeg")))
    assert "Made by AI" in page
    assert "anybody could have written it" in page
    assert escape(picture.prompt) not in page
    assert escape(picture.prompt) in asked(client, content_of(downloads.with_recipe(picture, "jpeg")))


def test_a_plain_file_proves_nothing(client: Client) -> None:
    assert "That proves nothing" in asked(client, a_png())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"GIF89a" + bytes(30), "GIF files can&#x27;t be used here."),
        (b"hello", "This file is not a picture that can be read here."),
        (a_png()[:20], "This file is damaged or was cut off."),
        (b"\xff\xd8\xff\xe0" + bytes(60), "This file is damaged or was cut off."),
    ],
)
def test_what_is_no_picture_is_refused_in_a_sentence(client: Client, content: bytes, sentence: str) -> None:
    answer = client.post(PAGE, {"file": SimpleUploadedFile("a.png", content)})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Choose a picture first." in client.post(PAGE).content.decode()


def test_nothing_is_kept(client: Client, local_storage: Path) -> None:
    asked(client, a_png())
    assert [kind for kind in (Upload, File, Turn) if kind.objects.exists()] == []
    assert not list(local_storage.rglob("*.*"))


def test_visitors_wait_when_they_ask_too_often(client: Client) -> None:
    for _n in range(10):
        fair_shares.take("marks", caller="local").release()
    refused = client.post(PAGE, {"file": SimpleUploadedFile("a", a_png())})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    other = client.post(PAGE, {"file": SimpleUploadedFile("a", a_png())}, REMOTE_ADDR="203.0.113.9")
    assert other.status_code == 200


def test_addresses_of_one_network_share_a_turn_and_nothing_is_copied_without_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _n in range(10):
        fair_shares.take("marks", caller="2001:db8:1::").release()
    monkeypatch.setattr("generation.uploads.intake.copy", pytest.fail)
    for address in ("2001:db8:1:2::3", "2001:db8:1:ffff::4"):
        refused = client.post(PAGE, {"file": SimpleUploadedFile("a", a_png())}, REMOTE_ADDR=address)
        assert refused.status_code == 429


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    "packet", [b"", b"<a", b"\xff\xfe<\0", BOMB.encode(), BOMB.encode("utf-16"), b"x" * 2**21]
)
def test_a_packet_that_cannot_be_read_says_nothing(packet: bytes) -> None:
    assert notes.read({"xmp": packet}) == notes.Notes()


def some_marks() -> Marks:
    claim = Claim("a", "", "b", (Action("created", "digitalArt", ""),), is_trusted=True)
    return Marks("png", 1, 1, "", "", "", Trust.TRUSTED, (claim,))


def test_what_the_process_says_is_read_as_it_was_written() -> None:
    assert Marks.from_json(some_marks().to_json()) == some_marks()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"width": 1', '"width": 0'),
        ('"width": 1', '"width": true'),
        ('"tool": ""', '"tool": 3'),
        ('"tool": ""', '"tool": "' + "x" * 301 + '"'),
        ('"trusted"', '"surely"'),
        ('"is_trusted": true', '"is_trusted": "yes"'),
        ('"claims": [', '"claims": [3, '),
        ('"name": "created", ', ""),
        ('"form": "png", ', ""),
    ],
)
def test_a_process_that_was_taken_over_can_say_nothing_else(old: str, new: str) -> None:
    text = some_marks().to_json()
    assert old in text
    with pytest.raises(ValueError, match=r"."):
        Marks.from_json(text.replace(old, new, 1))
