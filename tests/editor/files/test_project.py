"""A project file holds a document whole, opens again anywhere, and nothing is kept of a wrong one."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from editor import documents
from editor.models import Asset, Document, Operation, Run, Version
from generation.models import StorageDeletion
from generation.uploads import storage_used
from tests.editor.files.making import a_rich_document, changed, file_of, open_file, zipped
from tests.editor.making import chain, digest_at, send, uploaded


@pytest.fixture
def project(alice: User, hers: Client) -> tuple[Document, bytes]:
    document = a_rich_document(alice, hers)
    assert document.head is not None
    documents.name_version(user=alice, document_id=document.pk, operation=document.head, name="First draft")
    return document, file_of(hers, document, "image2")[1]


def test_a_project_opens_again_with_every_step_on_a_site_that_has_nothing_of_it(
    project: tuple[Document, bytes], hers: Client
) -> None:
    document, content = project
    assert document.head is not None
    before = digest_at(document, document.head)
    steps = list(document.operations.order_by("seq").values_list("uid", "parent", "kind", "blob"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["pixels"], manifest["operations"]) == (before, len(steps))
    # Nothing of it is here any more: what opens stands on the file alone.
    documents.throw_away(user=document.owner, document_id=document.pk)
    assert documents.purge(user=document.owner, document_id=document.pk)
    assert not Asset.objects.exists()

    answer = open_file(hers, content)

    assert answer.status_code == 200, answer.content
    opened = Document.objects.get()
    assert answer.json()["document"] == opened.get_absolute_url()
    assert list(opened.operations.order_by("seq").values_list("uid", "parent", "kind", "blob")) == steps
    assert digest_at(opened, opened.head) == before
    assert (opened.title, opened.head, opened.seq) == (document.title, document.head, len(steps))
    assert Version.objects.get(document=opened).name == "First draft"
    branch = opened.operations.get(seq=2)
    assert branch.kind == "stroke"
    assert digest_at(opened, branch.uid) != before
    assert send(hers, opened, chain(opened.head, 1, layer="low")).status_code == 200
    again = file_of(hers, opened, "image2")[1]
    assert open_file(hers, again).status_code == 200


def test_a_file_is_the_owners_and_goes_when_a_newer_one_is_there(
    project: tuple[Document, bytes], hers: Client, bob: User
) -> None:
    document, _content = project
    run = Run.objects.get(format="image2")
    other = Client()
    other.force_login(bob)
    assert other.get(f"/editor/{document.pk}/export/{run.pk}/file").status_code == 404

    send(hers, document, chain(document.head, 1))
    file_of(hers, document, "image2")

    assert document.assets.filter(role=Asset.Role.FILE).count() == 1
    assert hers.get(f"/editor/{document.pk}/export/{run.pk}/file").status_code == 404


def _drop_asset(members: dict[str, bytes]) -> None:
    del members[next(name for name in members if name.startswith("assets/"))]


def _other_pixels(members: dict[str, bytes]) -> None:
    members[next(name for name in members if name.startswith("assets/"))] = uploaded(9).read()


def _foreign_picture(members: dict[str, bytes]) -> None:
    members["assets/" + "0" * 64 + ".png"] = uploaded(9).read()


def _path(members: dict[str, bytes]) -> None:
    members["../../etc/cron.d/x"] = b"x"


def _newer(manifest: dict[str, Any]) -> None:
    manifest["version"] = 2


def _other_engine(manifest: dict[str, Any]) -> None:
    manifest["engine"] = "k9"


def _unknown_head(manifest: dict[str, Any]) -> None:
    manifest["head"] = "00000000-0000-0000-0000-000000000000"


def _wild_head(manifest: dict[str, Any]) -> None:
    manifest["head"] = ["x"]


def _costly(lines: list[dict[str, Any]]) -> None:
    stroke = next(line for line in lines if line["kind"] == "stroke")
    stroke["body"]["radius"] = 10**6


def _unknown_layer(lines: list[dict[str, Any]]) -> None:
    lines[-1]["body"]["layer"] = "nowhere"


def _two_beginnings(lines: list[dict[str, Any]]) -> None:
    lines.append({**lines[0], "id": "00000000-0000-7000-8000-000000000001"})


def _twice(lines: list[dict[str, Any]]) -> None:
    lines.append(lines[-1])


def _no_parent(lines: list[dict[str, Any]]) -> None:
    lines[-1]["parent"] = "00000000-0000-7000-8000-000000000001"


def _large_canvas(lines: list[dict[str, Any]]) -> None:
    lines[0]["body"]["width"] = 100_000


def _not_a_list(lines: list[dict[str, Any]]) -> None:
    lines[1] = []  # type: ignore[call-overload]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a picture is missing": ({"members": _drop_asset}, "is missing in this file"),
    "a picture is another one": ({"members": _other_pixels}, "is not the one that was saved"),
    "a picture belongs to no step": ({"members": _foreign_picture}, "that no step uses"),
    "a path": ({"members": _path}, "no part of a project"),
    "a newer version": ({"manifest": _newer}, "another version of Image 2"),
    "another engine": ({"manifest": _other_engine}, "another version of Image 2"),
    "a head that is no step": ({"manifest": _unknown_head}, "damaged"),
    "a head that is no id": ({"manifest": _wild_head}, "damaged"),
    "a step that costs too much": ({"log": _costly}, "isn't allowed: radius"),
    "a layer that isn't there": ({"log": _unknown_layer}, "doesn't exist any more"),
    "two beginnings": ({"log": _two_beginnings}, "don't follow one another"),
    "a step twice": ({"log": _twice}, "don't follow one another"),
    "a step after nothing": ({"log": _no_parent}, "don't follow one another"),
    "a canvas that is too large": ({"log": _large_canvas}, "isn't allowed: width"),
    "a line that is no step": ({"log": _not_a_list}, "damaged"),
}


def test_nothing_is_kept_of_a_file_that_is_wrong(project: tuple[Document, bytes], hers: Client) -> None:
    document, content = project
    kept = set(Asset.objects.values_list("key", flat=True))
    wrong = {name: (changed(content, **how), said) for name, (how, said) in WRONG.items()}
    wrong["cut off"] = (content[: len(content) // 2], "damaged")
    wrong["empty zip"] = (zipped({"mimetype": b"application/vnd.image2.project+zip"}), "damaged")
    for name, (file, said) in wrong.items():
        answer = open_file(hers, file)
        assert answer.status_code == 422, name
        assert said in answer.json()["sentence"], (name, answer.json())

    assert Document.objects.get() == document
    assert set(Asset.objects.values_list("key", flat=True)) == kept
    assert not StorageDeletion.objects.filter(key__in=kept).exists()
    assert Operation.objects.count() == document.seq


def test_bombs_are_refused_before_they_are_unpacked(
    project: tuple[Document, bytes], hers: Client, settings: Any
) -> None:
    _document, content = project
    crowded = zipped(
        {
            "mimetype": b"application/vnd.image2.project+zip",
            **{f"assets/{n:064x}.png": b"" for n in range(1200)},
        }
    )
    assert "more files than a project can" in open_file(hers, crowded).json()["sentence"]
    line = changed(content, members=lambda found: found.update({"log.jsonl": b" " * 3_000_000}))
    assert "too large" in open_file(hers, line).json()["sentence"]
    picture = changed(
        content, members=lambda found: found.update({"assets/" + "1" * 64 + ".png": bytes(300_000_000)})
    )
    assert "too large" in open_file(hers, picture).json()["sentence"]
    nested = changed(content, members=lambda found: found.update({"manifest.json": b"[" * 100_000}))
    assert "damaged" in open_file(hers, nested).json()["sentence"]
    # A directory of 64 bits may say anything of its size, so there is none.
    end = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1)
    at = content.rfind(b"PK\x05\x06")
    assert "more files" in open_file(hers, content[:at] + end + content[at:]).json()["sentence"]
    settings.PROJECT_MAX_BYTES = 1000
    assert "at most 0 MB" in open_file(hers, content).json()["sentence"]
    assert Document.objects.count() == 1


def test_without_room_nothing_is_opened_and_nothing_stays(
    project: tuple[Document, bytes], hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _document, content = project
    before = Asset.objects.count()

    def full(**_arguments: Any) -> None:
        raise storage_used.StorageUsedUp(limit=10, left=0, needed=5)

    monkeypatch.setattr(storage_used, "claim", full)
    answer = open_file(hers, content)

    assert answer.status_code == 422
    assert "are left" in answer.json()["sentence"]
    assert (Document.objects.count(), Asset.objects.count()) == (1, before)
    assert StorageDeletion.objects.count() == 2  # the pictures that were stored already
