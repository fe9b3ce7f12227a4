"""Keeps "last used" in the list of sessions true to a few minutes, without writing on every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from accounts import client_ip

SECONDS_BETWEEN_WRITES = 300


class SessionActivityMiddleware:
    """In place of allauth's, which writes a row on every request: with SQLite that makes every page a writer."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    # Django runs process_view in a thread when the view is asynchronous, so that it may use the database.
    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        if request.user.is_authenticated and request.session.session_key:
            _note(request, request.session.session_key)


def _note(request: HttpRequest, session_key: str) -> None:
    # add() is the gate: only the first request within the time gets through.
    if not cache.add(f"session-seen:{session_key}", 1, SECONDS_BETWEEN_WRITES):
        return
    seen = UserSession.objects.filter(session_key=session_key, user=request.user)
    if not seen.update(last_seen_at=timezone.now(), ip=client_ip.kept_of(request)):
        UserSession.objects.create_from_request(request)
