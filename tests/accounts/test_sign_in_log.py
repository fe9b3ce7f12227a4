"""The processes' log tells who signed in and how, who failed to, and who was refused; by ids, never by address."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.mails import code_in
from tests.accounts.test_second_factor import set_up_app
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO")
    return caplog


def lines(log: pytest.LogCaptureFixture, event: str) -> list[str]:
    return [line for line in log.text.splitlines() if event in line]


def test_a_log_in_and_a_log_out_are_logged_with_how_it_was_done(
    client: Client, alice: User, log: pytest.LogCaptureFixture
) -> None:
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/logout/")

    (line,) = lines(log, "sign_in.done")
    assert str(alice.pk) in line
    assert "password" in line
    assert len(lines(log, "sign_out.done")) == 1
    assert alice.email not in log.text


def test_a_failed_log_in_names_nobody(client: Client, alice: User, log: pytest.LogCaptureFixture) -> None:
    for address in (alice.email, "nobody@example.test"):
        client.post("/accounts/login/", {"login": address, "password": "wrong"})

    known, unknown = (
        re.sub(r"'(request_id|timestamp)': '[^']*'", "", line) for line in lines(log, "sign_in.failed")
    )
    assert known == unknown
    assert alice.email not in log.text
    assert "nobody@" not in log.text


@pytest.mark.django_db(transaction=True)  # the mail is sent on commit, within the request
def test_a_wrong_code_and_a_wrong_second_factor_are_logged(
    client: Client, alice: User, log: pytest.LogCaptureFixture
) -> None:
    client.post("/accounts/login/code/", {"email": alice.email})
    client.post("/accounts/login/code/confirm/", {"code": "AAAA-AAAA"})
    assert str(alice.pk) in lines(log, "sign_in.code_rejected")[0]

    set_up_app(Client(), alice)
    assert {"totp", "recovery_codes"} == set(Authenticator.objects.values_list("type", flat=True))
    assert len(lines(log, "second_factor.added")) == 2
    other = Client()
    other.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert str(alice.pk) in lines(log, "sign_in.second_factor_failed")[0]
    assert code_in(mail.outbox[0]) not in log.text


def test_who_tries_a_page_of_staff_is_logged(
    client: Client, alice: User, log: pytest.LogCaptureFixture
) -> None:
    client.force_login(alice)
    client.get("/admin/accounts/user/")

    (line,) = lines(log, "access.refused")
    assert str(alice.pk) in line
