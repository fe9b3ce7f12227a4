"""allauth's passkey forms, which answer any broken message with one sentence instead of an error page."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sign_in import second_factor_forms

# What the parser of the message raises when a part is missing or of another kind than it should be.
_BROKEN = (LookupError, AttributeError, TypeError, ValueError, ValidationError)


def _refusal() -> ValidationError:
    return ValidationError(
        _("This passkey was not accepted. Try again, or choose another way."), code="passkey"
    )


class _RefusesBrokenAnswers:
    def clean_credential(self) -> Authenticator:
        try:
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]  # untyped base
        except _BROKEN as error:
            if getattr(error, "code", "") == "too_many_second_factors":
                raise
            raise _refusal() from error
        return authenticator


class LoginForm(_RefusesBrokenAnswers, allauth_forms.LoginWebAuthnForm):
    pass


class _CountsTries:
    user: User
    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        """In place of allauth's, which counts strangers' tries and those of the person's own browser together."""
        counted = second_factor_forms.count_try(self.user)
        credential = self.cleaned_data["credential"]
        auth.parse_authentication_response(credential)
        authenticator: Authenticator = auth.complete_authentication(self.user, credential)
        second_factor_forms.reset_attempts(self.user, counted)
        return authenticator


class AuthenticateForm(_RefusesBrokenAnswers, _CountsTries, allauth_forms.AuthenticateWebAuthnForm):
    pass


class ReauthenticateForm(_RefusesBrokenAnswers, _CountsTries, allauth_forms.ReauthenticateWebAuthnForm):
    pass


class _RefusesBrokenPasskeys:
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()  # type: ignore[misc]  # untyped base
        except _BROKEN as error:
            raise _refusal() from error
        return cleaned


class AddForm(_RefusesBrokenPasskeys, allauth_forms.AddWebAuthnForm):
    pass


class SignUpForm(_RefusesBrokenPasskeys, allauth_forms.SignupWebAuthnForm):
    pass
