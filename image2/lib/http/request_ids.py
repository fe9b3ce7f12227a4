"""Every request has an id: taken from the proxy when it is well formed, sent back, and bound to the logs."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from image2.lib.http.middleware import ResponseMiddleware
from image2.lib.ids import new_id

_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware(ResponseMiddleware):
    """Binds ``request_id`` for the time of one request."""

    def around(self, request: HttpRequest) -> AbstractContextManager[object]:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _WELL_FORMED.fullmatch(sent) else str(new_id())
        request.request_id = request_id  # type: ignore[attr-defined]  # read by error pages
        return structlog.contextvars.bound_contextvars(request_id=request_id)

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response
