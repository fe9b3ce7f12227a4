"""The addresses that browsers, password managers and researchers look for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings


def test_security_txt_names_a_contact_and_never_expires(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SITE_URL = "https://pictures.example"
    settings.SECURITY_CONTACTS = ["mailto:security@pictures.example", "https://pictures.example/support/"]
    settings.SECURITY_POLICY_URL = "https://pictures.example/security-policy"
    for now in (datetime(2026, 11, 28, 23, 59, tzinfo=UTC), datetime(2031, 2, 28, tzinfo=UTC)):
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        response = client.get("/.well-known/security.txt")

        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        fields = [line.split(": ", 1) for line in response.text.splitlines()]
        assert [name for name, _value in fields] == [
            *["Contact"] * 2,
            "Expires",
            "Preferred-Languages",
            "Canonical",
            "Policy",
        ]
        assert [value for name, value in fields if name == "Contact"] == settings.SECURITY_CONTACTS
        expires = datetime.strptime(dict(fields)["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert timedelta(days=30) < expires - now < timedelta(days=365)
        assert dict(fields)["Canonical"] == "https://pictures.example/.well-known/security.txt"


def test_without_a_contact_of_its_own_it_is_the_operators(client: Client, settings: Settings) -> None:
    assert f"Contact: mailto:{settings.OPERATOR_EMAIL}\n" in client.get("/.well-known/security.txt").text


@pytest.mark.django_db
def test_a_password_manager_finds_the_page_where_a_password_is_changed(client: Client) -> None:
    response = client.get("/.well-known/change-password")

    assert (response.status_code, response.headers["Location"]) == (302, "/accounts/password/change/")
    # Without this 404 it would not believe the redirect.
    missing = client.get("/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200")
    assert missing.status_code == 404


def test_the_site_says_that_it_honours_global_privacy_control(client: Client) -> None:
    answer = client.get("/.well-known/gpc.json").json()

    assert answer["gpc"] is True
    assert datetime.fromisoformat(answer["lastUpdate"]) <= datetime.fromisoformat("2026-11-29")
