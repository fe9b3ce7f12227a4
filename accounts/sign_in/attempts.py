"""How often somebody may try to get in: strangers share a count for each account, a known browser has its own."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from accounts.sign_in import known_browsers

APP = "allauth.account"
# By action: what a browser that the person has signed in with counts instead, apart from every stranger.
KNOWN = {
    "login_failed": "known_login_failed",
    "request_login_code": "known_request_login_code",
    "reset_password": "known_reset_password",
    "login_page": "known_login_page",
}


def spend(request: HttpRequest, *, action: str, email: str, key: str = "") -> ratelimit.RateLimitUsage | None:
    """Count one try of ``action`` on the account with that address; None when it is one too many.

    ``key`` counts something else of the same account apart ("second factor").
    """
    counted = f"{email.lower()}:{key}" if key else email.lower()
    browser = known_browsers.recognise(request, email=email)
    if browser is not None:
        return ratelimit.consume(request, app=APP, action=KNOWN[action], key=f"{browser.pk}:{counted}")
    return ratelimit.consume(request, app=APP, action=action, key=counted)


def network_is_busy(request: HttpRequest, *, action: str, email: str) -> bool:
    """Whether it is the count of the network that is used up, rather than that of the account."""
    if known_browsers.recognise(request, email=email) is not None:
        return False
    return not ratelimit.consume(
        request, app=APP, action=action, config=_rates_per(action, "ip"), dry_run=True
    )


def clear(request: HttpRequest, *, action: str, email: str, key: str = "") -> None:
    """Give the account's tries back: who asks has shown who they are. The network's count stays."""
    counted = f"{email.lower()}:{key}" if key else email.lower()
    browser = known_browsers.recognise(request, email=email)
    if browser is not None:
        ratelimit.clear(request, app=APP, action=KNOWN[action], key=f"{browser.pk}:{counted}")
    ratelimit.clear(request, app=APP, action=action, config=_rates_per(action, "key"), key=counted)


def spend_passkey(request: HttpRequest) -> ratelimit.RateLimitUsage | None:
    """Count one log-in by passkey: a passkey can't be guessed, so only by network, or by the known browser."""
    browser = known_browsers.recognise_anybodys(request)
    if browser is not None:
        return ratelimit.consume(request, app=APP, action="known_passkey", key=browser.token_hash)
    return ratelimit.consume(request, app=APP, action="passkey")


def _rates_per(action: str, unit: str) -> dict[str, str]:
    """Return the part of an action's rates that counts by "ip" or by "key"."""
    rates = [rate.strip() for rate in app_settings.RATE_LIMITS[action].split(",")]
    return {action: ",".join(rate for rate in rates if rate.endswith(f"/{unit}"))}
