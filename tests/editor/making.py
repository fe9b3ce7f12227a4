"""Documents and operations as a browser makes them, and the work of the workers."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import User
from editor import opening, replaying, working
from editor.models import Document, Run
from editor.replay import strokes
from generation.models import Picture
from image2.lib.ids import new_id

BRUSH = {"tool": "brush", "radius": 160, "hardness": 200, "flow": 32767, "spacing": 40, "opacity": 255}


def a_document(owner: User, *, width: int = 300, height: int = 200, rgba: int = 0xFFFFFFFF) -> Document:
    return opening.blank(user=owner, width=width, height=height, rgba=rgba)


def operation(kind: str, parent: UUID | None, blob: bytes = b"", **body: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "parent": str(parent),
        "kind": kind,
        "engine": "k1",
        "body": body,
        "blob": base64.b64encode(blob).decode(),
    }


def path_of(*points: tuple[int, int]) -> bytes:
    return strokes.pack(np.array([(x * 16, y * 16, 255) for x, y in points], np.int32))


def a_stroke(parent: UUID | None, *points: tuple[int, int], **changes: Any) -> dict[str, Any]:
    body = {"layer": opening.BASE, **BRUSH, "rgb": 0x2040C0, **changes}
    return operation("stroke", parent, path_of(*(points or ((20, 20), (90, 60)))), **body)


def chain(parent: UUID | None, length: int, **changes: Any) -> list[dict[str, Any]]:
    """Strokes one after the other."""
    made: list[dict[str, Any]] = []
    for number in range(length):
        x, y = 10 + number * 37 % 280, 10 + number * 53 % 180
        made.append(a_stroke(parent, (x, y), (x + 25, y + 12), **changes))
        parent = UUID(made[-1]["id"])
    return made


def post(client: Client, name: str, document: Document, content: dict[str, Any]) -> Any:
    url = reverse(f"editor:{name}", args=[document.pk])
    return client.post(url, json.dumps(content), content_type="application/json")


def send(
    client: Client,
    document: Document,
    operations: list[dict[str, Any]],
    *,
    head: Any = None,
    expected: Any = None,
) -> Any:
    """Send operations as a browser does: after the head that it knows, to the last one of them."""
    document.refresh_from_db()
    return post(
        client,
        "operations",
        document,
        {
            "expected": str(expected or document.head),
            "head": str(head or operations[-1]["id"]),
            "operations": operations,
        },
    )


def work() -> int:
    """Do all that waits, also what would wait for a quiet moment; return how much it was."""
    done = 0
    Run.objects.filter(state=Run.State.QUEUED).update(not_before=timezone.now() - timedelta(seconds=1))
    while working.work():
        done += 1
    return done


def digest_at(document: Document, uid: UUID | None) -> str:
    """What the worker makes of it, snapshots and all."""
    assert uid is not None
    with replaying.replayed(document, uid, on_progress=lambda _done, _of: None) as state:
        return state.digest()


def export(client: Client, document: Document, form: str = "png") -> tuple[dict[str, Any], Picture | None]:
    answer = post(client, "export", document, {"operation": str(document.head), "format": form})
    assert answer.status_code == 202, answer.content
    work()
    state = client.get(answer.json()["run"]).json()
    return state, Picture.objects.filter(pk__in=Run.objects.filter(kind="export").values("picture")).first()


def uploaded(side: int = 64) -> SimpleUploadedFile:
    png = io.BytesIO()
    noise = np.random.default_rng(3).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(noise).save(png, "PNG")
    return SimpleUploadedFile("holiday.png", png.getvalue(), "image/png")
