"""Nobody goes on with a policy they were not asked about: pages for signed-in people wait for the acceptance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from image2.lib.access import Caller, caller_of
from privacy import policies

# What a person needs to decide, to object, to secure the account or to leave; these work without the acceptance.
_FREE_NAMESPACES = {"privacy", "accounts"}
_FREE_PREFIXES = ("account_", "mfa_", "usersessions_")


class PolicyAcceptanceMiddleware:
    """Sends a signed-in person who has to accept a version to the page that asks."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    # Django runs process_view in a thread when the view is asynchronous, so that it may use the database.
    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any
    ) -> HttpResponseBase | None:
        if caller_of(view) not in (Caller.PERSON, Caller.STAFF) or not request.user.is_authenticated:
            return None
        if _is_free(request) or policies.must_accept(request) is None:
            return None
        back_to = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        page = f"{reverse('privacy:accept')}?{urlencode({'next': back_to})}"
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=409, headers={"HX-Redirect": reverse("privacy:accept")})
        return HttpResponseRedirect(page)


def _is_free(request: HttpRequest) -> bool:
    match = request.resolver_match
    assert match is not None
    return bool(_FREE_NAMESPACES & set(match.namespaces)) or (match.url_name or "").startswith(_FREE_PREFIXES)
