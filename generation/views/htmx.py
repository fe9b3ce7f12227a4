"""Answers to requests of a page's scripts; views that ask ``request.htmx`` vary by the header HX-Request."""

from __future__ import annotations

from django.http import HttpResponse

from image2.lib.http.htmx import toast


def toast_only(message: str, **more: object) -> HttpResponse:
    """Return an answer that puts nothing into the page and shows a success message."""
    return HttpResponse(headers=toast("success", message, **more))
