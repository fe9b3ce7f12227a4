"""Requests that a script on the page makes, and the header that makes the page show a toast."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """For the types only: ``HtmxMiddleware`` sets ``htmx``. True when the answer becomes a part of the page."""

    htmx: HtmxDetails


def toast(level: str, message: str, **more: object) -> dict[str, str]:
    """Return the header that makes <toast-region> show a message.

    ``undo`` is the address that undoes what was done; ``link`` is a link ({"href", "label"}).
    """
    return {"HX-Trigger": json.dumps({"toast": {"level": level, "message": message, **more}})}
