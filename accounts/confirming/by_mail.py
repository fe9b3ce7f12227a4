"""Confirm who it is with a mailed code: for people who have neither a password nor a second factor.

allauth asks such people nothing, since it leaves them to Google or GitHub. Here they own pictures and credits, and
an unlocked screen mustn't be enough to take their data or delete their account.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def methods(user: Any) -> list[dict[str, str]]:
    """Return the mailed code as allauth lists ways to confirm, where there is nothing else of theirs to ask for."""
    if not user.is_authenticated or get_reauthentication_flows(user):
        return []
    return [
        {
            "id": "mail",
            "description": _("Send me a code by e-mail"),
            "url": reverse("account_reauthenticate_by_mail"),
        }
    ]


def ask_if_needed(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired where allauth, which knows no way for this person, would let them through."""
    if methods(request.user) and not _was_confirmed(request):
        raise ReauthenticationRequired


def _was_confirmed(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    at = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(at) and time.time() - at[-1] < app_settings.REAUTHENTICATION_TIMEOUT
