"""Every request has an id: taken from the proxy where it is well formed, sent back, and bound to the logs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from image2.lib.ids import new_id

_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Binds ``request_id`` for the time of one request; works under both ASGI and WSGI."""

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
    ) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _WELL_FORMED.fullmatch(sent) else str(new_id())
        request.request_id = request_id  # type: ignore[attr-defined]  # read by error pages
        return self._later(request, request_id) if self.is_async else self._now(request, request_id)

    def _now(self, request: HttpRequest, request_id: str) -> HttpResponseBase:
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        assert isinstance(response, HttpResponse | HttpResponseBase)
        response["X-Request-ID"] = request_id
        return response

    async def _later(self, request: HttpRequest, request_id: str) -> HttpResponseBase:
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]  # awaitable here
        response["X-Request-ID"] = request_id
        return response
