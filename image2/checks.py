"""System checks that refuse an unsafe start in production, each with what to set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from csp.constants import NONE
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's own name)
from django.db import DatabaseError
from django.db.models import Exists, OuterRef
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.staff import second_factor

Found = list[CheckMessage]


@register(Tags.security, deploy=True)
def production_is_switched_on(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    if settings.PRODUCTION:
        return []
    return [Error("This is not a production start.", hint="Set PRODUCTION=1.", id="image2.E001")]


@register(Tags.security)
def addresses_are_this_sites_own(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    if not settings.PRODUCTION:
        return []
    found: Found = []
    address = urlsplit(settings.SITE_URL)
    if address.scheme != "https":
        found.append(Error("SITE_URL is not https.", hint="SITE_URL=https://your.domain", id="image2.E002"))
    if "*" in settings.ALLOWED_HOSTS or address.hostname not in settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "ALLOWED_HOSTS must name the host of SITE_URL, and never '*'.",
                hint=f"ALLOWED_HOSTS={address.hostname}",
                id="image2.E003",
            )
        )
    return found


@register(Tags.security)
def secrets_come_from_the_environment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """A key generated into the data folder differs on every machine, so sessions would be invalid on the next one."""
    if not settings.PRODUCTION or settings.SECRET_KEY_FROM_ENVIRONMENT:
        return []
    hint = "SECRET_KEY=… with at least 50 random characters, the same on every machine."
    return [Error("SECRET_KEY is not set.", hint=hint, id="image2.E004")]


@register(Tags.security)
def callers_cannot_choose_their_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """Rate limits count by the caller's address: behind a proxy it must be read from where only the proxy writes."""
    if not settings.PRODUCTION:
        return []
    reads_proxy = bool(settings.ALLAUTH_TRUSTED_PROXY_COUNT or settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER)
    if settings.BEHIND_PROXY and not reads_proxy:
        return [
            Error(
                "Behind a proxy every caller has the proxy's address, so one of them can lock out everyone.",
                hint="TRUSTED_PROXY_COUNT=1 (proxies of yours that append to X-Forwarded-For), or"
                " TRUSTED_CLIENT_IP_HEADER=X-Real-IP (a header that your proxy overwrites).",
                id="image2.E005",
            )
        ]
    if reads_proxy and not settings.BEHIND_PROXY:
        return [
            Error(
                "Without a proxy in front, anyone can set the header that the rate limits trust.",
                hint="Set BEHIND_PROXY=1 if your proxy is in front; otherwise leave TRUSTED_… unset.",
                id="image2.E006",
            )
        ]
    return []


@register(Tags.security)
def mail_reaches_people(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    if not settings.PRODUCTION:
        return []
    found: Found = []
    if settings.EMAIL_BACKEND.startswith("image2."):
        found.append(
            Error(
                "Mail is written to the data folder, with the codes that open accounts.",
                hint="EMAIL_URL=smtp+tls://user:password@host:587",
                id="image2.E007",
            )
        )
    if not settings.OPERATOR_NAME or settings.OPERATOR_EMAIL.endswith("@localhost"):
        found.append(
            Error(
                "The privacy policy must name this site's operator.",
                hint="OPERATOR_NAME, OPERATOR_ADDRESS and OPERATOR_EMAIL.",
                id="image2.E008",
            )
        )
    return found


@register(Tags.security)
def limits_are_not_evicted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """A cache that evicts entries when it is full, or ends with its process, gives an attacker new attempts."""
    backend = import_string(str(settings.CACHES["default"]["BACKEND"]))
    if getattr(backend, "forgets", True) is False:
        return []
    return [
        Error(
            "The default cache may evict rate limits, attempt counters and used codes before they expire.",
            hint='CACHES["default"] must be image2.lib.lasting_cache.LastingCache; what may be evicted goes into'
            ' CACHES["forgetful"].',
            id="image2.E020",
        )
    ]


@register(Tags.security)
def the_content_security_policy_is_strict(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    loose = {
        name
        for name, sources in directives.items()
        for source in sources
        if str(source) in ("'unsafe-inline'", "'unsafe-eval'", "*")
    }
    if directives.get("default-src") == [NONE] and not loose:
        return []
    hint = "default-src 'none', and no unsafe-inline, unsafe-eval or * anywhere."
    return [Error("The content security policy is loose.", hint=hint, id="image2.E009")]


@register(Tags.security, deploy=True)
def staff_pages_ask_for_a_second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """A stolen staff password must not open everyone's pictures."""
    if "accounts.middleware.StaffSecondFactorMiddleware" in settings.MIDDLEWARE:
        return []
    hint = "Put accounts.middleware.StaffSecondFactorMiddleware after image2.lib.http.access.DeclaredCallerMiddleware."
    return [Error("Staff can open the admin with a password alone.", hint=hint, id="image2.E010")]


@register(Tags.security, deploy=True)
def staff_have_a_second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """Staff without one can't open the admin, and someone who steals their password could set one up."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=second_factor.FACTORS)
    try:
        alone = User.objects.filter(~Exists(factors), is_staff=True, is_active=True).count()
    except DatabaseError:  # before the first migration, or on a machine that builds the image
        return []
    if not alone:
        return []
    hint = "Each must log in and set one up under Settings, Second factor; the admin stays closed to them until then."
    return [Warning(f"{alone} members of staff have no second factor.", hint=hint, id="image2.W001")]
