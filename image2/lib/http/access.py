"""Every route declares who may call it; a view without a declaration is refused, and a test reads the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

from image2.lib.http.htmx import HtmxRequest
from image2.lib.http.middleware import Middleware

log = structlog.get_logger(__name__)

View = TypeVar("View", bound=Callable[..., Any])


class Caller(StrEnum):
    """Who may call a route. What an owner may see of it is then the query's business (``visible_to``)."""

    ANYONE = "anyone"
    PERSON = "person"  # somebody who has signed in
    STAFF = "staff"
    MACHINE = "machine"  # a caller that proves itself in the view: a signature, a token, a probe


# Routes of libraries, whose views we do not decorate: prefixes of the view's dotted name, the longest one counts.
LIBRARY_CALLERS: dict[str, Caller] = {
    "allauth.account.views.": Caller.ANYONE,
    "allauth.account.views.EmailView": Caller.PERSON,
    "allauth.account.views.PasswordChangeView": Caller.PERSON,
    "allauth.account.views.PasswordSetView": Caller.PERSON,
    "allauth.account.views.ReauthenticateView": Caller.PERSON,
    "allauth.mfa.": Caller.PERSON,
    # Second factors are asked for, and passkeys are offered, before anybody is signed in.
    "allauth.mfa.base.views.AuthenticateView": Caller.ANYONE,
    "allauth.mfa.webauthn.views.LoginWebAuthnView": Caller.ANYONE,
    "allauth.mfa.webauthn.views.SignupWebAuthnView": Caller.ANYONE,
    "allauth.usersessions.": Caller.PERSON,
    "django.contrib.admin.": Caller.STAFF,
    "django.contrib.staticfiles.": Caller.ANYONE,
    "django.contrib.contenttypes.": Caller.STAFF,
}


def allow(caller: Caller) -> Callable[[View], View]:
    """Declare who may call the view: ``@allow(Caller.PERSON)``."""

    def declare(view: View) -> View:
        view.caller = caller  # type: ignore[attr-defined]  # read by `caller_of` below
        return view

    return declare


def caller_of(view: Callable[..., Any]) -> Caller | None:
    """Return the declared caller of a view function, class-based view or library view; None when undeclared."""
    view_class = getattr(view, "view_class", None)
    declared = getattr(view, "caller", None) or getattr(view_class, "caller", None)
    if isinstance(declared, Caller):
        return declared
    if getattr(view, "model_admin", None) is not None or getattr(view, "admin_site", None) is not None:
        return Caller.STAFF
    name = dotted_name(view)
    known = [prefix for prefix in LIBRARY_CALLERS if name.startswith(prefix)]
    return LIBRARY_CALLERS[max(known, key=len)] if known else None


def dotted_name(view: Callable[..., Any]) -> str:
    named = getattr(view, "view_class", None) or view
    return f"{named.__module__}.{getattr(named, '__qualname__', type(named).__qualname__)}"


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Yield every route of the site with its pattern as one text ("/pictures/<uuid:pk>/")."""
    yield from _walk(get_resolver().url_patterns, "/")


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, text)
        else:
            yield text, pattern


class DeclaredCallerMiddleware(Middleware):
    """Refuses what was not declared, sends anonymous people to the log-in page, hides staff pages with a 404."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        caller = caller_of(view)
        if caller is None:
            raise ImproperlyConfigured(f"{dotted_name(view)} does not declare who may call it")
        if caller is Caller.PERSON and not request.user.is_authenticated:
            return _to_log_in(cast(HtmxRequest, request))
        # Anonymous people get a 404 as well: staff know the address of the log-in page.
        if caller is Caller.STAFF and not (request.user.is_active and request.user.is_staff):
            log.info("access.refused", view=dotted_name(view), person=str(request.user.pk or ""))
            raise Http404
        return None


def _to_log_in(request: HtmxRequest) -> HttpResponseBase:
    if not navigates(request):
        # The page stays, with what is being typed into it, and says that somebody has to log in (answers.js).
        return HttpResponse(status=401)
    # Coming back with GET to a route that only takes POST would end in an error: then the page with the form is better.
    back_to = request.get_full_path() if request.method in ("GET", "HEAD") else _page_before(request)
    return redirect_to_login(back_to, settings.LOGIN_URL)


def navigates(request: HtmxRequest) -> bool:
    """True when the answer becomes the page: not for a fragment, a stream, a poll or a picture within one."""
    if request.htmx:
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _page_before(request: HttpRequest) -> str:
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return "/"
    return page._replace(scheme="", netloc="", fragment="").geturl() or "/"
