"""What allauth does our way: names and addresses, honest sentences, short addresses in the session list."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import client_ip, sealing
from accounts.models import User

# What the column of an address holds, with us and with allauth.
LONGEST_ADDRESS = 254


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, log-in and the mail that goes with them."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "This e-mail address and password do not belong together. Check both, or reset the password."
        ),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or reset the password."),
        "incorrect_code": _("This code is not right. Check the newest e-mail, or ask for a new code."),
        "incorrect_password": _("This is not your password. Try again."),
        "enter_current_password": _("This is not your current password. Try again."),
        "account_inactive": _(
            "This account was switched off. Write to support if you think that is a mistake."
        ),
        "same_as_current": _("This is already your e-mail address."),
        "email_taken": _("This address can not be used. Choose another one."),
        "rate_limited": _("Too many requests. Wait a minute and try again."),
    }

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save the person with the name they gave."""
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        if commit:
            user.save()
        return user

    def clean_email(self, email: str) -> str:
        """Refuse what the column can not hold: allauth would cut it off, and mail to it would go elsewhere."""
        email = super().clean_email(email).lower()
        if len(email) > LONGEST_ADDRESS:
            raise ValidationError(_("This address is too long. Enter one with at most 254 characters."))
        return email

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:settings")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send with what our templates need; the address of the caller only as much as we would store."""
        if "ip" in context:
            context = {**context, "ip": client_ip.truncated(context["ip"])}
        # "action_url" is the page the mail leads back to; codes are typed into the page that is already open.
        super().send_mail(template_prefix, email, {"site_url": settings.SITE_URL, **context})


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes; their secrets are encrypted in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: enter the newest one."),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)
