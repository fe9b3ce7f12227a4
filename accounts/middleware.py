"""What accounts asks of every request: when a session was last used, and a second factor of staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.core.cache import caches
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.sign_in import client_ip
from accounts.staff import second_factor
from image2.lib.http.access import Caller, caller_of
from image2.lib.http.middleware import Middleware

SECONDS_BETWEEN_WRITES = 300


class SessionActivityMiddleware(Middleware):
    """In place of allauth's, which writes a row on every request: with SQLite that makes every page a writer."""

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.user.is_authenticated and request.session.session_key:
            _note(request, request.session.session_key)


def _note(request: HttpRequest, session_key: str) -> None:
    # add() is the gate: only the first request within the time gets through.
    if not caches["forgetful"].add(f"session-seen:{session_key}", 1, SECONDS_BETWEEN_WRITES):
        return
    seen = UserSession.objects.filter(session_key=session_key, user=request.user)
    if not seen.update(last_seen_at=timezone.now(), ip=client_ip.kept_of(request)):
        UserSession.objects.create_from_request(request)


class StaffSecondFactorMiddleware(Middleware):
    """Lets nobody onto a page for staff who did not show a second factor in this session.

    It stands behind DeclaredCallerMiddleware, which has refused everybody who is not on the staff.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_arguments: Any
    ) -> HttpResponseBase | None:
        return second_factor.refusal(request) if caller_of(view) is Caller.STAFF else None
