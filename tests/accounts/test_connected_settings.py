"""Connected accounts in the settings, and people who have no password."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from privacy.models import Export
from tests.accounts.elsewhere import agree, come
from tests.accounts.mails import code_in
from tests.factories import PASSWORD
from tests.fakes.elsewhere.server import FakeProviders

pytestmark = pytest.mark.django_db
LOG_IN, CONNECTED = "/accounts/login/", "/accounts/connected/"
CONFIRM_BY_MAIL = "/accounts/reauthenticate/mail/"


# --- connected accounts in the settings ------------------------------------------------------------------------------


@pytest.fixture
def hers(client: Client, alice: User) -> Client:
    client.post(LOG_IN, {"login": alice.email, "password": PASSWORD})
    return client


def test_a_person_connects_and_disconnects_after_their_password(
    hers: Client, fake: FakeProviders, alice: User
) -> None:
    assert "Log in with Google or GitHub" in hers.get("/account/").text
    asked = come(hers, "github")
    assert asked.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    assert not SocialAccount.objects.exists()

    page = hers.post("/accounts/reauthenticate/", {"password": PASSWORD}, follow=True)
    assert page.redirect_chain[-1][0] == CONNECTED
    assert "Your GitHub account is connected." in page.text
    assert "dana-s" in page.text
    row = SocialAccount.objects.get(user=alice)

    page = hers.post(f"{CONNECTED}{row.pk}/disconnect/", follow=True)
    assert "Your GitHub account is disconnected." in page.text
    assert not SocialAccount.objects.exists()
    assert [message.subject for message in mail.outbox] == [
        "A GitHub account was connected",
        "A GitHub account was disconnected",
    ]


def test_an_account_that_belongs_to_somebody_else_here_is_not_moved(
    hers: Client, fake: FakeProviders, bob: User
) -> None:
    SocialAccount.objects.create(user=bob, provider="github", uid="583231")
    hers.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert "belongs to another account here" in come(hers, "github").text
    assert SocialAccount.objects.get().user == bob


def test_a_provider_that_is_taken_off_the_site_can_still_be_disconnected(
    hers: Client, alice: User, settings: Settings
) -> None:
    row = SocialAccount.objects.create(user=alice, provider="google", uid="1")
    assert "Google" in hers.get(CONNECTED).text
    hers.post("/accounts/reauthenticate/", {"password": PASSWORD})

    hers.post(f"{CONNECTED}{row.pk}/disconnect/")

    assert not SocialAccount.objects.exists()


# --- people without a password ---------------------------------------------------------------------------------------


@pytest.fixture
def dana(client: Client, fake: FakeProviders) -> User:
    """Came with Google, and has nothing else."""
    come(client, "google")
    agree(client)
    mail.outbox.clear()
    return User.objects.get()


def confirm(client: Client, page: Any) -> Any:
    """Ask for the code on the page that wants it, and type it."""
    url = page.redirect_chain[-1][0]
    assert url.startswith(CONFIRM_BY_MAIL)
    next_url = page.context["redirect_field_value"]
    client.post(CONFIRM_BY_MAIL, {"action": "send", "next": next_url})
    code = code_in(mail.outbox[-1])
    return client.post(CONFIRM_BY_MAIL, {"code": code, "next": next_url}, follow=True)


def test_a_copy_of_the_data_needs_a_mailed_code(client: Client, dana: User) -> None:
    asked = client.post(reverse("privacy:export"), follow=True)
    assert not Export.objects.exists()

    page = confirm(client, asked)

    assert page.status_code == HTTPStatus.OK
    assert Export.objects.get().user == dana
    assert mail.outbox[0].to == [dana.email]


def test_a_mailed_code_is_guessed_five_times_at_most(client: Client, dana: User) -> None:
    client.post(CONFIRM_BY_MAIL, {"action": "send"})
    right = code_in(mail.outbox[-1])
    for _guess in range(5):
        wrong = client.post(CONFIRM_BY_MAIL, {"code": "XXXX-XXXX"})
        assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Too many wrong codes" in client.post(CONFIRM_BY_MAIL, {"code": right}, follow=True).text
    client.post(reverse("privacy:export"))
    assert not Export.objects.exists()


def test_a_mailed_code_is_good_for_ten_minutes(client: Client, dana: User) -> None:
    client.post(CONFIRM_BY_MAIL, {"action": "send"})
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        late = client.post(CONFIRM_BY_MAIL, {"code": code_in(mail.outbox[-1])}, follow=True)
        assert "no longer works" in late.text


def test_who_has_a_password_confirms_with_it(hers: Client) -> None:
    assert hers.get(CONFIRM_BY_MAIL).headers["Location"].startswith("/accounts/reauthenticate/")


def test_the_last_way_in_stays_until_there_is_another(client: Client, dana: User) -> None:
    row = SocialAccount.objects.get()
    url = f"{CONNECTED}{row.pk}/disconnect/"
    page = confirm(client, client.post(url, follow=True))
    assert "You log in with Google only." in page.text
    assert SocialAccount.objects.exists()

    new = "twelve grey umbrellas"
    client.post("/accounts/password/set/", {"password1": new, "password2": new})
    dana.refresh_from_db()
    assert dana.check_password(new)
    client.post(url)
    assert not SocialAccount.objects.exists()


def test_a_first_password_needs_a_mailed_code(client: Client, dana: User) -> None:
    answer = client.post("/accounts/password/set/", {"password1": "twelve grey umbrellas"})

    assert answer.headers["Location"].startswith(CONFIRM_BY_MAIL)
    dana.refresh_from_db()
    assert not dana.has_usable_password()
