"""A document is flattened into a new one: the same pixels, one layer, and a way back."""

from __future__ import annotations

import html
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from accounts.models import User
from editor import documents, runs
from editor.log import appending
from editor.models import Asset, Document, Run
from generation.files import sweeping
from generation.uploads import storage_used
from tests.editor.making import a_document, a_stroke, chain, digest_at, operation, post, send, work
from tests.editor.pngs import digest_of_pixels


def flatten(client: Client, document: Document) -> dict[str, Any]:
    document.refresh_from_db()
    answer = post(client, "flatten", document, {"operation": str(document.head)})
    assert answer.status_code == 202, answer.content
    work()
    state: dict[str, Any] = client.get(answer.json()["run"]).json()
    return state


@pytest.mark.parametrize("rgba", [0, 0xFFFFFFFF])
def test_a_document_is_flattened_into_a_new_one_that_leads_back(rgba: int, alice: User, hers: Client) -> None:
    document = a_document(alice, width=530, height=300, rgba=rgba)
    Document.objects.filter(pk=document.pk).update(made_with_ai=True, title="Harbour")
    sent = chain(document.head, 5, opacity=120)
    sent += [operation("layer.add", UUID(sent[-1]["id"]), layer="top", name="Top")]
    sent += [a_stroke(UUID(sent[-1]["id"]), layer="top")]
    send(hers, document, sent)

    state = flatten(hers, document)

    made = Document.objects.exclude(pk=document.pk).get()
    assert (state["state"], state["document"]) == ("done", f"/editor/{made.pk}/")
    assert (made.title, made.flattened_from, made.made_with_ai) == ("Harbour (flattened)", document, True)
    assert [each.kind for each in made.operations.all()] == ["open"]
    assert digest_at(made, made.head) == digest_at(document, document.head)
    with default_storage.open(made.assets.get(role=Asset.Role.PICTURE).key, "rb") as file:
        assert digest_of_pixels(np.array(Image.open(file).convert("RGBA"))) == digest_at(
            document, document.head
        )
    page = hers.get(state["document"]).content.decode()
    assert f'href="/editor/{document.pk}/"' in page
    assert "Harbour" in page


def test_what_was_flattened_stays_when_the_first_document_is_deleted_for_good(
    alice: User, hers: Client
) -> None:
    document = a_document(alice)
    flatten(hers, document)
    made = Document.objects.exclude(pk=document.pk).get()
    before = digest_at(made, made.head)

    documents.throw_away(user=alice, document_id=document.pk)
    assert f"/editor/{document.pk}/" not in hers.get(f"/editor/{made.pk}/").content.decode()
    documents.purge(user=alice, document_id=document.pk)
    sweeping.delete_due()

    made.refresh_from_db()
    assert made.flattened_from is None
    assert digest_at(made, made.head) == before


def test_a_document_that_is_full_is_flattened_and_drawn_on(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appending, "MOST_OPERATIONS", 3)
    document = a_document(alice)
    send(hers, document, chain(document.head, 2))
    document.refresh_from_db()
    refused = send(hers, document, [a_stroke(document.head)])
    assert (refused.status_code, refused.json()["full"]) == (422, True)

    state = flatten(hers, document)

    made = Document.objects.exclude(pk=document.pk).get()
    assert state["state"] == "done"
    assert send(hers, made, [a_stroke(made.head)]).status_code == 200


def test_two_orders_for_the_same_are_one_and_a_worker_that_lost_its_run_makes_none(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = a_document(alice)
    body = {"operation": str(document.head)}
    runs_of = {post(hers, "flatten", document, body).json()["run"] for _time in range(2)}
    assert len(runs_of) == 1
    monkeypatch.setattr(runs, "finish", lambda *_arguments, **_more: False)

    work()

    assert Document.objects.count() == 1
    assert not Asset.objects.filter(role=Asset.Role.PICTURE).exists()


def test_without_room_the_list_says_why_there_is_no_flattened_document(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = a_document(alice)
    said = hers.post(f"/editor/{document.pk}/flatten", follow=True).content.decode()
    assert "The flattened document is being made." in said
    assert "Being flattened" in said

    def full(**_arguments: Any) -> None:
        raise storage_used.StorageUsedUp(limit=10, left=0, needed=5)

    monkeypatch.setattr(storage_used, "claim", full)
    work()

    run = Run.objects.get(kind=Run.Kind.FLATTEN)
    assert run.state == Run.State.FAILED
    assert run.sentence in html.unescape(hers.get("/editor/").content.decode())
    assert Document.objects.count() == 1
