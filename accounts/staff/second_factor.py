"""What staff show before they enter the operator's pages: a second factor, and again for sensitive actions."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User

# Recovery codes are the way back after one of these is lost; alone they are none.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user, types=FACTORS))


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Return where this member of staff has to go before they enter, or None when this session may.

    The session itself must have shown the second factor: one that a stolen password opened before the factor was set
    up would stay open otherwise.
    """
    assert isinstance(request.user, User)
    if not has_second_factor(request.user):
        messages.warning(
            request,
            _(
                "Staff need a second factor. Set up an authenticator app or a passkey, then open the page again."
            ),
        )
        return redirect("mfa_index")
    return None if _shown(request) else _ask(request)


def asked_again(request: HttpRequest) -> HttpResponse | None:
    """Return the page that asks for the second factor once more, or None when it was shown recently.

    What was sent by POST is kept in the session and handled after the answer.
    """
    last = max((record["at"] for record in _shown(request)), default=0)
    if time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return None
    return _ask(request)


def is_shown(request: HttpRequest) -> bool:
    """Whether somebody showed a second factor or a passkey in this session."""
    return bool(_shown(request))


def _shown(request: HttpRequest) -> list[dict[str, Any]]:
    """Each time that a second factor or a passkey was shown in this session."""
    return [
        record for record in get_authentication_records(request, request.user) if record["method"] == "mfa"
    ]


def _ask(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    by_code = is_mfa_enabled(request.user, types=[Authenticator.Type.TOTP])
    page = reverse("mfa_reauthenticate" if by_code else "mfa_reauthenticate_webauthn")
    answer: HttpResponse = suspend_request(request, page)
    return answer
