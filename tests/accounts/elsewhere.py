"""The way to Google or GitHub and back, as a browser goes it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from django.test import Client
from pytest_django.fixtures import Settings

from privacy.policy import versions
from tests.fakes.elsewhere.server import CLIENT_ID, CLIENT_SECRET

FINISH = "/accounts/signup/finish/"


def set_keys(settings: Settings, *providers: str) -> None:
    app = {"client_id": CLIENT_ID, "secret": CLIENT_SECRET}
    settings.SOCIALACCOUNT_PROVIDERS = {
        name: {**known, "APPS": [app] if name in providers else []}
        for name, known in settings.SOCIALACCOUNT_PROVIDERS.items()
    }


def to_provider(client: Client, provider: str, **fields: str) -> str:
    """Press the button, agree there, and return the address that the browser is led back to."""
    sent = client.post(f"/accounts/{provider}/login/", fields)
    assert sent.status_code == HTTPStatus.FOUND
    agreed = requests.get(sent.headers["Location"], allow_redirects=False, timeout=10)
    assert agreed.status_code == HTTPStatus.FOUND, agreed.text
    back = urlsplit(agreed.headers["Location"])
    return f"{back.path}?{back.query}"


def come(client: Client, provider: str, **fields: str) -> Any:
    """The whole way, and the page at its end."""
    return client.get(to_provider(client, provider, **fields), follow=True)


def agree(client: Client, **changed: str) -> Any:
    answers = {"name": "Dana", "age": "on", "policy": "on", "policy_version": versions.current_version()}
    return client.post(FINISH, {**answers, **changed}, follow=True)


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
