"""Workers: pixels from the log, snapshots, checks and pictures; and what becomes of it when something goes wrong."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog.testing
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from editor import documents, opening, replaying, runs
from editor.log import appending
from editor.log.snapshots import Shelf
from editor.models import Asset, Document, Operation, Run, Snapshot
from editor.replay.document import Document as Replayed
from editor.replay.engine import Kernels
from generation.files import storing, sweeping
from generation.models import StorageDeletion
from image2.lib.ids import new_id
from tests.editor.calling import NoAssets
from tests.editor.making import (
    a_document,
    a_stroke,
    chain,
    digest_at,
    export,
    operation,
    post,
    send,
    uploaded,
    work,
)
from tests.editor.operations import Author


def plainly(operations: list[Any]) -> str:
    """The same from zero, without a worker."""
    with Kernels() as kernels:
        state = Replayed(kernels, NoAssets())
        for each in operations:
            state.apply(each.kind, each.body, bytes(each.blob))
        return state.digest()


def test_snapshots_are_taken_and_a_replay_from_one_ends_the_same(alice: User, hers: Client) -> None:
    document = a_document(alice)
    sent = chain(document.head, 150)
    send(hers, document, sent)

    assert work() >= 1

    document.refresh_from_db()
    assert [row.seq for row in document.snapshots.order_by("seq")] == [64, 128]
    assert document.good_head == document.head
    assert document.replayed_seq == 151
    assert document.assets.filter(role=Asset.Role.THUMBNAIL).count() == 1
    assert digest_at(document, document.head) == plainly(list(document.operations.order_by("seq")))


@pytest.mark.long
def test_only_the_newest_and_the_named_snapshots_are_kept_with_their_tiles(alice: User, hers: Client) -> None:
    document = a_document(alice, width=600, height=600)
    named = None
    for number in range(6):
        sent = chain(document.head, 64, rgb=number * 999)
        send(hers, document, sent)
        document.refresh_from_db()
        if number == 0:
            post(hers, "versions", document, {"operation": str(document.head), "name": "First"})
            named = document.head
        work()

    kept = set(document.snapshots.values_list("operation", flat=True))
    assert len(kept) == 4
    assert named in kept
    used = {pack for row in document.snapshots.all() for pack in row.manifest["packs"]}
    assert set(document.assets.filter(role=Asset.Role.TILES).values_list("sha256", flat=True)) == used
    sweeping.delete_due()
    assert digest_at(document, document.head) == plainly(list(document.operations.order_by("seq")))


def test_lost_tiles_cost_time_and_nothing_else(alice: User, hers: Client) -> None:
    document = a_document(alice)
    send(hers, document, chain(document.head, 70))
    work()
    default_storage.delete(document.assets.get(role=Asset.Role.TILES).key)
    document.refresh_from_db()

    state, picture = export(hers, document)

    assert state["state"] == "done"
    assert picture is not None
    assert picture.recipe["editor"]["pixels"] == plainly(list(document.operations.order_by("seq")))
    document.refresh_from_db()
    assert document.stopped_at is None


@pytest.mark.django_db
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
@pytest.mark.long
def test_undo_to_any_step_of_a_tree_gives_what_it_was(seed: int) -> None:
    """A tree of operations with branches; each node replayed by the worker, in any order, with snapshots between."""
    chance = random.Random(seed)
    owner, _created = User.objects.get_or_create(email="tree@example.test")
    author = Author(seed)
    first, *rest = author.document(24)
    document = opening.blank(
        user=owner, width=first["body"]["width"], height=first["body"]["height"], rgba=0xFF336699
    )
    nodes: dict[UUID, list[Any]] = {document.head: [Operation.objects.get(document=document)]}  # type: ignore[dict-item]
    for each in rest:
        parent = chance.choice(list(nodes)[-4:])
        try:
            _append(owner, document, each, parent)
        except appending.NotTaken:
            continue
        made = Operation.objects.filter(document=document).latest("seq")
        nodes[made.uid] = [*nodes[parent], made]
    expected = {uid: plainly(path) for uid, path in nodes.items()}
    order = list(nodes)
    chance.shuffle(order)
    for uid in order:
        if chance.random() < 0.4:
            with Shelf(document) as shelf, Kernels() as kernels:
                state = Replayed(kernels, NoAssets())
                for each in nodes[uid]:
                    state.apply(each.kind, each.body, bytes(each.blob))
                shelf.take(state, uid, nodes[uid][-1].seq)
        assert digest_at(document, uid) == expected[uid]


def _append(owner: User, document: Document, each: dict[str, Any], parent: UUID) -> None:

    document.refresh_from_db()
    assert document.head is not None
    sent = appending.Sent(
        uid=new_id(), parent=parent, kind=each["kind"], engine="k1", body=each["body"], blob=each["blob"]
    )
    appending.append(
        user=owner, document_id=document.pk, expected=document.head, head=sent.uid, operations=[sent]
    )


def test_a_browser_that_shows_the_same_is_nothing_to_tell_and_another_one_is(
    alice: User, hers: Client
) -> None:
    document = a_document(alice)
    send(hers, document, chain(document.head, 3))
    document.refresh_from_db()
    assert document.head is not None
    ours = digest_at(document, document.head)

    with structlog.testing.capture_logs() as told:
        same = post(hers, "check", document, {"operation": str(document.head), "digest": ours})
        work()
    assert same.status_code == 202
    assert not [line for line in told if line["event"] == "editor.digests_differ"]

    with structlog.testing.capture_logs() as told:
        post(hers, "check", document, {"operation": str(document.head), "digest": "0" * 64})
        work()
    assert [line["log_level"] for line in told if line["event"] == "editor.digests_differ"] == ["error"]


def test_a_step_that_costs_too_much_stops_and_the_worker_and_the_document_live(
    alice: User, hers: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = a_document(alice)
    good = chain(document.head, 2)
    bomb = a_stroke(UUID(good[-1]["id"]), *[(x * 40 % 300, x * 90 % 200) for x in range(60)], radius=1600)
    send(hers, document, [*good, bomb])
    monkeypatch.setattr(replaying, "FUEL", 20_000_000)

    work()

    document.refresh_from_db()
    assert str(document.stopped_at) == bomb["id"]
    assert str(document.good_head) == good[-1]["id"]
    log = hers.get(f"/editor/{document.pk}/log").json()
    assert log["stopped"]["operation"] == bomb["id"]
    assert log["stopped"]["sentence"].endswith("Undo it to go on.")
    state, picture = export(hers, document)
    assert (state["state"], picture) == ("failed", None)
    assert state["sentence"] == log["stopped"]["sentence"]
    assert log["stopped"]["sentence"] in hers.get("/editor/").content.decode()

    send(hers, document, [], head=good[-1]["id"])
    work()
    document.refresh_from_db()
    assert document.stopped_at is None


def test_an_area_that_is_too_large_to_erase_stops_before_it_takes_the_memory(
    alice: User, hers: Client
) -> None:
    document = a_document(alice, width=4000, height=4000)
    everything = operation("select", document.head, shape="all")
    erase = operation("erase", UUID(everything["id"]), layer="base", seed=1)
    send(hers, document, [everything, erase])

    work()

    document.refresh_from_db()
    assert str(document.stopped_at) == erase["id"]
    assert "memory" in document.stopped_because


def test_a_document_that_is_drawn_in_is_not_replayed_at_every_stroke(alice: User, hers: Client) -> None:
    document = a_document(alice)
    work()
    for _stroke in range(5):
        document.refresh_from_db()
        send(hers, document, [a_stroke(document.head)])

    waiting = Run.objects.filter(state=Run.State.QUEUED)
    document.refresh_from_db()
    assert [run.operation for run in waiting] == [document.head]
    assert waiting[0].not_before > timezone.now()
    assert runs.claim() is None


def test_deleting_for_good_leaves_nothing(alice: User, hers: Client) -> None:
    document = opening.from_file(user=alice, file=uploaded(300))
    send(hers, document, chain(document.head, 70))
    work()
    keys = list(Asset.objects.values_list("key", flat=True))
    assert {row.role for row in Asset.objects.all()} == {"picture", "tiles", "thumbnail"}

    hers.post(f"/editor/{document.pk}/delete")
    hers.post(f"/editor/{document.pk}/purge")
    sweeping.delete_due()

    for model in (Document, Operation, Asset, Snapshot, Run, StorageDeletion):
        assert not model.objects.exists(), model
    assert not [key for key in keys if default_storage.exists(key)]


def test_the_trash_is_emptied_after_thirty_days(alice: User) -> None:
    old, young = a_document(alice), a_document(alice)
    now = timezone.now()
    for document, days in ((old, 31), (young, 29)):
        documents.throw_away(user=alice, document_id=document.pk)
        Document.objects.filter(pk=document.pk).update(deleted_at=now - timedelta(days=days))

    assert documents.purge_due(now) == 1

    assert list(Document.objects.all()) == [young]


def test_storage_is_not_swept_of_what_documents_need(alice: User) -> None:
    document = opening.from_file(user=alice, file=uploaded())
    key = document.assets.get().key
    storing.discard_keys([key])

    sweeping.delete_due()
    found = sweeping.sweep_everything(timedelta(0))

    assert default_storage.exists(key)
    assert found == 0


def test_a_copy_has_its_own_log_and_its_own_pictures(alice: User, hers: Client) -> None:
    document = opening.from_file(user=alice, file=uploaded())
    send(hers, document, chain(document.head, 5))

    hers.post(f"/editor/{document.pk}/duplicate")

    document.refresh_from_db()
    copy = Document.objects.exclude(pk=document.pk).get()
    assert copy.head == document.head
    assert copy.assets.get(role="picture").key != document.assets.get(role="picture").key
    assert document.head is not None
    assert digest_at(copy, document.head) == digest_at(document, document.head)
    documents.throw_away(user=alice, document_id=document.pk)
    documents.purge(user=alice, document_id=document.pk)
    sweeping.delete_due()
    assert digest_at(copy, document.head)


def test_ids_of_documents_sort_by_time(alice: User) -> None:
    made = [a_document(alice).pk for _ in range(3)]
    assert made == sorted(made)
    assert {pk.version for pk in made} == {7}


@pytest.mark.both_databases
def test_one_persons_many_orders_do_not_hold_up_another_ones_one(alice: User, bob: User) -> None:
    hers, his = a_document(alice), a_document(bob)
    Run.objects.all().delete()
    assert hers.head is not None
    assert his.head is not None
    for _order in range(3):
        runs.queue(hers, Run.Kind.EXPORT, hers.head, format="png")
    runs.queue(his, Run.Kind.CHECK, his.head)
    runs.queue(his, Run.Kind.EXPORT, his.head, format="png")

    taken = []
    while (run := runs.claim()) is not None:
        taken.append((run.document.owner, run.kind))
        runs.finish(run)

    assert taken == [
        (alice, Run.Kind.EXPORT),
        (bob, Run.Kind.EXPORT),
        (alice, Run.Kind.EXPORT),
        (alice, Run.Kind.EXPORT),
        (bob, Run.Kind.CHECK),
    ]
