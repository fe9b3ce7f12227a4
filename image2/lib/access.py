"""Every route declares who may call it; a view without a declaration is refused, and a test reads the URLconf."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

View = TypeVar("View", bound=Callable[..., Any])


class Caller(StrEnum):
    """Who may call a route. What an owner may see of it is then the query's business (``visible_to``)."""

    ANYONE = "anyone"
    PERSON = "person"  # somebody who has signed in
    STAFF = "staff"
    MACHINE = "machine"  # a caller that proves itself in the view: a signature, a token, a probe


# Routes of libraries, whose views we do not decorate. Prefixes of the dotted name of the view's module.
LIBRARY_CALLERS: dict[str, Caller] = {
    "allauth.": Caller.ANYONE,  # allauth asks for log-in and re-authentication itself, view by view
    "django.contrib.admin.": Caller.STAFF,
    "django.views.i18n": Caller.ANYONE,
    "django.views.static": Caller.ANYONE,
}


def allow(caller: Caller) -> Callable[[View], View]:
    """Declare who may call the view: ``@allow(Caller.PERSON)``."""

    def declare(view: View) -> View:
        view.caller = caller  # type: ignore[attr-defined]
        return view

    return declare


def caller_of(view: Callable[..., Any]) -> Caller | None:
    """Return the declared caller of a view function, class-based view or library view; None when undeclared."""
    declared = getattr(view, "caller", None) or getattr(getattr(view, "view_class", None), "caller", None)
    if isinstance(declared, Caller):
        return declared
    module = getattr(view, "__module__", "") or ""
    owner = getattr(view, "model_admin", None) or getattr(view, "admin_site", None)
    if owner is not None:
        return Caller.STAFF
    return next((who for prefix, who in LIBRARY_CALLERS.items() if module.startswith(prefix)), None)


class DeclaredCallerMiddleware:
    """Refuses what was not declared, sends anonymous people to the log-in page, hides staff pages with a 404."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            from asgiref.sync import markcoroutinefunction

            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        caller = caller_of(view)
        if caller is None:
            raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} does not declare who may call it")
        if caller is Caller.PERSON and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        if caller is Caller.STAFF and not request.user.is_staff and not _is_admin_login(view):
            raise Http404
        return None


def _is_admin_login(view: Callable[..., Any]) -> bool:
    return getattr(view, "__name__", "") == "login"
