"""The base of every middleware of this site: one class serves ASGI and WSGI, and subclasses write plain hooks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Middleware:
    """Passes each request on; for subclasses that only have ``process_view`` or ``process_exception``.

    Django runs ``process_view`` in a thread when the view is asynchronous, so it may use the database.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)


class ResponseMiddleware(Middleware):
    """Answers each request inside ``around`` and passes the response through ``after`` before that ends.

    Neither may use the database: under ASGI both run in the event loop.
    """

    def around(self, request: HttpRequest) -> AbstractContextManager[object]:
        return nullcontext()

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        raise NotImplementedError

    def __call__(self, request: HttpRequest) -> Any:
        return self._awaited(request) if self.is_async else self._called(request)

    def _called(self, request: HttpRequest) -> HttpResponseBase:
        with self.around(request):
            return self.after(request, self.get_response(request))

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        with self.around(request):
            return self.after(request, await self.get_response(request))
