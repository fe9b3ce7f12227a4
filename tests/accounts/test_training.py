"""Consent to training: given for what comes, withdrawn for what comes and for what was made."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction
from django.test import Client

from accounts import training
from accounts.models import Consent, Preferences, User
from accounts.people import preferences
from generation.models import Picture
from tests.generation.web.makers import make_picture

OFF = {"usage_data": "on"}
ON = OFF | {"training_allowed": "on"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def stamps(user: User) -> list[bool]:
    return list(Picture.objects.filter(owner=user).order_by("pk").values_list("training_allowed", flat=True))


def lines(user: User) -> list[tuple[str, bool]]:
    return list(Consent.objects.filter(user=user).order_by("at", "pk").values_list("kind", "granted"))


def test_switching_off_holds_for_later_pictures_and_offers_the_earlier_ones(
    hers: Client, alice: User
) -> None:
    hers.post("/account/data/", ON)
    assert "withdraw_made" not in hers.get("/account/").text
    for minutes in (0, 1):
        make_picture(alice, training_allowed=True, minutes=minutes)
    hers.post("/account/data/", OFF)
    assert stamps(alice) == [True, True]
    page = hers.get("/account/").text
    assert "2 pictures were made while this was on" in page
    assert "withdraw_made" in page


@pytest.mark.parametrize("switch", [OFF, ON])
def test_it_is_withdrawn_from_everything_already_made_also_in_the_trash(
    hers: Client, alice: User, bob: User, switch: dict[str, str]
) -> None:
    hers.post("/account/data/", ON)
    make_picture(alice, training_allowed=True)
    make_picture(alice, training_allowed=True, deleted_at="2026-11-01T00:00:00Z", thumbnails=False)
    make_picture(bob, training_allowed=True)
    answer = hers.post("/account/data/", switch | {"withdraw_made": "on"}, follow=True)
    assert "2 pictures can no longer be used for training." in answer.text
    assert "withdraw_made" not in answer.text
    assert (stamps(alice), stamps(bob)) == ([False, False], [True])
    expected = [("training", True)] + ([("training", False)] if switch == OFF else [])
    assert lines(alice) == [*expected, ("training_made", False)]
    assert set(Consent.objects.values_list("ip", flat=True)) == {"127.0.0.0"}
    assert preferences.of(User.objects.get(pk=alice.pk)).training_allowed is (switch == ON)


def test_withdrawing_where_there_is_nothing_writes_no_line(hers: Client, alice: User) -> None:
    answer = hers.post("/account/data/", OFF | {"withdraw_made": "on"}, follow=True)
    assert "no longer" not in answer.text
    assert lines(alice) == []


@pytest.mark.django_db(transaction=True)
def test_a_picture_that_is_being_published_does_not_slip_through(hers: Client, alice: User) -> None:
    """The publisher reads the switch first and commits last; the withdrawal comes in between, and waits for it."""
    Preferences.objects.update_or_create(user=alice, defaults={"training_allowed": True})
    read, started = threading.Event(), threading.Event()

    def publish() -> None:
        try:
            with transaction.atomic():
                allowed = preferences.locked(User.objects.get(pk=alice.pk)).training_allowed
                read.set()
                started.wait(20)
                make_picture(alice, training_allowed=allowed, thumbnails=False)
        finally:
            connections.close_all()

    def withdraw() -> None:
        try:
            started.set()
            hers.post("/account/data/", OFF | {"withdraw_made": "on"})
        finally:
            connections.close_all()

    publisher, person = threading.Thread(target=publish), threading.Thread(target=withdraw)
    publisher.start()
    assert read.wait(20)
    person.start()
    for thread in (publisher, person):
        thread.join()
    assert stamps(alice) == [False]
    assert training.allowed_count(alice) == 0
