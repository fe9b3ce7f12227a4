"""Whole pages through all middleware, timed: without the test client, whose templates copy every context."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from django import template
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.test import utils as test_utils

from accounts.models import User
from tests.benchmarks.repeats import repeats


class Pages:
    """A person at the site; ``show`` returns a page, ``wall`` and ``processor`` what it costs in milliseconds."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self._cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        self._handler = BaseHandler()
        self._handler.load_middleware()

    def show(self, path: str) -> str:
        request = RequestFactory().get(path)
        request.COOKIES.update(self._cookies)
        response = cast(HttpResponse, self._handler.get_response(request))
        assert response.status_code == 200, (path, response.status_code)
        return response.content.decode()

    def wall(self, path: str, times: int = repeats(20)) -> float:
        return self._median(path, times, time.perf_counter)

    def processor(self, path: str, times: int = repeats(20)) -> float:
        return self._median(path, times, time.process_time)

    def _median(self, path: str, times: int, clock: Callable[[], float]) -> float:
        taken = []
        with real_templates():
            self.show(path)
            self.show(path)
            for _ in range(times):
                started = clock()
                self.show(path)
                taken.append(clock() - started)
        return 1000 * statistics.median(taken)


@contextmanager
def real_templates() -> Iterator[None]:
    """Render as the site does; the test environment signals every template that is rendered."""
    base, state = cast(Any, template.Template), cast(Any, test_utils)._TestState
    instrumented = base._render
    base._render = state.saved_data.template_render
    try:
        yield
    finally:
        base._render = instrumented
