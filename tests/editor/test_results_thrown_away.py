"""Results that are thrown away: known to the server at once, given back for an hour, deleted for good after that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from editor import opening
from editor.models import Document
from generation.models import File, Picture
from generation.pictures import history, trash
from tests.editor.making import uploaded
from tests.editor.ordering import credits_for, ordered, select, use

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_model")]


@pytest.fixture
def photo(alice: User) -> Document:
    credits_for(alice)
    return opening.from_file(user=alice, file=uploaded(160))


@pytest.fixture
def order(photo: Document, hers: Client) -> dict[str, Any]:
    select(hers, photo, (40, 30, 90, 80))
    return ordered(hers, photo, "fill", variants=2)


def listed(client: Client, order: dict[str, Any]) -> list[int]:
    return [each["index"] for each in client.get(order["url"]).json()["results"]]


def later(minutes: int) -> None:
    trash.purge_due(timezone.now() + timedelta(minutes=minutes))


@pytest.mark.both_databases
def test_it_is_gone_from_every_list_at_once_and_for_good_after_an_hour(
    order: dict[str, Any], hers: Client, alice: User
) -> None:
    assert hers.post(order["results"][0]["remove"]).json() == {}

    assert listed(hers, order) == [1]
    assert hers.get(order["results"][0]["master"]).status_code == 404
    assert not Picture.objects.in_trash_of(alice).exists()  # it never was in the history
    later(59)
    assert Picture.objects.count() == 2
    later(61)
    assert [picture.index for picture in Picture.objects.all()] == [1]
    assert not File.objects.filter(picture=None, upload=None).exists()
    assert hers.post(order["results"][0]["restore"]).status_code == 404


def test_it_is_taken_back_and_used(photo: Document, order: dict[str, Any], hers: Client) -> None:
    first = order["results"][0]
    hers.post(first["remove"])
    for _press in range(2):
        answer = hers.post(first["restore"])
        assert (answer.status_code, answer.json()["result"]["reference"]) == (200, first["reference"])
    assert listed(hers, order) == [0, 1]
    later(61)
    assert [each["kind"] for each in use(hers, photo, first)["operations"]] == ["layer.add"]


def test_one_that_is_in_the_history_goes_to_the_trash_and_comes_back(
    order: dict[str, Any], hers: Client, alice: User
) -> None:
    first = order["results"][0]
    hers.post(first["keep"])
    hers.post(first["remove"])
    assert listed(hers, order) == [1]
    assert [str(picture.pk) for picture in Picture.objects.in_trash_of(alice)] == [first["reference"][8:]]
    later(61)  # the trash keeps it for its days
    assert hers.post(first["restore"]).json()["result"]["kept"]
    assert listed(hers, order) == [0, 1]
    assert len(history.newest(user=alice).pictures) == 1


@pytest.mark.long
def test_one_of_an_order_that_was_taken_off_the_list_stays_gone(order: dict[str, Any], hers: Client) -> None:
    first = order["results"][0]
    hers.post(first["remove"])
    assert hers.post(order["remove"]).status_code == 200
    assert hers.post(first["restore"]).status_code == 404
    later(61)
    assert not Picture.objects.exists()
