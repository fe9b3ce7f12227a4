"""Usage events: which features are used, first-party, with an off switch that is honoured here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts.models import UsageEvent, User
from accounts.people import preferences

Detail = str | int | float | bool | None
# Long enough for a model's name, too short for a prompt: usage must never carry content.
LONGEST_DETAIL = 60
_NAME = re.compile(r"[a-z]+(\.[a-z_]+)+")


def record(
    *,
    user: User | AnonymousUser,
    event: str,
    details: Mapping[str, Detail] | None = None,
    request: HttpRequest | None = None,
) -> bool:
    """Write "picture.submitted" with a few short details; False when the person does not want it.

    Nothing is written about people who are not signed in, who switched usage data off, or whose browser sends
    Global Privacy Control (``Sec-GPC: 1``) with this request.
    """
    details = dict(details or {})
    if not _NAME.fullmatch(event):
        raise ValueError(f"an event is named like picture.submitted, not {event!r}")
    if long := [
        name for name, value in details.items() if isinstance(value, str) and len(value) > LONGEST_DETAIL
    ]:
        raise ValueError(
            f"{event}: {', '.join(long)} is too long for a usage detail; content does not belong here"
        )
    if not user.is_authenticated or not is_wanted(user, request):
        return False
    UsageEvent.objects.create(user=user, event=event, details=details)
    return True


def is_wanted(user: User, request: HttpRequest | None = None) -> bool:
    """Whether this person, with this browser, lets us record what they use."""
    if request is not None and sends_privacy_control(request):
        return False
    return preferences.of(user).usage_data


def sends_privacy_control(request: HttpRequest) -> bool:
    return request.headers.get("Sec-GPC") == "1"
