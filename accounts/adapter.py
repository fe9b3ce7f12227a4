"""Our adapters for allauth: names and addresses, clear sentences, truncated IP addresses in the session list."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.confirming import by_mail
from accounts.models import User
from accounts.sign_in import attempts, client_ip, encryption, known_browsers, sign_up
from accounts.usage import privacy_control
from image2.lib.http import hosts
from image2.lib.mail import failures

log = structlog.get_logger(__name__)

# What the column of an address holds, with us and with allauth.
LONGEST_ADDRESS = 254
LOG_IN_PAGES = {
    "account_login",
    "account_signup",
    "account_signup_by_passkey",
    "socialaccount_signup",
    "google_login",
    "github_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
}


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up, log-in and the mail that goes with them."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "The e-mail address or password is wrong. Check both, or reset your password. If you"
            " have just signed up, first enter the code from our e-mail in the window where you signed up."
        ),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, or reset the password."),
        "too_many_from_network": _(
            "Too many wrong passwords from your network. Wait a minute and try again."
        ),
        "too_many_second_factors": _("Too many wrong codes. Wait five minutes, then enter the newest one."),
        "too_many_codes": _(
            "Three codes were sent to this address within a minute. Wait a minute, then ask again."
        ),
        "incorrect_code": _("This code is not right. Check the newest e-mail, or ask for a new code."),
        "incorrect_password": _("This is not your password. Try again."),
        "enter_current_password": _("This is not your current password. Try again."),
        "account_inactive": _("This account is disabled. Contact support if you think that is a mistake."),
        "same_as_current": _("This is already your e-mail address."),
        "email_taken": _("This address can't be used. Choose another one."),
        "rate_limited": _(
            "An e-mail was sent to this address a moment ago. Wait ten seconds, then ask for another one."
        ),
    }

    def clean_email(self, email: str) -> str:
        """Refuse an address longer than its column: allauth would truncate it, and mail to it would go elsewhere."""
        email = super().clean_email(email).lower()
        if len(email) > LONGEST_ADDRESS:
            raise ValidationError(_("This address is too long. Enter one with at most 254 characters."))
        return email

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a password before it is judged; a right one gets its count back (allauth's part)."""
        email = credentials.get("email", "")
        self._login_failed_rl_usage = attempts.spend(request, action="login_failed", email=email)
        if not self._login_failed_rl_usage:
            busy = attempts.network_is_busy(request, action="login_failed", email=email)
            raise self.validation_error("too_many_from_network" if busy else "too_many_login_attempts")

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        attempts.clear(request, action="login_failed", email=credentials["email"])

    def login(self, request: HttpRequest, user: User) -> None:
        sign_up.discard(request)
        super().login(request, user)
        # A pending sign-up made the session short; the log-in form says afterwards how long this one shall be.
        request.session.set_expiry(None)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **how)
        if known_browsers.remember(request=request, response=response, user=user):
            self._tell_of_new_browser(user)
        privacy_control.remember(user=user, request=request)
        return response

    def _tell_of_new_browser(self, user: User) -> None:
        """A mail that can't be sent keeps nobody out: the list of browsers shows it as well."""
        try:
            self.send_notification_mail("account/email/new_browser", user)
        except OSError:
            log.exception("mail.not_sent", letter="new_browser")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """As allauth's, but a passkey before codes, and a mailed code for who has none of them."""
        theirs = super().get_reauthentication_methods(user)
        return [*sorted(theirs, key=lambda way: way["id"] == "mfa_reauthenticate"), *by_mail.methods(user)]

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        is_asked: bool = super().is_reauthentication_required(app=app, **more)
        if is_asked:
            by_mail.ask_if_needed(current.request)
        return is_asked

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:settings")

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell the template whose mail it is: it writes the time in their zone."""
        super().send_notification_mail(template_prefix, user, {"person": user, **(context or {})}, email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send with what our templates need; the address of the caller only as much as we would store."""
        if "ip" in context:
            context = {**context, "ip": client_ip.truncated(context["ip"])}
        # allauth builds addresses from the Host header, which the caller chooses.
        for name, value in context.items():
            if isinstance(value, str) and name.endswith("_url"):
                context = {**context, name: hosts.absolute(value)}
        try:
            super().send_mail(template_prefix, email, {"site_url": settings.SITE_URL, **context})
        except OSError:
            failures.count()
            raise

    def is_safe_url(self, url: str) -> bool:
        """Go on to paths of this site only: no host is needed for that, and none has to be trusted."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Authenticator apps, passkeys and recovery codes; their secrets are encrypted in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: enter the newest one."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": hosts.hostname(current.request), "name": self._get_site_name()}

    def _get_site_name(self) -> str:
        return settings.MFA_TOTP_ISSUER

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)


def onward(request: HttpRequest) -> HttpResponse | None:
    """Redirect somebody who is signed in already away from a page for logging in; None on other pages."""
    match = request.resolver_match
    if not request.user.is_authenticated or match is None or match.url_name not in LOG_IN_PAGES:
        return None
    return redirect(get_next_redirect_url(request) or AccountAdapter(request).get_login_redirect_url(request))
