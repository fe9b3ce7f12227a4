"""The browsers a person has signed in with: they keep an allowance of their own when strangers guess passwords.

The idea is OWASP's device cookie. The cookie lets nobody in: it only says whose tries are counted apart.
"""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.models import KnownBrowser, User
from accounts.people import policies
from accounts.sign_in.devices import device_name
from image2.lib.http import browser_storage

COOKIE = browser_storage.KNOWN_BROWSER
# More than anybody uses; a script that signs in again and again without its cookie fills no table.
MOST = 50
# The first shipped text of the policy that says people are told about a new browser.
_MAILED_BY = 4
_TOKEN_LENGTH = len(secrets.token_urlsafe(16))


def enabled() -> bool:
    """Whether browsers are remembered; until the policy says so, nothing is stored and no cookie is set or read."""
    return policies.in_force(2)


def remember(*, request: HttpRequest, response: HttpResponseBase, user: User) -> bool:
    """Note that this browser signed the person in, and give it a token if it has none.

    Return whether it is new to somebody who has signed in with others: then they should hear of it.
    """
    if not enabled():
        return False
    token = _token(request) or secrets.token_urlsafe(16)
    label = device_name(request.META.get("HTTP_USER_AGENT", ""))
    _row, is_new = KnownBrowser.objects.update_or_create(
        user=user, token_hash=_hashed(token), defaults={"label": label, "last_seen_at": timezone.now()}
    )
    of_person = KnownBrowser.objects.filter(user=user).order_by("-last_seen_at")
    if surplus := list(of_person.values_list("pk", flat=True)[MOST:]):
        of_person.filter(pk__in=surplus).delete()
    has_others = is_new and of_person.count() > 1
    response.set_cookie(
        COOKIE,
        token,
        max_age=settings.KNOWN_BROWSER_DAYS * 24 * 3600,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite="Lax",
    )
    return has_others and policies.in_force(_MAILED_BY)


def recognise(request: HttpRequest, *, email: str) -> KnownBrowser | None:
    """Return this browser's row if the person with that address has signed in with it."""
    token = _token(request) if enabled() else ""
    if not token or "\x00" in email:  # which PostgreSQL doesn't take
        return None
    return KnownBrowser.objects.filter(user__email=email.lower(), token_hash=_hashed(token)).first()


def recognise_anybodys(request: HttpRequest) -> KnownBrowser | None:
    """Return any row of this browser, of whichever person: for a passkey, which itself identifies its owner."""
    token = _token(request) if enabled() else ""
    return KnownBrowser.objects.filter(token_hash=_hashed(token)).first() if token else None


def remove_others(*, user: User, request: HttpRequest) -> None:
    """Delete all browsers of this person but the current one: after a new password, or a log-out elsewhere."""
    KnownBrowser.objects.filter(user=user).exclude(token_hash=_hashed(_token(request))).delete()


def remove_all(*, user: User) -> None:
    KnownBrowser.objects.filter(user=user).delete()


def _token(request: HttpRequest) -> str:
    token = request.COOKIES.get(COOKIE, "")
    return token if len(token) == _TOKEN_LENGTH else ""


def _hashed(token: str) -> str:
    # 128 random bits need neither salt nor stretching.
    return hashlib.sha256(token.encode()).hexdigest()
