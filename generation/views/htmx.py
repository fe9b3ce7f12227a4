"""Whether a page or a part of it was asked for, and answers that change several places of a page."""

from __future__ import annotations

from django.http import HttpRequest


def fragment(request: HttpRequest) -> bool:
    """True when a script on the page asked and will put the answer into it; views that ask this vary by header."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
