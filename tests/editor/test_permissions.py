"""Bob and carol on every route of alice's document, with calls that are taken from her: 404, and nothing changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from editor import assets, documents, runs
from editor.models import Asset, Document, Generation, Operation, Run, Version
from editor.urls import urlpatterns
from generation.models import Picture
from tests.editor.making import a_document, a_stroke, work
from tests.editor.ordering import an_order, credits_for
from tests.factories import log_in_staff

DIGEST = "0" * 64
NEW_ORDER = "01900000-0000-7000-8000-000000000001"
PRICE = 1
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde\x00\x00\x00"
    b"\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


Theirs = tuple[Document, Run, str, Generation]


def calls(
    document: Document, run: Run, sha256: str, order: Generation
) -> dict[str, tuple[str, list[Any], Any]]:
    """Return for every route of a document: method, further arguments, and a body as the page sends it."""
    stroke = a_stroke(document.head)
    head = str(document.head)
    return {
        "document": ("get", [], None),
        "log": ("get", [], None),
        "operations": ("json", [], {"expected": head, "head": stroke["id"], "operations": [stroke]}),
        "versions": ("json", [], {"operation": head, "name": "Mine now"}),
        "asset": ("get", [sha256], None),
        "thumbnail": ("get", [sha256], None),
        "assets": ("form", [], {"file": SimpleUploadedFile("x.png", PNG, "image/png")}),
        "check": ("json", [], {"operation": head, "digest": DIGEST}),
        "export": ("json", [], {"operation": head, "format": "png"}),
        "flatten": ("json", [], {"operation": head}),
        "run": ("get", [run.pk], None),
        "file": ("get", [run.pk], None),
        "generate": ("get", [], None),
        "quote": ("json", [], {"tool": "upscale", "operation": head, "scale": "x2"}),
        "orders": (
            "json",
            [],
            {"id": NEW_ORDER, "tool": "upscale", "operation": head, "scale": "x2", "price": PRICE},
        ),
        "order": ("get", [order.uid], None),
        "order-cancel": ("json", [order.uid], {}),
        "result-use": ("json", [order.uid, 0], {"operation": head}),
        "result-keep": ("json", [order.uid, 0], {}),
        "result-remove": ("json", [order.uid, 0], {}),
        "result-restore": ("json", [order.uid, 0], {}),
        "order-remove": ("json", [order.uid], {}),
        "rename": ("form", [], {"title": "Mine now"}),
        "duplicate": ("form", [], {}),
        "delete": ("form", [], {}),
        "restore": ("form", [], {}),
        "purge": ("form", [], {}),
    }


def state() -> list[Any]:
    """Everything of the editor that a call could change."""
    tables = (Document, Operation, Asset, Version, Run, Generation, Picture)
    return [list(table.objects.order_by("pk").values()) for table in tables]


@pytest.fixture
def theirs(alice: User) -> Theirs:
    credits_for(alice)
    document = a_document(alice)
    work()
    document.refresh_from_db()
    assert document.head is not None
    file = assets.keep(document, b"bytes of a file", Asset.Role.FILE, suffix="psd")
    run = runs.queue(document, Run.Kind.EXPORT, document.head, format="psd", file=file)
    kept = assets.keep(document, PNG, Asset.Role.PICTURE, 1, 1)
    return document, run, kept.sha256, an_order(document)


def send(client: Client, name: str, document: Document, call: tuple[str, list[Any], Any]) -> Any:
    method, more, body = call
    url = reverse(f"editor:{name}", args=[document.pk, *more])
    if method == "get":
        return client.get(url)
    if method == "json":
        return client.post(url, json.dumps(body), content_type="application/json")
    return client.post(url, body)


def test_every_route_of_a_document_is_called_here(theirs: Theirs) -> None:
    of_documents = {route.name for route in urlpatterns if "document_id" in str(route.pattern)}
    assert of_documents == set(calls(*theirs))


@pytest.mark.both_databases
@pytest.mark.parametrize("in_trash", [False, True])
@pytest.mark.parametrize("who", ["bob", "carol", "nobody"])
@pytest.mark.few(12)
def test_who_does_not_own_a_document_finds_nothing_and_changes_nothing(
    theirs: Theirs, alice: User, bob: User, carol: User, who: str, in_trash: bool
) -> None:
    document = theirs[0]
    if in_trash:
        documents.throw_away(user=alice, document_id=document.pk)
    client = Client()
    if who == "bob":
        client.force_login(bob)
    if who == "carol":
        log_in_staff(client, carol)
    before = state()
    for name, call in calls(*theirs).items():
        answer = send(client, name, document, call)
        if who == "nobody":
            assert answer.headers["Location"].startswith("/accounts/login/"), name
        elif name == "purge":
            # What is somebody else's is as gone as what is deleted: one answer for both.
            assert answer.status_code == 302, name
        else:
            assert answer.status_code == 404, name
        assert state() == before, name


def test_the_same_calls_are_taken_from_alice(theirs: Theirs, alice: User) -> None:
    client = Client()
    client.force_login(alice)
    for name, call in calls(*theirs).items():
        if name not in ("restore", "purge", "thumbnail"):
            status = send(client, name, theirs[0], call).status_code
            assert status in (200, 202, 302), (name, status)
