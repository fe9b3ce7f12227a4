"""allauth's forms that take a code: each accepts it in every spelling that a person may paste."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.totp import forms as totp_forms

from accounts.sign_in import codes, second_factor_forms


class _AnySpelling:
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = codes.plain(self.cleaned_data["code"])
        code: str = super().clean_code()  # type: ignore[misc]  # the form that this stands in front of
        return code


class LoginCodeForm(_AnySpelling, account_forms.ConfirmLoginCodeForm):
    pass


class AddressCodeForm(_AnySpelling, account_forms.ConfirmEmailVerificationCodeForm):
    pass


class ResetCodeForm(_AnySpelling, account_forms.ConfirmPasswordResetCodeForm):
    pass


class SecondFactorForm(_AnySpelling, second_factor_forms.AuthenticateForm):
    pass


class SecondFactorAgainForm(_AnySpelling, second_factor_forms.ReauthenticateForm):
    pass


class ActivateAppForm(_AnySpelling, totp_forms.ActivateTOTPForm):
    pass
