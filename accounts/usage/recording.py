"""Write a usage event, where the person, their account and their browser allow it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import UsageEvent, User
from accounts.people import preferences
from accounts.usage import privacy_control

Detail = str | int | float | bool | None
# Long enough for a model's name, too short for a prompt: usage must never carry content.
LONGEST_DETAIL = 60
_NAME = re.compile(r"[a-z]+(\.[a-z_]+)+")


class Why(StrEnum):
    """Why nothing is recorded."""

    OFF = "off"
    BROWSER = "browser"
    RESTRICTED = "restricted"


def record(
    *,
    user: User | AnonymousUser,
    event: str,
    details: Mapping[str, Detail] | None = None,
    request: HttpRequest | None = None,
) -> bool:
    """Write "picture.submitted" with a few short details; False when the person does not want it.

    Nothing is written about people who are not signed in, who switched usage data off, who restricted their account,
    or whose browser sends Global Privacy Control (``Sec-GPC: 1``) with this request.
    """
    details = dict(details or {})
    _check(event, details)
    if not isinstance(user, User) or not is_wanted(user, request):
        return False
    UsageEvent.objects.create(user=user, event=event, details=details)
    return True


def record_once_a_day(
    *, user: User, event: str, detail: str, values: Collection[str], request: HttpRequest | None = None
) -> int:
    """Write one event a day (UTC) and value ("stroke"), however often it happens; return how many are new.

    That a tool was used is what we want to learn; how often and when somebody drew is not.
    """
    for value in values:
        _check(event, {detail: value})
    if not values or not is_wanted(user, request):
        return 0
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    written = UsageEvent.objects.filter(user=user, event=event, at__gte=today)
    known = {details.get(detail) for details in written.values_list("details", flat=True)}
    new = sorted(set(values) - known)
    # At midnight, for the same reason: the row says on which day, and no more.
    UsageEvent.objects.bulk_create(
        UsageEvent(user=user, event=event, details={detail: value}, at=today) for value in new
    )
    return len(new)


def is_wanted(user: User, request: HttpRequest | None = None) -> bool:
    """Whether this person, with this browser, lets us record what they use; a browser's signal is remembered."""
    if request is not None:
        privacy_control.remember(user=user, request=request)
    return why_not(user, request) is None


def why_not(user: User, request: HttpRequest | None = None) -> Why | None:
    """Return why nothing is recorded of this person with this browser; None where it is."""
    row = preferences.of(user)
    if row.restricted_at is not None:
        return Why.RESTRICTED
    if not row.usage_data:
        return Why.OFF
    if request is not None and privacy_control.sends_privacy_control(request):
        return Why.BROWSER
    return None


def _check(event: str, details: Mapping[str, Detail]) -> None:
    if not _NAME.fullmatch(event):
        raise ValueError(f"an event is named like picture.submitted, not {event!r}")
    if long := [
        name for name, value in details.items() if isinstance(value, str) and len(value) > LONGEST_DETAIL
    ]:
        raise ValueError(
            f"{event}: {', '.join(long)} is too long for a usage detail; content does not belong here"
        )
