"""Whether a page or a part of it was asked for, and answers that change several places of a page."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse


def fragment(request: HttpRequest) -> bool:
    """True when a script on the page asked and will put the answer into it; views that ask this vary by header."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def toast(level: str, sentence: str, **more: object) -> dict[str, str]:
    """The header that makes <toast-region> say something; ``undo`` is the address that takes it back."""
    return {"HX-Trigger": json.dumps({"toast": {"level": level, "message": sentence, **more}})}


def said(sentence: str, **more: object) -> HttpResponse:
    """An answer that puts nothing into the page and says what was done."""
    return HttpResponse(headers=toast("success", sentence, **more))
