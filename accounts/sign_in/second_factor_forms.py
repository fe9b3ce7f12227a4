"""Codes of second factors: each try is counted before it is judged, and a code of an authenticator app works once."""

from __future__ import annotations

import structlog
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import forms as allauth_forms
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from accounts.models import User
from accounts.sign_in import attempts

log = structlog.get_logger(__name__)

COUNTED_AS = "second factor"


def count_try(user: User) -> ratelimit.RateLimitUsage:
    """Count this try; raise ValidationError when it is one too many."""
    counted = attempts.spend(context.request, action="login_failed", email=user.email, key=COUNTED_AS)
    if not counted:
        raise get_adapter().validation_error("too_many_second_factors")
    return counted


def reset_attempts(user: User, counted: ratelimit.RateLimitUsage) -> None:
    """Reset the count of tries: this one was right."""
    counted.rollback()
    attempts.clear(context.request, action="login_failed", email=user.email, key=COUNTED_AS)


class _CountsTries:
    user: User
    authenticator: Authenticator
    cleaned_data: dict[str, str]

    def clean_code(self) -> str:
        """In place of allauth's, which counts strangers' tries and those of the person's own browser together."""
        counted = count_try(self.user)
        code = self.cleaned_data["code"]
        for factor in Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN):
            if factor.wrap().validate_code(code) and _is_fresh(factor, code):
                factor.user = self.user
                self.authenticator = factor
                reset_attempts(self.user, counted)
                return code
        log.warning("sign_in.second_factor_failed", person=str(self.user.pk))
        raise get_factor_adapter().validation_error("incorrect_code")


def _is_fresh(factor: Authenticator, code: str) -> bool:
    """Mark the code as used for as long as it would be taken; allauth's own mark is gone after one period."""
    if factor.type != Authenticator.Type.TOTP:
        return True
    seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
    digits = "".join(letter for letter in code if letter.isdigit())
    return cache.add(f"second-factor-used:{factor.pk}:{digits}", 1, seconds)


class AuthenticateForm(_CountsTries, allauth_forms.AuthenticateForm):
    pass


class ReauthenticateForm(_CountsTries, allauth_forms.ReauthenticateForm):
    pass
