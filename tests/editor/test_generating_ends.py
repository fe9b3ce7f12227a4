"""How orders end that bring no picture: cancelled, failed, of a document that is gone; and what stays of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing import ledger
from editor import documents, generations, opening, runs
from editor.generating import preparing
from editor.models import Document, Generation, Run
from generation.files import storing
from generation.models import Job, Picture, Upload
from tests.editor.making import uploaded, work
from tests.editor.ordering import carry_out, credits_for, do, ordered, pixels_of, place, row_of, select, use

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_model")]

MARKED = (40, 30, 90, 80)


@pytest.fixture
def alice(alice: User) -> User:
    credits_for(alice, 20)
    return alice


@pytest.fixture
def photo(alice: User, hers: Client) -> Document:
    document = opening.from_file(user=alice, file=uploaded(160))
    select(hers, document, MARKED)
    return document


def nothing_was_charged(user: User) -> bool:
    balance = ledger.balance(user)
    return (balance.available, balance.held) == (20, 0)


def test_a_document_in_the_trash_gets_nothing(photo: Document, hers: Client, alice: User) -> None:
    place(hers, photo, "fill")
    documents.throw_away(user=alice, document_id=photo.pk)
    carry_out()

    (order,) = Generation.objects.all()
    assert order.state == Generation.State.FAILED
    assert order.sentence.startswith("The document is in the trash.")
    assert nothing_was_charged(alice)
    assert hers.get(f"/editor/{photo.pk}/generate/orders").status_code == 404


@pytest.mark.both_databases
def test_a_document_that_is_deleted_takes_its_orders_along(
    photo: Document, hers: Client, alice: User
) -> None:
    waiting = ordered(hers, photo, "fill", variants=2)
    kept, _left = waiting["results"]
    hers.post(kept["keep"])
    place(hers, photo, "fill")
    work()
    place(hers, photo, "fill")
    documents.throw_away(user=alice, document_id=photo.pk)

    assert documents.purge(user=alice, document_id=photo.pk)

    assert not Generation.objects.exists()
    assert {picture.index for picture in Picture.objects.all()} == {0}
    assert sorted(Job.objects.values_list("state", flat=True)) == ["cancelled", "done"]
    assert ledger.balance(alice).held == 0
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()
    carry_out()


def test_an_order_is_cancelled_before_it_has_a_job(photo: Document, hers: Client, alice: User) -> None:
    order = place(hers, photo, "fill").json()
    assert hers.post(order["cancel"]).json()["state"] == "cancelled"
    carry_out()
    assert hers.post(order["cancel"]).json()["state"] == "cancelled"
    assert not Job.objects.exists()
    assert nothing_was_charged(alice)
    assert hers.get(f"/editor/{photo.pk}/generate/orders").json() == {"orders": []}


@pytest.mark.both_databases
def test_an_order_is_cancelled_while_it_is_drawn(
    photo: Document, hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = place(hers, photo, "fill").json()
    submit = preparing._submit

    def cancelled_first(*arguments: Any) -> None:
        hers.post(order["cancel"])
        submit(*arguments)

    monkeypatch.setattr(preparing, "_submit", cancelled_first)
    carry_out()

    assert hers.get(order["url"]).json()["state"] == "cancelled"
    assert not Job.objects.exists()
    assert nothing_was_charged(alice)
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()


def test_a_waiting_job_is_cancelled_and_its_credits_come_back(
    photo: Document, hers: Client, alice: User
) -> None:
    order = place(hers, photo, "fill", variants=2).json()
    work()
    assert hers.get(order["url"]).json()["state"] == "queued"
    assert ledger.balance(alice).held == 2

    assert hers.post(order["cancel"]).json()["state"] == "cancelled"

    assert nothing_was_charged(alice)
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()


def test_a_machine_that_fails_costs_nothing_and_the_selection_is_still_there(
    photo: Document, hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any, **_more: Any) -> Any:
        raise ValueError("the model has no such tensor")

    monkeypatch.setattr("generation.engine.production.produce", broken)
    head = photo.head
    order = ordered(hers, photo, "fill")

    assert order["state"] == "failed"
    assert "You were not charged." in order["sentence"]
    assert (order["charged"], order["results"]) == (0, [])
    assert nothing_was_charged(alice)
    photo.refresh_from_db()
    assert photo.head == head
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()
    monkeypatch.undo()
    assert hers.post(order["remove"]).json() == {}
    assert hers.get(f"/editor/{photo.pk}/generate/orders").json() == {"orders": []}
    assert Job.objects.get().request == {}


def test_a_step_that_can_not_be_computed_fails_the_order(
    photo: Document, hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("editor.replaying.FUEL", 1)
    order = ordered(hers, photo, "fill")

    assert (order["state"], order["job"]) == ("failed", None)
    assert order["sentence"].startswith("A step of this document takes too long to compute.")
    assert order["sentence"].endswith("You were not charged.")
    assert nothing_was_charged(alice)


def test_a_copy_of_a_document_has_no_orders_and_none_of_their_masks(
    photo: Document, hers: Client, alice: User
) -> None:
    use(hers, photo, ordered(hers, photo, "fill")["results"][0])
    copy = documents.duplicate(user=alice, document_id=photo.pk)

    assert not copy.generations.exists()
    assert set(copy.assets.values_list("role", flat=True)) <= {"picture", "thumbnail"}
    assert copy.assets.filter(role="picture").count() == 3  # what it stands on, a result, and its mask
    assert np.array_equal(pixels_of(copy), pixels_of(photo))


def test_one_that_is_at_work_is_cancelled_before_it_is_removed(photo: Document, hers: Client) -> None:
    order = place(hers, photo, "fill").json()
    assert order["remove"] is None
    answer = hers.post(f"{order['url']}/remove")
    assert (answer.status_code, answer.json()["code"]) == (409, "live")


@pytest.mark.both_databases
def test_a_worker_that_dies_before_the_job_is_replaced_by_one_that_ends_it(
    photo: Document, hers: Client, alice: User
) -> None:
    order = place(hers, photo, "fill").json()
    dead = runs.claim()
    assert dead is not None
    Run.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    runs.sweep()
    carry_out()

    assert hers.get(order["url"]).json()["state"] == "done"
    assert Job.objects.count() == 1
    assert ledger.balance(alice).available == 19
    # The dead one comes back: it has lost its lease, and nothing of it stays.
    with pytest.raises(runs.Lost):
        preparing.prepare(dead, on_replay=_nothing, on_draw=_nothing)
    assert Job.objects.count() == 1


def test_a_worker_that_dies_each_time_fails_the_order(photo: Document, hers: Client, alice: User) -> None:
    order = place(hers, photo, "fill").json()
    for _time in range(3):
        Run.objects.update(not_before=timezone.now() - timedelta(seconds=1))
        while (taken := runs.claim()) is not None:
            Run.objects.filter(pk=taken.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        runs.sweep()

    found = hers.get(order["url"]).json()
    assert found["state"] == "failed"
    assert found["sentence"].endswith("You were not charged.")
    assert nothing_was_charged(alice)


def test_an_end_that_nobody_told_of_is_found_by_the_sweep(
    photo: Document, hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generation.jobs.outcomes._listeners", [])
    order = ordered(hers, photo, "fill")
    assert row_of(order).finished_at is None
    assert Upload.objects.visible_to(alice).filter(is_listed=False).exists()

    generations.sweep()

    assert row_of(order).finished_at is not None
    assert not Upload.objects.visible_to(alice).filter(is_listed=False).exists()


@pytest.mark.both_databases
def test_after_thirty_days_an_order_is_forgotten(photo: Document, hers: Client) -> None:
    order = ordered(hers, photo, "fill")
    use(hers, photo, order["results"][0])
    Generation.objects.update(finished_at=timezone.now() - timedelta(days=30, minutes=1))

    generations.sweep()

    assert not Generation.objects.exists()
    assert photo.assets.filter(role="mask").count() == 0
    assert Picture.objects.get().kept  # it was used


def test_a_result_of_a_picture_of_another_size_is_not_laid_over_it(photo: Document, hers: Client) -> None:
    order = ordered(hers, photo, "fill")
    do(hers, photo, "canvas", width=200, height=160, dx=0, dy=0)

    answer = hers.post(
        order["results"][0]["use"], {"operation": str(photo.head)}, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "size")


def test_a_result_that_is_gone_is_not_found(photo: Document, hers: Client) -> None:
    order = ordered(hers, photo, "fill")
    (result,) = order["results"]
    assert hers.post(result["remove"]).json() == {}
    assert hers.post(result["remove"]).json() == {}
    body = {"operation": str(photo.head)}
    assert hers.post(result["use"], body, content_type="application/json").status_code == 404
    assert hers.post(result["keep"]).status_code == 404


def test_nothing_of_an_order_stays_when_storage_fails(
    photo: Document, hers: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_more: Any) -> Any:
        raise storing.StorageUnavailable("no answer")

    order = place(hers, photo, "fill").json()
    monkeypatch.setattr("generation.uploads.unlisted.store_rendition", full)
    carry_out()

    found = hers.get(order["url"]).json()
    assert found["state"] == "failed"
    assert found["sentence"].startswith("Storage does not answer just now.")
    assert nothing_was_charged(alice)


def _nothing(_done: int, _of: int) -> None:
    pass
