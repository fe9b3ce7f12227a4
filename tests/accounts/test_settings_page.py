"""The settings page: name, preferences, the two switches, devices."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Consent, Preferences, User
from accounts.people import preferences
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LOOKS = {"format": "webp", "theme": "dark", "recipe_in_downloads": "on", "model": "", "shape": "", "size": ""}


@pytest.fixture(autouse=True)
def at_home(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})


def test_the_page_shows_who_it_is(client: Client, alice: User) -> None:
    page = client.get("/account/").text

    assert "alice@example.test" in page
    assert 'value="Alice"' in page


def test_a_name_is_saved_in_one_spelling(client: Client, alice: User) -> None:
    client.post("/account/profile/", {"name": "  Ali\u0301ce   Łukasiewicz "})

    alice.refresh_from_db()
    assert alice.name == "Al\u00edce Łukasiewicz"


@pytest.mark.parametrize("name", ["", "\x00", "a" * 101, "\u202egnirts", "www.example.com"])
def test_a_bad_name_is_a_form_error_and_changes_nothing(client: Client, alice: User, name: str) -> None:
    response = client.post("/account/profile/", {"name": name})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.context["profile_form"].errors
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_a_time_zone_is_saved_by_its_own_name_and_is_asked_of_nobody(client: Client, alice: User) -> None:
    client.post("/account/profile/", {"name": "Alice"})
    assert Preferences.objects.get(user=alice).time_zone == ""

    client.post("/account/profile/", {"name": "Alice", "time_zone": " europe/berlin"})
    assert Preferences.objects.get(user=alice).time_zone == "Europe/Berlin"
    assert 'value="Europe/Berlin"' in client.get("/account/").text


def test_an_unknown_time_zone_is_a_form_error_and_changes_nothing(client: Client, alice: User) -> None:
    response = client.post("/account/profile/", {"name": "Alicia", "time_zone": "Europe/Atlantis"})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "such as Europe/Berlin" in response.text
    alice.refresh_from_db()
    assert alice.name == "Alice"


def test_preferences_are_saved(client: Client, alice: User) -> None:
    client.post("/account/preferences/", LOOKS)

    row = Preferences.objects.get(user=alice)
    assert (row.format, row.theme, row.recipe_in_downloads) == ("webp", "dark", True)


@pytest.mark.parametrize("field", ["format", "theme"])
def test_a_choice_that_was_not_offered_is_refused(client: Client, alice: User, field: str) -> None:
    response = client.post("/account/preferences/", {**LOOKS, field: "neon"})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_what_another_app_offers_can_be_chosen(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(preferences._offers, "shape", lambda: [("16:9", "Wide"), ("1:1", "Square")])

    assert client.post("/account/preferences/", {**LOOKS, "shape": "7:5"}).status_code == 422
    client.post("/account/preferences/", {**LOOKS, "shape": "16:9"})

    assert Preferences.objects.get(user=alice).shape == "16:9"


def test_training_is_off_until_somebody_switches_it_on(alice: User) -> None:
    assert preferences.of(alice).training_allowed is False
    assert preferences.of(alice).usage_data is True


def test_switching_training_on_and_off_is_kept_with_the_time(client: Client, alice: User) -> None:
    client.post("/account/data/", {"usage_data": "on", "training_allowed": "on"})
    client.post("/account/data/", {"usage_data": "on"})

    assert [(row.kind, row.granted) for row in Consent.objects.order_by("at")] == [
        ("training", True),
        ("training", False),
    ]
    assert set(Consent.objects.values_list("ip", flat=True)) == {"127.0.0.0"}
    assert preferences.of(User.objects.get(pk=alice.pk)).training_allowed is False


def test_saving_the_same_choices_again_writes_no_line(client: Client, alice: User) -> None:
    client.post("/account/data/", {"usage_data": "on"})

    assert not Consent.objects.exists()


def test_the_page_says_when_the_browser_forbids_recording(client: Client) -> None:
    assert "Global Privacy Control" in client.get("/account/", headers={"sec-gpc": "1"}).text
    assert "Global Privacy Control" not in client.get("/account/").text


def test_devices_are_listed_by_name_with_a_shortened_address(client: Client, alice: User) -> None:
    phone = Client(
        HTTP_USER_AGENT="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
        REMOTE_ADDR="2001:db8:1:2:3:4:5:6",
    )
    phone.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    page = client.get("/accounts/sessions/").text
    assert "Safari on iPhone" in page
    assert "2001:db8:1::" in page
    assert "2001:db8:1:2" not in page
    assert UserSession.objects.get(user_agent__contains="iPhone").ip == "2001:db8:1::"


def test_one_other_device_is_logged_out(client: Client, alice: User) -> None:
    phone = Client()
    phone.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    row = UserSession.objects.get(session_key=phone.session.session_key)

    client.post(f"/account/sessions/{row.pk}/end/")

    assert phone.get("/account/").status_code == HTTPStatus.FOUND
    assert client.get("/account/").status_code == HTTPStatus.OK


def test_nobody_ends_somebody_elses_session(client: Client, bob: User) -> None:
    other = Client()
    other.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    row = UserSession.objects.get(user=bob)

    answer = client.post(f"/account/sessions/{row.pk}/end/", follow=True)
    assert "That device was already logged out." in answer.text
    assert UserSession.objects.filter(pk=row.pk).exists()
    assert other.get("/account/").status_code == HTTPStatus.OK


def test_last_used_is_written_at_most_every_few_minutes(client: Client) -> None:
    client.get("/account/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/accounts/email/")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
