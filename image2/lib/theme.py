"""Light, dark or as the device says: kept in a cookie that the server reads, so that no page flashes."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES: Final = ("system", "light", "dark")
_COOKIE: Final = "theme"
_A_YEAR: Final = 365 * 24 * 3600


def chosen(request: HttpRequest) -> str | None:
    """Return what this browser was told; None when it was told nothing (or nonsense)."""
    value = request.COOKIES.get(_COOKIE)
    return value if value in THEMES else None


def remember(response: HttpResponse, theme: str) -> None:
    """Tell this browser; ValueError for a theme that does not exist."""
    if theme not in THEMES:
        raise ValueError(f"no such theme: {theme}")
    response.set_cookie(
        _COOKIE, theme, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
