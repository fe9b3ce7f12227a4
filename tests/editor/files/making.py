"""A document with something of everything, its files, and files that are changed on the way."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from editor import assets, opening
from editor.models import Document
from image2.lib.ids import first_id
from tests.editor.making import a_stroke, operation, post, send, uploaded, work


class Drawing:
    """Operations one after the other."""

    def __init__(self, document: Document) -> None:
        document.refresh_from_db()
        self.head, self.made = document.head, list[dict[str, Any]]()

    def do(self, kind: str, **body: Any) -> None:
        self.add(operation(kind, self.head, **body))

    def stroke(self, *points: tuple[int, int], **changes: Any) -> None:
        self.add(a_stroke(self.head, *points, **changes))

    def add(self, each: dict[str, Any]) -> None:
        self.made.append(each)
        self.head = UUID(each["id"])

    def at(self, moment: datetime) -> None:
        """Say when the last one was done."""
        self.made[-1]["id"] = str(first_id(moment))
        self.head = UUID(self.made[-1]["id"])

    def send(self, client: Client, document: Document) -> None:
        answer = send(client, document, self.made)
        assert answer.status_code == 200, answer.content
        document.refresh_from_db()


def a_rich_document(owner: User, client: Client) -> Document:
    """A photo, a group with two layers, a mask, blend modes, a picture that was brought, an undone branch."""
    document = opening.from_file(user=owner, file=uploaded(300))
    brought = assets.bring(document, uploaded(120)).sha256
    first = Drawing(document)
    first.stroke((10, 10), (90, 40), rgb=0xFF0000)
    first.send(client, document)
    drawing = Drawing(document)
    drawing.head = UUID(first.made[0]["parent"])  # from before the stroke: what was done is a branch
    drawing.do("layer.add", layer="group", name="Gruppe ✓", group_layer=True, above=opening.BASE)
    drawing.do("layer.add", layer="low", name="Low", group="group")
    drawing.stroke((40, 40), (200, 120), layer="low", rgb=0x20C040)
    drawing.do(
        "layer.add", layer="high", name="日本", group="group", above="low", asset=brought, x=150, y=-20
    )
    drawing.do("layer.set", layer="high", opacity=140)
    drawing.do("select", shape="rectangle", x0=60, y0=20, x1=260, y1=250, feather=6)
    drawing.do("layer.mask", layer="high", **{"from": "selection"})
    drawing.do("select", shape="none")
    drawing.do("layer.add", layer="multiplied", name="Shade", above="group")
    drawing.stroke((20, 200), (280, 180), layer="multiplied", radius=500, rgb=0x8080FF)
    drawing.do("layer.set", layer="multiplied", mode="multiply")
    answer = send(client, document, drawing.made, expected=document.head)
    assert answer.status_code == 200, answer.content
    document.refresh_from_db()
    return document


def file_of(client: Client, document: Document, form: str) -> tuple[dict[str, Any], bytes]:
    """Order a file, have a worker make it, and download it."""
    document.refresh_from_db()
    answer = post(client, "export", document, {"operation": str(document.head), "format": form})
    assert answer.status_code == 202, answer.content
    work()
    state: dict[str, Any] = client.get(answer.json()["run"]).json()
    assert state["state"] == "done", state
    download = client.get(state["download"])
    assert download.status_code == 200
    return state, b"".join(download)


def open_file(client: Client, content: bytes, name: str = "project.image2") -> Any:
    """Open a file as the page does by its script."""
    file = SimpleUploadedFile(name, content, "application/octet-stream")
    return client.post("/editor/new/", {"file": file}, headers={"accept": "application/json"})


def changed(
    project: bytes,
    *,
    manifest: Callable[[dict[str, Any]], Any] | None = None,
    log: Callable[[list[dict[str, Any]]], Any] | None = None,
    members: Callable[[dict[str, bytes]], Any] | None = None,
) -> bytes:
    """A project file that somebody changed."""
    with zipfile.ZipFile(io.BytesIO(project)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    if manifest:
        content = json.loads(found["manifest.json"])
        manifest(content)
        found["manifest.json"] = json.dumps(content).encode()
    if log:
        lines = [json.loads(line) for line in found["log.jsonl"].splitlines()]
        log(lines)
        found["log.jsonl"] = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    if members:
        members(found)
    return zipped(found)


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            how = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, how)
    return target.getvalue()
