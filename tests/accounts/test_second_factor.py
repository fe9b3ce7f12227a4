"""Authenticator apps, recovery codes and passkeys."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import LimitEntry, User
from accounts.sign_in import encryption
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def code_for(secret: str) -> str:
    """What the telephone shows now: the middle one of the codes that are taken, so that half a minute may end."""
    counters = sorted(yield_hotp_counters_from_time())
    code: str = format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))
    return code


def confirmed(client: Client, user: User) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def set_up_app(client: Client, user: User) -> str:
    """Go through the page, and return the secret that the telephone would have."""
    confirmed(client, user)
    secret: str = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    return secret


@pytest.mark.django_db(transaction=True)  # the mail is sent on commit, within the request
def test_an_authenticator_app_is_set_up_announced_by_mail_and_gives_recovery_codes(
    client: Client, alice: User
) -> None:
    set_up_app(client, alice)

    assert {row.type for row in Authenticator.objects.filter(user=alice)} == {"totp", "recovery_codes"}
    assert mail.outbox[0].subject == "An authenticator app was added"
    page = client.get("/accounts/2fa/recovery-codes/")
    assert len(page.context["unused_codes"]) == 10


def test_the_secret_is_encrypted_in_the_database(client: Client, alice: User) -> None:
    secret = set_up_app(client, alice)

    stored = Authenticator.objects.get(user=alice, type="totp").data["secret"]
    assert secret not in stored
    assert encryption.decrypt(stored) == secret


def test_a_changed_secret_key_still_opens_what_the_former_one_sealed(settings: Settings) -> None:
    sealed = encryption.encrypt("a secret")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, of which nobody knew before"

    assert encryption.decrypt(sealed) == "a secret"


def test_logging_in_asks_for_the_code_and_takes_it(client: Client, alice: User) -> None:
    secret = set_up_app(client, alice)
    LimitEntry.objects.all().delete()  # a code is good once; the one above was used a moment ago
    other = Client()

    response = other.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}, follow=True)
    assert "One more step" in response.text
    assert "_auth_user_id" not in other.session

    wrong = other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is not right" in wrong.text

    other.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert "_auth_user_id" in other.session


def test_a_right_code_does_not_give_a_guesser_the_count_of_the_network_back(
    client: Client, alice: User, bob: User
) -> None:
    secret = set_up_app(client, alice)
    LimitEntry.objects.all().delete()
    for number in range(9):
        Client().post("/accounts/login/", {"login": f"nobody{number}@example.test", "password": "wrong"})
    own = Client()
    own.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    own.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert "_auth_user_id" in own.session

    wrong = {"login": bob.email, "password": "wrong"}
    assert "e-mail address or password is wrong" in Client().post("/accounts/login/", wrong).text
    assert "from your network" in Client().post("/accounts/login/", wrong).text


def test_a_recovery_code_lets_in_once(client: Client, alice: User) -> None:
    set_up_app(client, alice)
    code = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]

    def try_it() -> bool:
        other = Client()
        other.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        other.post("/accounts/2fa/authenticate/", {"code": code})
        return "_auth_user_id" in other.session

    assert try_it()
    assert not try_it()


def test_the_code_of_the_mail_does_not_replace_the_second_factor(client: Client, alice: User) -> None:
    from tests.accounts.mails import code_in

    set_up_app(client, alice)
    other = Client()
    other.post("/accounts/login/code/", {"email": alice.email})
    other.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[-1])})

    assert "_auth_user_id" not in other.session


@pytest.mark.parametrize(
    "part",
    ["", "totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/generate/", "recovery-codes/"],
)
def test_every_page_of_second_factors_is_drawn(client: Client, alice: User, part: str) -> None:
    set_up_app(client, alice)

    response = client.get(f"/accounts/2fa/{part}")

    assert response.status_code in (HTTPStatus.OK, HTTPStatus.FOUND)
    assert "style=" not in response.text


def test_passkeys_are_offered_for_logging_in(client: Client, db: None) -> None:
    assert 'id="passkey_login"' in client.get("/accounts/login/").text
    options = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert "challenge" in options.json()["request_options"]["publicKey"]


def test_a_broken_passkey_answer_is_refused(client: Client, db: None) -> None:
    for answer in ("", "{}", "\x00", "not json", '{"id": 1}'):
        response = client.post("/accounts/2fa/webauthn/login/", {"credential": answer}, follow=True)
        assert response.status_code == HTTPStatus.OK
        assert "_auth_user_id" not in client.session
