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
from django.db.models import Exists, OuterRef

from accounts.models import User

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
    """A key generated into the data folder would be another one on the next machine, and nobody could log in."""
    if not settings.PRODUCTION or settings.SECRET_KEY_FROM_ENVIRONMENT:
        return []
    hint = "SECRET_KEY=… with at least 50 random characters, the same on every machine."
    return [Error("SECRET_KEY is not set.", hint=hint, id="image2.E004")]


@register(Tags.security)
def callers_can_not_choose_their_address(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Found:
    """Rate limits count by the caller's address: behind a proxy it must be read from where only the proxy writes."""
    if not settings.PRODUCTION:
        return []
    reads_proxy = bool(settings.ALLAUTH_TRUSTED_PROXY_COUNT or settings.ALLAUTH_TRUSTED_CLIENT_IP_HEADER)
    if settings.BEHIND_PROXY and not reads_proxy:
        return [
            Error(
                "Behind a proxy every caller has the proxy's address, so that one of them can lock out all.",
                hint="TRUSTED_PROXY_COUNT=1 (proxies of yours that append to X-Forwarded-For), or"
                " TRUSTED_CLIENT_IP_HEADER=X-Real-IP (a header that your proxy overwrites).",
                id="image2.E005",
            )
        ]
    if reads_proxy and not settings.BEHIND_PROXY:
        return [
            Error(
                "Without a proxy in front, anybody can write the header that the rate limits trust.",
                hint="BEHIND_PROXY=1 where a proxy of yours is in front; else leave TRUSTED_… out.",
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
                "The privacy policy must name who answers for this site.",
                hint="OPERATOR_NAME, OPERATOR_ADDRESS and OPERATOR_EMAIL.",
                id="image2.E008",
            )
        )
    return found


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


@register(Tags.database)
def staff_have_a_second_factor(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> Found:
    """Asked with ``check --database default``: a stolen password of staff opens everything."""
    if not settings.PRODUCTION or not databases:
        return []
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    alone = User.objects.filter(~Exists(factors), is_staff=True, is_active=True).count()
    if not alone:
        return []
    hint = "They set one up under Account, Second factor."
    return [Warning(f"{alone} members of staff log in with a password alone.", hint=hint, id="image2.W001")]
