"""/privacy/usage/: in words, with the switch and deletion, all without script."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Consent, UsageEvent, User
from accounts.people import preferences
from accounts.usage.days import Recorded
from editor.log import schema, tools
from generation.requests import kinds
from privacy.usage import words

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
PAGE = "/privacy/usage/"
AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
DETAILS = {"kind": "text_to_image", "model": "bundled", "shape": "3:2", "size": "4k", "count": 2}


@pytest.fixture
def hers(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def used(user: User, *, at: datetime = AT, event: str = "generation.submitted", **details: object) -> None:
    UsageEvent.objects.create(user=user, event=event, details=details or DETAILS, at=at)


def test_it_says_in_words_what_was_recorded_and_shows_the_rows_as_stored(hers: Client, alice: User) -> None:
    used(alice)
    used(alice)
    for tool in ("brush", "layer"):
        used(alice, event="editor.used", tool=tool)

    page = hers.get(PAGE).text
    assert (
        "You asked for a picture from words with Image 2 Poster: shape 3:2, size 4K, 2 pictures. (2 times)"
        in page
    )
    assert "In the editor you used: brush and layers." in page
    assert "28 Nov 2026" in page
    assert "generation.submitted count=2 kind=text_to_image model=bundled shape=3:2 size=4k" in page


def test_other_people_and_visitors_see_nothing_of_it(client: Client, alice: User, bob: User) -> None:
    used(alice)
    client.force_login(bob)

    assert "Nothing is recorded" in client.get(PAGE).text
    client.post(f"{PAGE}delete/")
    assert UsageEvent.objects.count() == 1
    assert Client().get(PAGE).status_code == HTTPStatus.FOUND


def test_a_day_is_deleted_and_the_others_stay(hers: Client, alice: User) -> None:
    used(alice)
    used(alice, at=AT - timedelta(days=1))

    page = hers.post(f"{PAGE}delete/", {"day": "2026-11-28"}, follow=True).text
    assert "1 entry was deleted." in page
    assert UsageEvent.objects.get().at == AT - timedelta(days=1)
    assert (
        "There was nothing left to delete."
        in hers.post(f"{PAGE}delete/", {"day": "2026-11-28"}, follow=True).text
    )
    hers.post(f"{PAGE}delete/")
    assert not UsageEvent.objects.exists()


@pytest.mark.parametrize("day", ["", "yesterday", "2026-13-01", "99999-01-01", "\x00"])
def test_a_day_that_there_is_not_deletes_nothing(hers: Client, alice: User, day: str) -> None:
    used(alice)

    assert "There is no such day." in hers.post(f"{PAGE}delete/", {"day": day}, follow=True).text
    assert UsageEvent.objects.count() == 1


@pytest.mark.parametrize("number", ["1", "2", "3", "0", "x", "99999999999999999999"])
def test_many_days_come_in_pages(hers: Client, alice: User, number: str) -> None:
    for days in range(30):
        used(alice, at=AT - timedelta(days=days))

    answer = hers.get(PAGE, {"page": number})
    assert answer.status_code == HTTPStatus.OK
    assert answer.text.count("You asked for") <= 14
    assert "of 3" in answer.text


def test_the_switch_is_the_one_of_the_settings(hers: Client, alice: User) -> None:
    assert "Recording is on" in hers.get(PAGE).text

    assert "Recording is off" in hers.post(f"{PAGE}switch/", follow=True).text
    assert not preferences.of(User.objects.get(pk=alice.pk)).usage_data
    assert "Recording is on" in hers.post(f"{PAGE}switch/", {"usage_data": "on"}, follow=True).text
    lines = Consent.objects.filter(user=alice, kind="usage_data").order_by("at", "pk")
    assert [line.granted for line in lines] == [False, True]


def test_it_says_why_nothing_is_recorded(hers: Client, alice: User) -> None:
    assert "so we record nothing from it" in hers.get(PAGE, headers={"sec-gpc": "1"}).text

    hers.post("/privacy/restriction/begin/")
    assert "so nothing is recorded" in hers.get(PAGE).text


def test_it_says_that_a_browser_switched_it_off(alice: User) -> None:
    phone, laptop = Client(), Client()
    phone.post(
        "/accounts/login/",
        {"login": alice.email, "password": "correct horse battery staple"},
        headers={"sec-gpc": "1"},
    )
    laptop.force_login(alice)

    page = laptop.get(PAGE).text
    assert "Recording is off" in page
    assert "sent Global Privacy Control" in page
    assert (
        "sent Global Privacy Control"
        not in laptop.post(f"{PAGE}switch/", {"usage_data": "on"}, follow=True).text
    )


def test_whatever_is_recorded_has_a_sentence() -> None:
    """Each name of an event that stands in a call; a new one needs its sentence in privacy/usage/words.py."""
    called = {
        keyword.value.value
        for app in ("accounts", "billing", "editor", "generation", "privacy")
        for path in (ROOT / app).rglob("*.py")
        if "usage" in (source := path.read_text(encoding="utf-8")) and "event=" in source
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "").startswith("record")
        for keyword in call.keywords
        if keyword.arg == "event" and isinstance(keyword.value, ast.Constant)
    }
    assert called == set(words.SAYING)


def test_every_kind_of_request_has_words() -> None:
    assert set(words.KINDS) == set(kinds.KINDS)


def test_what_an_older_program_recorded_is_shown_too() -> None:
    day = words.day(AT.date(), [Recorded("picture.opened", {"model": "gone"}, 1)])

    assert [line.sentence for line in day.lines] == ["“picture.opened” was recorded."]
    assert day.lines[0].stored == ("picture.opened model=gone",)


def test_every_kind_of_operation_has_the_name_of_a_tool() -> None:
    for kind in schema.KINDS:
        tool = kind.partition(".")[0]
        assert tool in {"open", "stroke"} or tools.words(tool), kind
