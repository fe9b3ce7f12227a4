"""What a log-out removes from the browser: cached pages and the session's cookies."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from image2.lib.http.middleware import ResponseMiddleware

# Not "cookies": it would take the theme and the cookie that identifies a known browser. Not
# "storage": it holds drafts, which lie under their account's own key until it is back (static/js/drafts.js).
CLEARED: Final = '"cache"'


class LogOutMiddleware(ResponseMiddleware):
    """Stands outside the sessions, whose cookie it deletes by name, whatever else the request put into a new one."""

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return _cleared(request, response)


@receiver(user_logged_out)
def note(sender: Any, request: HttpRequest | None, **_more: Any) -> None:
    """Handle every log-out: from allauth's page, from the admin."""
    if request is not None:
        request.logged_out = True  # type: ignore[attr-defined]  # read below


def _cleared(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not getattr(request, "logged_out", False) or request.user.is_authenticated:
        return response
    response["Clear-Site-Data"] = CLEARED
    response.delete_cookie(
        settings.SESSION_COOKIE_NAME,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        samesite="Lax",
    )
    return response
