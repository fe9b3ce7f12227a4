"""Every route declares who may call it; a view without a declaration is refused, and a test reads the URLconf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver

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


class DeclaredCallerMiddleware:
    """Refuses what was not declared, sends anonymous people to the log-in page, hides staff pages with a 404."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        caller = caller_of(view)
        if caller is None:
            raise ImproperlyConfigured(f"{dotted_name(view)} does not declare who may call it")
        if caller is Caller.PERSON and not request.user.is_authenticated:
            return _to_log_in(request)
        # Anonymous people get the 404 as well: who knows the address of the log-in page does not need a hint.
        if caller is Caller.STAFF and not (request.user.is_active and request.user.is_staff):
            raise Http404
        return None


def _to_log_in(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("HX-Request") != "true":
        # Coming back with GET to a route that only takes POST would end in an error: then the start page is better.
        back_to = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        return redirect_to_login(back_to, settings.LOGIN_URL)
    # A fragment is being fetched: the whole page has to go to the log-in page, not the fragment's place.
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    back_to = (
        page._replace(scheme="", netloc="", fragment="").geturl()
        if page.netloc == request.get_host()
        else "/"
    )
    return HttpResponse(
        status=401, headers={"HX-Redirect": redirect_to_login(back_to, settings.LOGIN_URL)["Location"]}
    )
