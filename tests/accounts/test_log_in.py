"""Logging in, out, by code, and choosing a new password."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.people import closing
from image2.lib.http.sessions import SessionStore
from privacy.policy import versions
from tests.accounts.mails import code_in
from tests.factories import PASSWORD, log_in_staff

pytestmark = pytest.mark.django_db
LOG_IN = "/accounts/login/"
NEW = "twelve grey umbrellas"


def log_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> HTTPStatus:
    return HTTPStatus(client.post(LOG_IN, {"login": email, "password": password, **more}).status_code)


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "email",
    [
        "alice@example.test",
        "Alice@Example.Test",
        " alice@example.test ",
        "\ufeffalice@exam\u00adple.test\u200b",
        "\u202aalice@example.test\u202c",
        "al\u200dice@example.test\u200c",
    ],
)
def test_a_person_logs_in_however_the_address_is_typed(client: Client, alice: User, email: str) -> None:
    assert log_in(client, email) == HTTPStatus.FOUND
    assert is_logged_in(client)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.test", "not the password"),
        ("nobody@example.test", PASSWORD),
        ("alice@example.test", "\x00"),
        ("alice@example.test", ""),
        ("\x00", PASSWORD),
        ("’ OR 1=1 --", PASSWORD),
    ],
)
def test_wrong_answers_are_a_form_error(client: Client, alice: User, email: str, password: str) -> None:
    assert log_in(client, email, password) == HTTPStatus.OK
    assert not is_logged_in(client)


def test_a_wrong_password_and_an_unknown_address_look_the_same(client: Client, alice: User) -> None:
    wrong = client.post(LOG_IN, {"login": "alice@example.test", "password": "not the password"})
    unknown = Client().post(LOG_IN, {"login": "nobod@example.test", "password": "not the password"})

    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_after_five_wrong_passwords_the_right_one_has_to_wait(client: Client, alice: User) -> None:
    for _attempt in range(5):
        log_in(client, "alice@example.test", "not the password")

    response = client.post(LOG_IN, {"login": "alice@example.test", "password": PASSWORD})

    assert not is_logged_in(client)
    assert "Wait five minutes" in response.text
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert log_in(client, "alice@example.test") == HTTPStatus.FOUND


def test_an_account_that_is_switched_off_says_so(client: Client, alice: User) -> None:
    User.objects.update(is_active=False)

    response = client.post(LOG_IN, {"login": alice.email, "password": PASSWORD}, follow=True)

    assert not is_logged_in(client)
    assert "This account is disabled" in response.text


def test_switching_off_ends_what_is_open(client: Client, alice: User) -> None:
    client.force_login(alice)
    User.objects.update(is_active=False)

    assert client.get("/account/").headers["Location"].startswith(LOG_IN)


def test_after_logging_in_a_person_is_where_they_wanted_to_go(client: Client, alice: User) -> None:
    page = client.get("/account/").headers["Location"]
    assert page == "/accounts/login/?next=/account/"

    response = client.post(LOG_IN, {"login": alice.email, "password": PASSWORD, "next": "/account/"})
    assert response.headers["Location"] == "/account/"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client: Client, alice: User, elsewhere: str) -> None:
    response = client.post(LOG_IN, {"login": alice.email, "password": PASSWORD, "next": elsewhere})

    assert "evil" not in response.headers["Location"]
    assert "javascript" not in response.headers["Location"]


def test_logging_out_takes_a_click_and_is_final(client: Client, alice: User) -> None:
    client.force_login(alice)

    client.get("/accounts/logout/")
    assert is_logged_in(client)

    client.post("/accounts/logout/")
    assert not is_logged_in(client)


@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_logging_out_empties_the_browsers_cache_and_deletes_the_sessions_cookie_alone(
    client: Client, carol: User, address: str
) -> None:
    log_in_staff(client, carol)
    client.cookies["theme"] = "dark"

    response = client.post(address)
    assert response.headers["Clear-Site-Data"] == '"cache"'
    deleted = {name for name, cookie in response.cookies.items() if cookie["max-age"] == 0}
    assert deleted == {"sessionid"}
    assert client.cookies["theme"].value == "dark"
    assert "Clear-Site-Data" not in client.get("/").headers


def test_a_person_logs_in_with_a_code_from_the_mail(client: Client, alice: User) -> None:
    response = client.post("/accounts/login/code/", {"email": alice.email}, follow=True)
    assert alice.email in response.text

    client.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[0])})
    assert is_logged_in(client)


def test_a_code_for_an_unknown_address_looks_the_same_on_the_page(client: Client, alice: User) -> None:
    known = Client().post("/accounts/login/code/", {"email": alice.email}, follow=True)
    unknown = Client().post("/accounts/login/code/", {"email": "nobody@example.test"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain
    assert mail.outbox[1].subject == "No Image 2 account uses this address"


def test_a_person_chooses_a_new_password_with_a_code(client: Client, alice: User) -> None:
    client.post("/accounts/password/reset/", {"email": "ALICE@example.test"})
    client.post("/accounts/password/reset/confirm/", {"code": code_in(mail.outbox[0])})
    response = client.post(
        "/accounts/password/reset/complete/", {"password1": NEW, "password2": NEW}, follow=True
    )

    assert "Your password was changed" in response.text
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert mail.outbox[1].subject == "Your password was reset"


def test_a_new_password_logs_every_other_device_out(client: Client, alice: User) -> None:
    stolen = Client()
    log_in(stolen, alice.email)
    test_a_person_chooses_a_new_password_with_a_code(client, alice)

    assert stolen.get("/account/").headers["Location"].startswith(LOG_IN)


def test_a_reset_for_an_unknown_address_looks_the_same_on_the_page(client: Client, alice: User) -> None:
    known = Client().post("/accounts/password/reset/", {"email": alice.email}, follow=True)
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.test"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain


def test_a_wrong_code_does_not_reset_anything(client: Client, alice: User) -> None:
    client.post("/accounts/password/reset/", {"email": alice.email})
    response = client.post("/accounts/password/reset/confirm/", {"code": "XXXX-XXXX"})

    assert "This code is not right" in response.text
    assert client.get("/accounts/password/reset/complete/").status_code == HTTPStatus.FOUND


def test_changing_the_password_asks_for_the_old_one_and_tells_by_mail(client: Client, alice: User) -> None:
    log_in(client, alice.email)
    url = "/accounts/password/change/"
    assert (
        "not your current password"
        in client.post(url, {"oldpassword": "wrong", "password1": NEW, "password2": NEW}).text
    )

    response = client.post(url, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert response.headers["Location"] == "/account/"
    assert mail.outbox[0].subject == "Your password was changed"
    assert is_logged_in(client)


def test_changing_the_address_asks_who_it_is_and_holds_only_after_the_code(
    client: Client, alice: User
) -> None:
    log_in(client, alice.email)
    response = client.post("/accounts/email/", {"action_add": "", "email": "New@Example.test"}, follow=True)
    assert "Confirm your identity" in response.text

    # What was asked for goes on by itself once the password is right.
    wrong = client.post(response.redirect_chain[-1][0], {"password": "not the password"})
    assert "This is not your password" in wrong.text
    client.post(response.redirect_chain[-1][0], {"password": PASSWORD})
    alice.refresh_from_db()
    assert alice.email == "alice@example.test"

    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})

    alice.refresh_from_db()
    assert alice.email == "new@example.test"
    assert [row.email for row in EmailAddress.objects.filter(user=alice)] == ["new@example.test"]
    assert mail.outbox[-1].to == ["alice@example.test"]
    assert mail.outbox[-1].subject == "Your e-mail address was changed"


def test_ten_minutes_later_it_is_asked_again(client: Client, alice: User) -> None:
    log_in(client, alice.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").status_code == HTTPStatus.OK

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        response = client.get("/accounts/2fa/totp/activate/")
        assert response.headers["Location"].startswith("/accounts/reauthenticate/")


def test_a_log_in_begins_with_a_new_token(client: Client, alice: User) -> None:
    planted = client.session.session_key  # asking for it makes one, of nobody
    assert planted
    log_in(client, alice.email)

    assert client.session.session_key != planted
    # 32 of 36 characters: 165 bits, by the secrets module. None but the server's own are taken.
    key = str(client.session.session_key)
    assert len(key) == 32
    for made_up in (planted, "a" * 32, f"{key[:-1]}-"):
        client.cookies[settings.SESSION_COOKIE_NAME] = made_up
        assert client.get("/account/").headers["Location"].startswith("/accounts/login/")


def test_confirming_who_it_is_changes_the_token_of_the_session(client: Client, alice: User) -> None:
    log_in(client, alice.email)
    thief = Client()
    thief.cookies = deepcopy(client.cookies)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False) as clock:
        client.post("/accounts/reauthenticate/", {"password": "not it"})
        assert client.session.session_key == thief.session.session_key
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})

        assert client.session.session_key != thief.session.session_key
        assert client.get("/accounts/2fa/totp/activate/").status_code == HTTPStatus.OK
        # The former token confirms nothing, and ends once what was sent beside it has been answered.
        asked = thief.get("/accounts/2fa/totp/activate/")
        assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
        clock.shift(timedelta(minutes=2))
        assert thief.get("/account/").headers["Location"].startswith("/accounts/login/")
        assert client.get("/accounts/sessions/").text.count("/end/") == 0  # one device, this one


@pytest.mark.parametrize("end", ["/accounts/logout/", "close"])
def test_what_ends_a_session_ends_its_former_token_at_once(client: Client, alice: User, end: str) -> None:
    log_in(client, alice.email)
    thief = Client()
    thief.cookies = deepcopy(client.cookies)
    for _time in range(2):
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert thief.get("/account/").status_code == HTTPStatus.OK

    if end == "close":
        closing.end_sessions(alice)
    else:
        client.post(end)
    for one in (client, thief):
        assert one.get("/account/").headers["Location"].startswith("/accounts/login/")


def test_a_session_that_ends_in_the_request_that_renewed_it_ends_its_former_token(alice: User) -> None:
    store = SessionStore()
    store[SESSION_KEY] = str(alice.pk)
    store.save()
    old = store.session_key
    assert old
    renewed = SessionStore(old)
    renewed.is_of_request = True
    renewed.cycle_key()
    assert (renewed.session_key != old, renewed.exists(old)) == (True, True)
    SessionStore(renewed.session_key).delete()
    assert not renewed.exists(old)


def test_two_accounts_cannot_have_one_address(alice: User) -> None:
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ALICE@example.test", name="Other")


def test_the_operator_made_on_the_server_can_log_in_to_the_operators_pages(client: Client, db: None) -> None:
    from django.core.management import call_command

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        call_command("createsuperuser", email="Op@Example.test", name="Op", interactive=False, verbosity=0)

    assert client.get("/admin/login/").headers["Location"] == "/accounts/login/?next=/admin/"
    response = client.post(LOG_IN, {"login": "op@example.test", "password": PASSWORD, "next": "/admin/"})
    assert response.headers["Location"] == "/admin/"

    # A second factor first; and the policy is theirs to accept like everybody's.
    assert client.get("/admin/").headers["Location"] == "/accounts/2fa/"
    log_in_staff(client, User.objects.get(email="op@example.test"))
    assert client.get("/admin/").headers["Location"].startswith("/privacy/accept/")
    client.post("/privacy/accept/", {"version": versions.current_version(), "next": "/admin/", "age": "on"})
    assert client.get("/admin/").status_code == HTTPStatus.OK
