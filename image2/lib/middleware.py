"""What a middleware needs to stand around every request, under ASGI and WSGI alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class AroundRequest:
    """Answers each request inside `around`; `answered` sees the response before that ends. Both are to be written."""

    sync_capable = True
    async_capable = True

    def __init__(
        self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
    ) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def around(self, request: HttpRequest) -> AbstractContextManager[object]:
        raise NotImplementedError

    def answered(self, request: HttpRequest, response: HttpResponseBase) -> None:
        raise NotImplementedError

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self._later(request) if self.is_async else self._now(request)

    def _now(self, request: HttpRequest) -> HttpResponseBase:
        with self.around(request):
            response = self.get_response(request)
            assert isinstance(response, HttpResponseBase)
            self.answered(request, response)
        return response

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        with self.around(request):
            response: HttpResponseBase = await self.get_response(request)  # type: ignore[misc]  # awaitable here
            self.answered(request, response)
        return response
