"""Staff enter with a second factor that this session showed, and show it again before sensitive actions."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.management import call_command
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import AuditLine, StaffAccess, User
from tests.accounts.test_second_factor import code_for, set_up_app
from tests.factories import PASSWORD, log_in_staff, make_person
from tests.generation.web.makers import make_picture

pytestmark = pytest.mark.django_db
OPEN = {"ground": "report", "reason": "Report 17 of Monday"}


@pytest.fixture
def sam(db: None) -> User:
    """Staff with every right, and a password alone."""
    return make_person("Sam", is_staff=True, is_superuser=True)


def glass(owner: User) -> str:
    return f"/admin/generation/picture/{make_picture(owner).pk}/open/"


def test_staff_with_a_password_alone_are_sent_to_set_up_a_second_factor(client: Client, sam: User) -> None:
    client.post("/accounts/login/", {"login": sam.email, "password": PASSWORD})

    response = client.get("/admin/", follow=True)

    assert response.redirect_chain == [("/accounts/2fa/", HTTPStatus.FOUND)]
    assert "Staff need a second factor" in response.text
    assert client.get("/history/").status_code == HTTPStatus.OK, "as a person they go on"


def test_setting_up_an_app_and_showing_it_opens_the_pages(client: Client, sam: User) -> None:
    secret = set_up_app(client, sam)

    asked = client.get("/admin/accounts/user/")
    assert asked.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Faccounts%2Fuser%2F"

    cache.clear()  # a code is good once; the one above was used a moment ago
    answer = client.post(
        asked.headers["Location"], {"code": code_for(secret), "next": "/admin/accounts/user/"}
    )
    assert answer.headers["Location"] == "/admin/accounts/user/"
    assert client.get("/admin/accounts/user/").status_code == HTTPStatus.OK


def test_logging_in_with_the_code_opens_the_pages_at_once(sam: User, alice: User) -> None:
    secret = set_up_app(Client(), sam)
    cache.clear()
    browser = Client()
    browser.post("/accounts/login/", {"login": sam.email, "password": PASSWORD})
    assert browser.get("/admin/").status_code == HTTPStatus.NOT_FOUND, "half a log-in is none"
    browser.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})

    assert browser.get("/admin/").status_code == HTTPStatus.OK
    assert browser.get(glass(alice)).status_code == HTTPStatus.OK


def test_a_session_from_before_the_factor_does_not_come_in(sam: User) -> None:
    """Somebody with the stolen password was logged in already when the factor was set up elsewhere."""
    thief = Client()
    thief.post("/accounts/login/", {"login": sam.email, "password": PASSWORD})
    set_up_app(Client(), sam)

    assert thief.get("/admin/").headers["Location"].startswith("/accounts/2fa/reauthenticate/")
    thief.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert thief.get("/admin/").headers["Location"].startswith("/accounts/2fa/reauthenticate/")


def test_a_passkey_is_a_second_factor(client: Client, sam: User) -> None:
    key = Authenticator.objects.create(user=sam, type="webauthn", data={"name": "Key", "credential": {}})
    client.force_login(sam)
    asked = client.get("/admin/")
    assert asked.headers["Location"] == "/accounts/2fa/webauthn/reauthenticate/?next=%2Fadmin%2F"

    request = HttpRequest()
    request.session = client.session
    record_authentication(request, sam, "mfa", id=key.pk, type=key.type, passwordless=True)
    request.session.save()
    assert client.get("/admin/").status_code == HTTPStatus.OK


def test_recovery_codes_alone_are_none(client: Client, sam: User) -> None:
    Authenticator.objects.create(user=sam, type="recovery_codes", data={})
    client.force_login(sam)
    assert client.get("/admin/").headers["Location"] == "/accounts/2fa/"


def test_a_removed_factor_closes_the_pages(client: Client, carol: User) -> None:
    log_in_staff(client, carol)
    assert client.get("/admin/").status_code == HTTPStatus.OK
    Authenticator.objects.filter(user=carol).delete()
    assert client.get("/admin/").headers["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stale_session_opens_no_picture(client: Client, alice: User, carol: User, method: str) -> None:
    log_in_staff(client, carol)
    url = glass(alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get("/admin/generation/picture/").status_code == HTTPStatus.OK
        response = client.get(url) if method == "get" else client.post(url, OPEN)
        assert response.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
        assert client.post(f"/admin/accounts/user/{alice.pk}/act/").status_code == HTTPStatus.FOUND
    assert not AuditLine.objects.exists()
    assert not StaffAccess.objects.exists()


def test_what_was_typed_goes_on_after_the_code(alice: User, sam: User) -> None:
    secret = set_up_app(Client(), sam)
    client = log_in_staff(Client(), sam)
    cache.clear()
    url = glass(alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        asked = client.post(url, OPEN)
        answer = client.post(asked.headers["Location"], {"code": code_for(secret), "next": url})
    assert "the owner is notified" in answer.content.decode()
    assert AuditLine.objects.get().reason == OPEN["reason"]


def test_the_deployment_check_names_staff_without_one(
    sam: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def said() -> str:
        call_command("check", "--deploy", "--fail-level", "CRITICAL")
        return "".join(capsys.readouterr())

    assert "image2.W001" in said()
    set_up_app(Client(), sam)
    assert "image2.W001" not in said()
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "StaffSecondFactor" not in name]
    assert "image2.E010" in said()
