"""JSON in and out: a body of a known size, an answer with one sentence."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

MOST_BODY: Final = 2 * 1024 * 1024


class Unreadable(Exception):
    """The body is not what this route takes."""


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent. Raises Unreadable, also for a form and for what is too large."""
    if (
        request.content_type != "application/json"
        or int(request.headers.get("Content-Length") or 0) > MOST_BODY
    ):
        raise Unreadable
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found


def uuid_of(value: Any) -> UUID:
    """Return an id. Raises Unreadable."""
    try:
        if not isinstance(value, str):
            raise Unreadable
        return UUID(value)
    except ValueError:
        raise Unreadable from None


def private(content: dict[str, Any], status: int = 200) -> JsonResponse:
    """Answer with JSON that nobody keeps."""
    return JsonResponse(content, status=status, headers={"Cache-Control": "no-store"})


def refused(sentence: str, *, status: int = 422, **more: Any) -> JsonResponse:
    """Answer with one sentence for the person."""
    return private({"sentence": sentence, **more}, status)


def unreadable() -> JsonResponse:
    """Answer that the call is not understood."""
    sentence = _("The server didn't understand this. Reload the page; what you did is kept on this device.")
    return refused(sentence)
