"""Pages for signed-in people wait until a policy version that needs it is accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from image2.lib.http.access import Caller, caller_of
from image2.lib.http.htmx import HtmxRequest, toast
from image2.lib.http.middleware import Middleware
from privacy.policy import versions

# What a person needs to decide, to object, to secure the account or to leave; these work without the acceptance.
_FREE_NAMESPACES = {"privacy", "accounts"}
_FREE_PREFIXES = ("account_", "mfa_", "usersessions_")


class PolicyAcceptanceMiddleware(Middleware):
    """Sends a signed-in person who has to accept a version to the page that asks."""

    def process_view(
        self, request: HtmxRequest, view: Callable[..., Any], *_arguments: Any
    ) -> HttpResponseBase | None:
        if caller_of(view) not in (Caller.PERSON, Caller.STAFF) or not request.user.is_authenticated:
            return None
        if _is_free(request) or versions.must_accept(request) is None:
            return None
        back_to = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        page = f"{reverse('privacy:accept')}?{urlencode({'next': back_to})}"
        if request.htmx:
            return _ask_in_passing()
        return HttpResponseRedirect(page)


def _ask_in_passing() -> HttpResponse:
    """A fragment's answer sends nobody away from what they are typing: the page says what has to be done."""
    sentence = _("Our privacy policy has changed. Accept it to continue. What you typed is kept.")
    link = {"href": reverse("privacy:accept"), "label": _("Read it")}
    return HttpResponse(status=409, headers=toast("error", sentence, link=link))


def _is_free(request: HttpRequest) -> bool:
    match = request.resolver_match
    assert match is not None
    return bool(_FREE_NAMESPACES & set(match.namespaces)) or (match.url_name or "").startswith(_FREE_PREFIXES)
