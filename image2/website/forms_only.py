"""Addresses that take a form only: whoever types one gets a page that says so instead of a blank one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from image2.lib.http.access import Caller, caller_of, navigates
from image2.lib.http.htmx import HtmxRequest
from image2.lib.http.middleware import Middleware


class FormsOnlyMiddleware(Middleware):
    """Puts the page behind a 405 that a person sees. Scripts, programs and machines keep the plain one."""

    def __call__(self, request: HttpRequest) -> Any:
        if self.is_async:
            return self._awaited(request)
        response = self.get_response(request)
        return _page(request, response) if _is_typed(request, response) else response

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)
        # The page asks the database who is signed in.
        return await sync_to_async(_page)(request, response) if _is_typed(request, response) else response


def _is_typed(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Tell whether a browser asked for this address as a page, and it only takes what is sent to it."""
    if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.method not in ("GET", "HEAD"):
        return False
    match = request.resolver_match
    is_machines = match is not None and caller_of(match.func) is Caller.MACHINE
    wants_page = "text/html" in request.headers.get("Accept", "")  # programs that take anything don't name it
    return wants_page and not is_machines and navigates(cast(HtmxRequest, request))


def _page(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    page = render(
        request,
        "errors/405.html",
        {"back": page_above(request.path)},
        status=HTTPStatus.METHOD_NOT_ALLOWED,
    )
    page["Allow"] = response["Allow"]
    return page


def page_above(path: str) -> str:
    """Return the nearest page above an address, which is where its form is or leads to."""
    above = path.rstrip("/")
    while above := above.rpartition("/")[0]:
        try:
            resolve(f"{above}/")
        except Resolver404:
            continue
        return f"{above}/"
    return reverse("landing")
