"""A browser that somebody has signed in with lets them in while strangers guess; the list of them is theirs."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts import retention
from accounts.models import KnownBrowser, User
from accounts.sign_in import known_browsers
from accounts.staff import operator_acts
from privacy.models import PolicyVersion
from tests.accounts.mails import code_in
from tests.accounts.test_second_factor import code_for
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LOG_IN, CODE, RESET = "/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OFFICE = "203.0.113.7"


def log_in(client: Client, user: User, password: str = PASSWORD, address: str = OFFICE) -> str:
    answers = {"login": user.email, "password": password}
    return client.post(LOG_IN, answers, REMOTE_ADDR=address, headers={"user-agent": FIREFOX}).text


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def own_browser(alice: User) -> Client:
    """A browser that alice has signed in with and out of."""
    browser = Client()
    log_in(browser, alice)
    browser.post("/accounts/logout/")
    assert not is_in(browser)
    return browser


def strangers_try(user: User, times: int, page: str = LOG_IN, **answers: str) -> None:
    """Each from a network of its own, so that nothing but the account's own count stops them."""
    for number in range(times):
        address = f"198.51.{number // 250}.{number % 250 + 1}"
        Client().post(page, answers or {"login": user.email, "password": "wrong"}, REMOTE_ADDR=address)


@pytest.mark.parametrize("times", [5, pytest.param(500, marks=pytest.mark.long)])
def test_wrong_passwords_of_strangers_stop_strangers_and_not_the_owners_browser(
    alice: User, own_browser: Client, times: int
) -> None:
    strangers_try(alice, times)

    elsewhere = Client()
    assert "Too many attempts" in log_in(elsewhere, alice)
    assert not is_in(elsewhere)
    log_in(own_browser, alice)
    assert is_in(own_browser)


def test_codes_that_strangers_ask_for_do_not_keep_the_owner_from_getting_one(
    alice: User, own_browser: Client
) -> None:
    strangers_try(alice, 5, CODE, email=alice.email)
    assert "Three codes were sent" in Client().post(CODE, {"email": alice.email}, follow=True).text

    own_browser.post(CODE, {"email": alice.email})
    own_browser.post(f"{CODE}confirm/", {"code": code_in(mail.outbox[-1])})

    assert is_in(own_browser)


def test_resets_that_strangers_ask_for_do_not_keep_the_owner_from_resetting(
    alice: User, own_browser: Client
) -> None:
    strangers_try(alice, 6, RESET, email=alice.email)
    assert Client().post(RESET, {"email": alice.email}).status_code == HTTPStatus.TOO_MANY_REQUESTS

    own_browser.post(RESET, {"email": alice.email})
    response = own_browser.post(f"{RESET}confirm/", {"code": code_in(mail.outbox[-1])})

    assert response.headers["Location"] == f"{RESET}complete/"


def test_second_factors_that_a_thief_of_the_password_guesses_do_not_keep_the_owner_out(
    alice: User, own_browser: Client
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    thief = Client()
    log_in(thief, alice, address="198.51.100.9")
    for _try in range(6):
        page = thief.post("/accounts/2fa/authenticate/", {"code": "000000"}, REMOTE_ADDR="198.51.100.9")
    assert "Too many wrong codes" in page.text

    log_in(own_browser, alice)
    own_browser.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})

    assert is_in(own_browser)


def test_a_colleague_behind_the_same_address_cannot_lock_the_owner_out_either(
    alice: User, bob: User, own_browser: Client
) -> None:
    for _try in range(40):
        log_in(Client(), bob, "wrong")
    for _try in range(12):
        Client().post("/accounts/2fa/webauthn/login/", {"credential": '{"id": 1}'}, REMOTE_ADDR=OFFICE)
    assert Client().post(LOG_IN, {}, REMOTE_ADDR=OFFICE).status_code == HTTPStatus.TOO_MANY_REQUESTS
    stranger = Client().post("/accounts/2fa/webauthn/login/", {"credential": '{"id": 1}'}, REMOTE_ADDR=OFFICE)
    assert stranger.status_code == HTTPStatus.TOO_MANY_REQUESTS

    own = own_browser.post(
        "/accounts/2fa/webauthn/login/", {"credential": '{"id": 1}'}, REMOTE_ADDR=OFFICE, follow=True
    )
    assert "This passkey was not accepted" in own.text
    log_in(own_browser, alice)
    assert is_in(own_browser)


def test_the_known_browser_has_an_allowance_and_no_free_pass(alice: User, own_browser: Client) -> None:
    for _try in range(5):
        log_in(own_browser, alice, "wrong")

    assert "Too many attempts" in log_in(own_browser, alice)
    assert not is_in(own_browser)
    # And what was tried there isn't counted against the owner elsewhere.
    elsewhere = Client()
    log_in(elsewhere, alice)
    assert is_in(elsewhere)


def test_a_browser_is_known_to_those_only_who_signed_in_with_it(
    alice: User, bob: User, own_browser: Client
) -> None:
    strangers_try(bob, 5)

    assert "Too many attempts" in log_in(own_browser, bob)


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "A" * 5000, "\x00" * 22])
def test_a_made_up_cookie_makes_no_browser_known(alice: User, token: str) -> None:
    strangers_try(alice, 5)
    stranger = Client()
    stranger.cookies[known_browsers.COOKIE] = token

    assert "Too many attempts" in log_in(stranger, alice)


@pytest.mark.parametrize("email", ["\x00", "a\x00@example.test"])
def test_strange_addresses_from_a_known_browser_are_a_form_error(own_browser: Client, email: str) -> None:
    assert own_browser.post(LOG_IN, {"login": email, "password": "x"}).status_code == HTTPStatus.OK


def test_the_cookie_is_out_of_reach_of_scripts_and_the_table_does_not_hold_it(alice: User) -> None:
    browser = Client()
    log_in(browser, alice)

    cookie = browser.cookies[known_browsers.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    row = KnownBrowser.objects.get(user=alice)
    assert row.label == "Firefox on Linux"
    assert cookie.value not in row.token_hash


def test_signing_in_again_with_the_same_browser_adds_no_line(alice: User, own_browser: Client) -> None:
    log_in(own_browser, alice)

    assert KnownBrowser.objects.filter(user=alice).count() == 1


def test_the_page_of_devices_shows_them_and_takes_one_away(alice: User, own_browser: Client) -> None:
    log_in(own_browser, alice)
    page = own_browser.get("/accounts/sessions/").text
    assert "Browsers you have signed in with" in page
    assert "This browser" in page

    row = KnownBrowser.objects.get(user=alice)
    own_browser.post(f"/account/browsers/{row.pk}/forget/")

    assert not KnownBrowser.objects.exists()
    assert is_in(own_browser)


def test_logging_out_everywhere_else_forgets_every_other_browser(alice: User, own_browser: Client) -> None:
    other = Client()
    log_in(other, alice)
    log_in(own_browser, alice)

    own_browser.post("/accounts/sessions/")

    assert KnownBrowser.objects.filter(user=alice).count() == 1
    assert known_browsers.COOKIE in own_browser.cookies
    assert "This browser" in own_browser.get("/accounts/sessions/").text


def test_a_new_password_forgets_every_other_browser(alice: User, own_browser: Client) -> None:
    other = Client()
    log_in(other, alice)
    log_in(own_browser, alice)
    new = "twelve grey umbrellas"

    own_browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert KnownBrowser.objects.filter(user=alice).count() == 1
    assert "This browser" in own_browser.get("/accounts/sessions/").text


def test_when_the_operator_logs_somebody_out_no_browser_is_known_any_more(
    alice: User, carol: User, own_browser: Client
) -> None:
    operator_acts.end_sessions(actor=carol, user=alice, reason="a stolen laptop")

    assert not KnownBrowser.objects.exists()


def test_a_browser_that_was_not_used_for_long_is_swept(alice: User, own_browser: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=179)):
        assert retention.sweep()["known_browsers"] == 0
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        assert retention.sweep()["known_browsers"] == 1


def test_repeated_sign_ins_without_a_cookie_keep_the_newest_browsers_only(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_browsers, "MOST", 3)
    for _browser in range(5):
        log_in(last := Client(), alice)

    assert KnownBrowser.objects.filter(user=alice).count() == 3
    assert "This browser" in last.get("/accounts/sessions/").text


def test_while_it_is_switched_off_nothing_is_stored_and_no_cookie_is_set(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_browsers, "enabled", lambda: False)
    browser = Client()

    log_in(browser, alice)

    assert is_in(browser)
    assert known_browsers.COOKIE not in browser.cookies
    assert not KnownBrowser.objects.exists()


def test_a_log_in_with_a_new_browser_is_mailed_and_one_with_a_known_browser_is_not(
    alice: User, own_browser: Client
) -> None:
    assert not mail.outbox, "the first browser is no news"
    log_in(own_browser, alice)
    assert not mail.outbox

    log_in(Client(), alice, "wrong")
    log_in(Client(), alice)

    assert [(message.to, message.subject) for message in mail.outbox] == [
        ([alice.email], "A log-in with a new browser")
    ]
    assert "Firefox on Linux" in mail.outbox[0].body
    assert "203.0.113.0" in mail.outbox[0].body


def test_no_such_mail_before_the_policy_names_it(alice: User, own_browser: Client) -> None:
    PolicyVersion.objects.update(covers=3)
    log_in(Client(), alice)
    assert not mail.outbox


def test_a_mail_server_that_is_down_keeps_nobody_out(
    alice: User, own_browser: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    browser = Client()
    log_in(browser, alice)
    assert is_in(browser)
