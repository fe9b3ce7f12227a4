"""Tell a page that keeps a draft of a form (static/js/drafts.js) to remove it: the form was accepted.

A form that was not taken must keep its draft: log-in, a wrong token or a policy to accept came first. Only a redirect
of the view itself says "taken"; it gets the draft's name in the fragment of its address, which no server ever sees.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url

from image2.lib.http.middleware import ResponseMiddleware

_FIELD: Final = "draft"
_NAME: Final = re.compile(r"[a-z-]{1,30}")
# Pages that a view sends people to before it does anything.
_ASK_FIRST: Final = ("account_login", "account_reauthenticate", "mfa_reauthenticate")


class DraftsMiddleware(ResponseMiddleware):
    """Stands last, so that its ``process_view`` is reached only when the view itself is going to answer."""

    def after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return _with_name(request, response)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        # By now the body was read: the token in it has been checked.
        name = request.POST.get(_FIELD, "") if request.method == "POST" else ""
        if _NAME.fullmatch(name):
            request.draft = name  # type: ignore[attr-defined]  # read below


def _with_name(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    name, location = getattr(request, "draft", ""), response.get("Location", "")
    if not name or not location.startswith("/") or "#" in location:
        return response
    if location.partition("?")[0] not in {resolve_url(page) for page in _ASK_FIRST}:
        response["Location"] = f"{location}#sent={name}"
    return response
