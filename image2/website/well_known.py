"""Addresses under /.well-known/ that browsers, password managers and researchers look for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from image2.lib.http.access import Caller, allow

# RFC 9116 recommends less than a year. Counted from today, so that it never runs out while the site runs.
VALID: Final = timedelta(days=180)
# When our answer to Global Privacy Control last changed its meaning (accounts/usage/privacy_control.py).
GPC_SINCE: Final = "2026-11-29"


@allow(Caller.ANYONE)
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Say where to report a vulnerability, in the format of RFC 9116."""
    expires = datetime.combine(timezone.now().astimezone(UTC).date() + VALID, time(), UTC)
    lines = [f"Contact: {contact}" for contact in settings.SECURITY_CONTACTS]
    lines += [
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {settings.SECURITY_LANGUAGES}",
        f"Canonical: {settings.SITE_URL}{reverse('security-txt')}",
    ]
    if settings.SECURITY_POLICY_URL:
        lines.append(f"Policy: {settings.SECURITY_POLICY_URL}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@allow(Caller.ANYONE)
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Redirect a password manager to the page (https://w3c.github.io/webappsec-change-password-url/)."""
    return redirect("account_change_password")


@allow(Caller.ANYONE)
@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """Say that the site honours Global Privacy Control (https://w3c.github.io/gpc/)."""
    return JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE})
