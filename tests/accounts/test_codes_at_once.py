"""Forty tries at the same moment are counted like forty one after another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.db import connections
from django.test import Client

from accounts.models import User
from privacy.policy import versions
from tests.accounts.mails import code_in
from tests.examples import few_of
from tests.factories import PASSWORD, make_alice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
AT_ONCE = 40
JUDGED = "This code is not right"


def at_once(client: Client, page: str) -> list[str]:
    """Post forty wrong codes from one session, each in a thread with a connection of its own; return the answers."""
    together = Barrier(AT_ONCE)

    def send(number: int) -> str:
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = client.session.session_key or ""
        together.wait()
        try:
            return browser.post(page, {"code": f"{number:06}"}).text
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(send, range(AT_ONCE)))


def ask_to_log_in(client: Client) -> str:
    client.post("/accounts/login/code/", {"email": "alice@example.test"})
    return "/accounts/login/code/confirm/"


def ask_to_reset(client: Client) -> str:
    client.post("/accounts/password/reset/", {"email": "alice@example.test"})
    return "/accounts/password/reset/confirm/"


def sign_up(client: Client) -> str:
    answers = {"name": "Dana", "email": "dana@example.test", "password1": "a sea of green bottles"}
    client.post(
        "/accounts/signup/",
        {**answers, "age": "on", "policy": "on", "policy_version": versions.current_version()},
    )
    return "/accounts/confirm-email/"


def change_address(client: Client) -> str:
    client.post("/accounts/login/", {"login": "alice@example.test", "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    mail.outbox.clear()
    client.post("/accounts/email/", {"action_add": "", "email": "new@example.test"})
    return "/accounts/confirm-email/"


@pytest.mark.parametrize(
    ("ask", "most"),
    [
        (ask_to_log_in, 3),
        pytest.param(ask_to_reset, 3, marks=pytest.mark.long),
        (sign_up, 5),
        pytest.param(change_address, 5, marks=pytest.mark.long),
    ],
)
@pytest.mark.few(1)
def test_of_forty_mailed_codes_at_once_only_the_first_few_are_judged(
    client: Client, ask: Callable[[Client], str], most: int
) -> None:
    make_alice()
    page = ask(client)

    answers = at_once(client, page)

    judged = sum(JUDGED in answer for answer in answers)
    assert 1 <= judged <= most
    # And the right one is worth nothing any more.
    before = _what_a_code_changes(client)
    client.post(page, {"code": code_in(mail.outbox[0])})
    assert _what_a_code_changes(client) == before


def _what_a_code_changes(client: Client) -> Any:
    reset = client.session.get("account_password_reset_verification") or {}
    people = list(User.objects.values_list("email", flat=True).order_by("email"))
    return "_auth_user_id" in client.session, bool(reset.get("code_confirmed")), people


@pytest.mark.parametrize("own_browser", few_of([False, True], [False]))
def test_of_forty_second_factors_at_once_only_five_are_judged(client: Client, own_browser: bool) -> None:
    alice = make_alice()
    if own_browser:
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
        client.post("/accounts/logout/")
    TOTP.activate(alice, generate_totp_secret())
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert Authenticator.objects.filter(user=alice).exists()

    answers = at_once(client, "/accounts/2fa/authenticate/")

    judged = sum(JUDGED in answer for answer in answers)
    assert 1 <= judged <= 5
    assert sum("Too many wrong codes" in answer for answer in answers) >= AT_ONCE - 5
