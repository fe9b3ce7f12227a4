"""Who calls a view, as our own type."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.models import User


def person(request: HttpRequest) -> User:
    """Return the signed-in person; only for views that declare ``@allow(Caller.PERSON)`` or staff."""
    assert isinstance(request.user, User), "this view is open to people who are not signed in"
    return request.user
