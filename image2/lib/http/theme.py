"""Light, dark or as the device says: kept in a cookie that the server reads, so that no page flashes."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES: Final = ("system", "light", "dark")
COOKIE: Final = "__Host-theme" if settings.PRODUCTION else "theme"
A_YEAR: Final = 365 * 24 * 3600


def chosen(request: HttpRequest) -> str | None:
    """Return this browser's choice; None when it has made none, or an invalid one."""
    value = request.COOKIES.get(COOKIE)
    return value if value in THEMES else None


def remember(response: HttpResponse, theme: str) -> None:
    """Set this browser's choice. Raises ValueError for an unknown theme."""
    if theme not in THEMES:
        raise ValueError(f"no such theme: {theme}")
    response.set_cookie(
        COOKIE, theme, max_age=A_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
