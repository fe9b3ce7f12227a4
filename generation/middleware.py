"""Answer 429 wherever a person's fair share was used up: one answer, whatever the resource."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from generation.fair_shares import OverShare
from image2.lib.http.htmx import HtmxRequest, toast
from image2.lib.http.middleware import Middleware


class FairShareMiddleware(Middleware):
    """A page for a browser, a toast for a script that fetches a part of a page, else a line of text."""

    def process_exception(self, request: HtmxRequest, exception: Exception) -> HttpResponse | None:
        return refusal(request, exception) if isinstance(exception, OverShare) else None


def refusal(request: HtmxRequest, over: OverShare) -> HttpResponse:
    if request.htmx:
        # The page stays as it is.
        headers = {"HX-Reswap": "none", **toast("warning", over.sentence)}
        answer = HttpResponse(
            over.sentence, status=429, content_type="text/plain; charset=utf-8", headers=headers
        )
    elif "text/html" in request.headers.get("Accept", ""):
        answer = render(request, "errors/429.html", {"sentence": over.sentence}, status=429)
    else:
        answer = HttpResponse(over.sentence, status=429, content_type="text/plain; charset=utf-8")
    answer["Retry-After"] = str(over.retry_after)
    return answer
