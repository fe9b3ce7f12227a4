"""Opening documents, their list and their pages; pictures of a document travel from the site itself, on S3 too."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import User
from editor import assets, opening
from editor.models import Asset, Document
from generation.models import File, Picture, StorageDeletion, Upload
from generation.uploads import intake, storage_used
from privacy.models import PolicyVersion
from tests.editor.making import a_document, chain, operation, send, work
from tests.generation.files.conftest import any_storage, local_storage, s3_storage, use_s3
from tests.generation.web.makers import make_picture

__all__ = ["any_storage", "local_storage", "s3_storage", "use_s3"]  # fixtures


def a_png(side: int = 64, *, mode: str = "RGB", height: int = 0) -> SimpleUploadedFile:
    png = io.BytesIO()
    shape = (height or side, side, len(mode))
    Image.fromarray(np.random.default_rng(5).integers(1, 256, shape, np.uint8), mode).save(png, "PNG")
    return SimpleUploadedFile("holiday.png", png.getvalue(), "image/png")


def body_of(response: Any) -> bytes:
    return b"".join(response) if isinstance(response, StreamingHttpResponse) else bytes(response.content)


@pytest.mark.parametrize(
    ("form", "size", "rgba"),
    [
        ({"preset": "1080x1350", "background": "white"}, (1080, 1350), 0xFFFFFFFF),
        ({"preset": "custom", "width": 7, "height": 8192, "background": "transparent"}, (7, 8192), 0),
        ({"preset": "1920x1080", "background": "colour", "colour": "#ff8001"}, (1920, 1080), 0xFF0180FF),
    ],
)
def test_an_empty_canvas(
    form: dict[str, Any], size: tuple[int, int], rgba: int, alice: User, hers: Client
) -> None:
    answer = hers.post("/editor/new/", form)

    document = Document.objects.get()
    assert answer.headers["Location"] == f"/editor/{document.pk}/"
    assert (document.width, document.height) == size
    first = hers.get(f"/editor/{document.pk}/log").json()["operations"][0]
    assert first["kind"] == "open"
    assert first["body"]["rgba"] == rgba
    assert hers.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"preset": "custom", "width": 8193, "height": 10, "background": "white"},
        {"preset": "custom", "width": "", "height": 10, "background": "white"},
        {"preset": "custom", "width": 0, "height": 10, "background": "white"},
        {"preset": "elsewhere", "background": "white"},
        {"preset": "1920x1080", "background": "colour", "colour": "red"},
        {},
    ],
)
def test_a_canvas_that_can_not_be_is_refused_on_the_page_and_to_a_script(
    form: dict[str, Any], hers: Client
) -> None:
    page = hers.post("/editor/new/", form)
    script = hers.post("/editor/new/", form, headers={"accept": "application/json"})

    assert (page.status_code, script.status_code) == (422, 422)
    assert script.json()["sentence"]
    assert not Document.objects.exists()


@pytest.mark.few(2)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_file_is_opened_by_the_one_ingest_and_kept_as_it_is(
    mode: str, any_storage: str, alice: User, hers: Client
) -> None:
    answer = hers.post("/editor/new/", {"file": a_png(mode=mode)}, headers={"accept": "application/json"})

    assert answer.status_code == 200, answer.content
    document = Document.objects.get()
    assert answer.json() == {"document": f"/editor/{document.pk}/"}
    assert document.title == "holiday"
    assert not Upload.objects.exists()
    asset = document.assets.get()
    shown = hers.get(reverse("editor:asset", args=[document.pk, asset.sha256]))
    with Image.open(io.BytesIO(body_of(shown))) as found, Image.open(a_png(mode=mode)) as sent:
        assert (np.array(found) == np.array(sent)).all()


def test_pictures_of_a_document_come_from_the_site_in_parts_too_and_are_kept_for_ever(
    any_storage: str, alice: User, hers: Client
) -> None:
    document = opening.from_file(user=alice, file=a_png(400))
    asset = document.assets.get()
    url = reverse("editor:asset", args=[document.pk, asset.sha256])

    whole = hers.get(url)
    part = hers.get(url, headers={"range": "bytes=10-29"})
    again = hers.get(url, headers={"if-none-match": whole.headers["ETag"]})

    assert whole.status_code == 200  # no redirect to the bucket, which a worker's policy would not allow
    content = body_of(whole)
    assert len(content) == asset.bytes > 300_000
    assert (part.status_code, body_of(part)) == (206, content[10:30])
    assert again.status_code == 304
    assert "immutable" in whole.headers["Cache-Control"]
    assert whole.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_refused_file_says_why_and_leaves_nothing(hers: Client) -> None:
    answer = hers.post(
        "/editor/new/",
        {"file": SimpleUploadedFile("x.png", b"no picture")},
        headers={"accept": "application/json"},
    )

    assert answer.status_code == 422
    assert "PNG" in answer.json()["sentence"]
    assert not Document.objects.exists()


@pytest.mark.parametrize("name", ["boats.image2", "boats.ora"])
def test_a_zip_that_is_no_project_is_refused_as_what_it_is(hers: Client, name: str) -> None:
    answer = hers.post(
        "/editor/new/",
        {"file": SimpleUploadedFile(name, b"PK\x03\x04 and no mimetype")},
        headers={"accept": "application/json"},
    )

    assert answer.status_code == 422
    assert "isn't an editor project" in answer.json()["sentence"]
    assert not Document.objects.exists()


@pytest.mark.parametrize("side", ["99999999", "0", "-3", "1.5", "\U0001f600", ""])
def test_a_side_that_no_canvas_has_is_refused_in_one_sentence(hers: Client, side: str) -> None:
    answer = hers.post(
        "/editor/new/",
        {"preset": "custom", "width": side, "height": 600, "background": "white"},
        headers={"accept": "application/json"},
    )

    assert answer.status_code == 422
    assert answer.json()["sentence"] == "Enter a whole number from 1 to 8192."
    assert not Document.objects.exists()


def test_a_picture_that_is_too_long_for_the_editor_says_so(alice: User, hers: Client) -> None:
    answer = hers.post("/editor/new/", {"file": a_png(9000, height=2)})

    assert answer.status_code == 422
    assert "8192" in answer.content.decode()
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "reference", ["picture:{bobs}", "picture:nonsense", "upload:{bobs}", "x", "picture:"]
)
def test_what_is_gone_or_somebody_elses_can_not_be_opened(
    reference: str, alice: User, bob: User, hers: Client
) -> None:
    bobs = Picture.objects.create(owner=bob, recipe={}, model="bundled", width=8, height=8)

    answer = hers.post("/editor/new/", {"from": reference.format(bobs=bobs.pk)})

    assert answer.status_code == 422
    assert "not there any more" in answer.content.decode()
    assert not Document.objects.exists()


def splittable(owner: User, **changes: Any) -> Picture:
    """A picture that the bundled model drew, with the row of what it stored with it."""
    picture = make_picture(owner, **changes)
    about = {"format": "safetensors", "sha256": "0" * 64, "bytes": 10, "width": 0, "height": 0}
    File.objects.create(picture=picture, role=File.Role.FIELDS, key=f"test/{picture.pk}/fields", **about)
    return picture


def test_pictures_that_a_model_knows_as_layers_are_offered_as_such(
    alice: User, bob: User, hers: Client
) -> None:
    page = hers.get("/editor/new/").content.decode()
    assert "as layers" not in page
    older, newer = (splittable(alice, minutes=number, prompt=f"a house {number}") for number in (1, 2))
    strangers, plain = splittable(bob), make_picture(alice, minutes=3)
    another = splittable(alice, model="sdxl", minutes=4)
    deleted = splittable(alice, minutes=5, deleted_at=timezone.now())

    page = hers.get("/editor/new/").content.decode()

    assert "Open one of your pictures as layers" in page
    assert re.findall(r'value="picture:([^"]+)"', page) == [str(newer.pk), str(older.pk)]
    assert "a house 2" in page
    for other in (strangers, plain, another, deleted):
        assert str(other.pk) not in page
    for number in range(12):
        splittable(alice, minutes=10 + number)
    assert len(re.findall(r'value="picture:', hers.get("/editor/new/").content.decode())) == 12


def test_a_pasted_picture_becomes_a_layer(alice: User, hers: Client) -> None:
    document = a_document(alice)

    answer = hers.post(reverse("editor:assets", args=[document.pk]), {"file": a_png(40)}).json()
    twice = hers.post(reverse("editor:assets", args=[document.pk]), {"file": a_png(40)}).json()
    layer = operation(
        "layer.add", document.head, layer="pasted", name="Pasted", above="base", asset=answer["sha256"], x=5
    )
    taken = send(hers, document, [layer])
    nothing = hers.post(reverse("editor:assets", args=[document.pk]))

    assert answer == twice
    assert (answer["width"], answer["height"]) == (40, 40)
    assert taken.status_code == 200
    assert Asset.objects.filter(role="picture").count() == 1
    assert nothing.status_code == 422
    work()
    document.refresh_from_db()
    assert document.good_head == UUID(layer["id"])


def test_the_list_shows_documents_and_what_can_be_done(alice: User, bob: User, hers: Client) -> None:
    empty = hers.get("/editor/").content.decode()
    document = a_document(alice)
    send(hers, document, chain(document.head, 2))
    a_document(bob)
    work()

    page = hers.get("/editor/").content.decode()
    small = document.assets.get(role="thumbnail")
    hers.post(f"/editor/{document.pk}/rename", {"title": "  My\n castle "})

    assert "No documents yet" in empty
    assert page.count("document-card") == 1
    address = reverse("editor:thumbnail", args=[document.pk, small.sha256])
    assert address in page
    with Image.open(io.BytesIO(body_of(hers.get(address)))) as image:
        assert (image.format, image.size) == ("WEBP", (300, 200))
    assert "My castle" in hers.get("/editor/").content.decode()


def test_a_page_that_names_an_older_thumbnail_shows_the_newest(alice: User, hers: Client) -> None:
    document = a_document(alice)
    send(hers, document, chain(document.head, 1))
    work()
    older = document.assets.get(role="thumbnail").sha256
    document.refresh_from_db()
    fill = operation("fill", document.head, layer="base", rgba=0x123456FF, opacity=255, mode="normal")
    send(hers, document, [fill])
    work()
    newest = document.assets.get(role="thumbnail").sha256

    assert newest != older
    answer = hers.get(reverse("editor:thumbnail", args=[document.pk, older]))
    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("editor:thumbnail", args=[document.pk, newest]),
    )
    assert hers.get(answer["Location"]).status_code == 200


def test_the_trash_gives_back(alice: User, hers: Client) -> None:
    document = a_document(alice)
    title = Document.objects.get().title

    hers.post(f"/editor/{document.pk}/delete")
    gone = [hers.get(f"/editor/{document.pk}/"), hers.get(f"/editor/{document.pk}/log")]
    trash = hers.get("/editor/trash/").content.decode()
    hers.post(f"/editor/{document.pk}/restore")

    assert [answer.status_code for answer in gone] == [404, 404]
    assert title in trash
    assert hers.get(f"/editor/{document.pk}/").status_code == 200


def test_the_page_says_where_everything_is(alice: User, hers: Client) -> None:
    document = a_document(alice)

    page = hers.get(f"/editor/{document.pk}/")

    text = page.content.decode()
    for name in ("log", "operations", "assets", "check", "export", "versions"):
        assert f'data-{name}="/editor/{document.pk}/{name}"' in text
    assert f'data-asset="/editor/{document.pk}/asset/SHA256"' in text
    assert f'data-head="{document.head}"' in text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_service_worker_reaches_the_editor_and_is_never_kept(client: Client, db: None) -> None:
    answer = client.get("/editor/sw.js")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"].startswith("text/javascript")


def test_only_the_editors_worker_may_compile_kernels(client: Client, db: None) -> None:
    names = ("editor/worker/kernels.js", "js/site.js", "editor/kernels/k1.wasm")
    worker, page, kernels = (client.get(f"/static/{name}") for name in names)
    for answer in (worker, page, kernels):
        answer.close()

    assert worker.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    )
    assert "wasm" not in page.headers.get("Content-Security-Policy", "")
    assert kernels.headers["Content-Type"] == "application/wasm"


def test_the_kernels_are_static_files_and_their_sources_are_not() -> None:
    assert finders.find("editor/kernels/k1.wasm")
    assert finders.find("editor/kernels/k1s.wasm")
    for name in ("k1.c", "reference.py", "lock.json", "../replay/engine.py"):
        assert not finders.find(f"editor/kernels/{name}")


def test_storage_that_documents_take_is_counted(alice: User, bob: User) -> None:
    opening.from_file(user=alice, file=a_png(400))

    assert assets.bytes_of(alice) == Asset.objects.get().bytes
    assert assets.bytes_of(bob) == 0


def test_nothing_is_kept_before_people_were_told_what_is(alice: User, hers: Client) -> None:
    PolicyVersion.objects.update(covers=opening.POLICY - 1)

    answer = hers.post("/editor/new/", {"preset": "1080x1080", "background": "white"})

    assert answer.status_code == 422
    assert "new privacy policy" in answer.content.decode()
    assert not Document.objects.exists()


def test_a_person_whose_storage_is_full_is_told_and_nothing_is_kept(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch, local_storage: Path
) -> None:
    upload = intake.ingest(user=alice, file=a_png(300))
    document = opening.from_file(user=alice, file=a_png(200))
    limit = storage_used.used(alice) + 1000
    monkeypatch.setattr(storage_used, "limit_of", lambda _user: limit)

    opened = hers.post("/editor/new/", {"from": f"upload:{upload.pk}"})
    pasted = hers.post(reverse("editor:assets", args=[document.pk]), {"file": a_png(100)})
    copied = hers.post(reverse("editor:duplicate", args=[document.pk]), follow=True)

    assert (opened.status_code, pasted.status_code) == (422, 422)
    for answer in (opened, pasted, copied):
        assert "larger plan" in answer.content.decode()
    assert Document.objects.count() == 1
    assert storage_used.used(alice) == limit - 1000
    kept = {file.name for file in local_storage.rglob("*") if file.is_file()}
    known = {*File.objects.values_list("key", flat=True), *Asset.objects.values_list("key", flat=True)}
    left = {key.rpartition("/")[2] for key in StorageDeletion.objects.values_list("key", flat=True)}
    assert kept - {key.rpartition("/")[2] for key in known} <= left
