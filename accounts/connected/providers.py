"""The providers people can log in with: Google and GitHub, each where the operator set its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from accounts.people import policies

# The first shipped text of the policy that names what is kept about an account elsewhere.
_NAMED_BY: Final = 4


@dataclass(frozen=True)
class Provider:
    """One of them: its id with allauth, the name that people know, and allauth's part that speaks with it."""

    id: str
    name: str
    speaks: type

    @property
    def is_set_up(self) -> bool:
        return bool(settings.SOCIALACCOUNT_PROVIDERS[self.id]["APPS"])

    @property
    def origin(self) -> str:
        """Where a person is sent to agree."""
        parts = urlsplit(self.speaks.authorize_url)  # type: ignore[attr-defined]  # allauth has no types
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def mark(self) -> str:
        return f"accounts/brands/{self.id}.html"

    @property
    def start_url_name(self) -> str:
        return f"{self.id}_login"


PROVIDERS: Final = (
    Provider("google", "Google", GoogleOAuth2Adapter),
    Provider("github", "GitHub", GitHubOAuth2Adapter),
)


def named(provider_id: str) -> Provider:
    return next(provider for provider in PROVIDERS if provider.id == provider_id)


def offered() -> list[Provider]:
    """Return those that have keys, once the policy in force names what is kept about them."""
    found = [provider for provider in PROVIDERS if provider.is_set_up]
    return found if found and policies.in_force(_NAMED_BY) else []


def connected_names(user: User) -> list[str]:
    """Return what this person has connected ("Google"), also of providers that aren't offered any more."""
    ids = set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))
    return [provider.name for provider in PROVIDERS if provider.id in ids]


def of_request(request: HttpRequest, provider_id: str) -> Any:
    """Return allauth's provider; 404 where it isn't offered."""
    if named(provider_id) not in offered():
        raise Http404
    return get_adapter(request).get_provider(request, provider_id)


def leads_to_them(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the forms of this page end at a provider: browsers check a redirect of a form against ``form-action`` too."""

    @wraps(view)
    def relaxed(*args: Any, **kwargs: Any) -> HttpResponseBase:
        origins = [provider.origin for provider in offered()]
        inner = csp_update({"form-action": origins})(view) if origins else view
        response: HttpResponseBase = inner(*args, **kwargs)
        return response

    return relaxed
