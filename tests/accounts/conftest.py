"""Google and GitHub as fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from pytest_django.fixtures import Settings

from tests.accounts.elsewhere import set_keys
from tests.fakes.elsewhere.server import FakeProviders


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[FakeProviders]:
    """Both providers, with keys on our side and their addresses on this machine."""
    running = FakeProviders()
    for name, path in {"access_token_url": "/token", "authorize_url": "/o/oauth2/v2/auth"}.items():
        monkeypatch.setattr(GoogleOAuth2Adapter, name, running.url + path)
    for name, path in {
        "access_token_url": "/login/oauth/access_token",
        "authorize_url": "/login/oauth/authorize",
        "profile_url": "/api/v3/user",
        "emails_url": "/api/v3/user/emails",
    }.items():
        monkeypatch.setattr(GitHubOAuth2Adapter, name, running.url + path)
    set_keys(settings, "google", "github")
    yield running
    running.stop()
