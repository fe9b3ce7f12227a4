"""Our adapter for allauth's accounts elsewhere: who may come in, what is kept about them, and what errors say."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import RequestException

from accounts.connected import signing_up
from accounts.connected.providers import PROVIDERS
from accounts.models import User
from image2.lib.invisible import without_meaningless

log = structlog.get_logger(__name__)

# What is kept of the profile that a provider sends: by what the person recognises the account.
_RECOGNISED_BY = {"google": "email", "github": "login"}
LONGEST_NAME, LONGEST_ADDRESS = 100, 254
# GitHub's addresses that take no mail.
_TAKES_NO_MAIL = "@users.noreply.github.com"


class ConnectedAdapter(DefaultSocialAccountAdapter):
    """Log-in, sign-up and connecting with accounts elsewhere."""

    def list_apps(
        self, request: HttpRequest | None, provider: Any = None, client_id: Any = None
    ) -> list[Any]:
        """Return the apps of the settings; allauth also asks its table, which stays empty here."""
        known = []
        for each in PROVIDERS:
            for keys in settings.SOCIALACCOUNT_PROVIDERS[each.id]["APPS"]:
                app = SocialApp(provider=each.id, client_id=keys["client_id"], secret=keys["secret"])
                if provider in (None, each.id) and client_id in (None, app.client_id):
                    known.append(app)
        return known

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take name and address for the form, and forget the rest of the profile before anything is stored."""
        account, user = sociallogin.account, sociallogin.user
        names = (data.get("name") or "", data.get("first_name") or "", data.get("last_name") or "")
        user.name = (names[0] or " ".join(part for part in names[1:] if part))[:LONGEST_NAME]
        for address in sociallogin.email_addresses:
            address.email = without_meaningless(address.email).strip().lower()
        verified = proven(sociallogin)
        user.email = verified[0] if verified else ""
        shown = account.extra_data.get(_RECOGNISED_BY[account.provider])
        account.extra_data = {"shown": str(shown)[:254]} if shown else {}
        return user  # type: ignore[no-any-return]  # allauth has no types

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """Find the account whose owner verified the same address here: an unverified one proves nothing."""
        for email in proven(sociallogin):
            row = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
            if row is not None:
                return row.user, email
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Stop with one clear sentence who can't come in this way. Whoever goes on is known, or proved an address."""
        sociallogin.token = (
            None  # nothing of ours asks the provider again: it isn't kept, not even in the session
        )
        name = sociallogin.account.get_provider().name
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise ImmediateHttpResponse(redirect("account_inactive"))
            if is_mfa_enabled(sociallogin.user):
                # Found by address, it would be connected now, before anybody showed the second factor.
                sociallogin._did_authenticate_by_email = None  # noqa: SLF001  (allauth has no other way)
            return
        if not sociallogin.email_addresses:
            sentence = _(
                "%(provider)s didn't tell us an e-mail address. Allow it there and try again, or sign up here."
            )
        elif not proven(sociallogin):
            sentence = _(
                "Your address isn't verified at %(provider)s. Verify it there and try again, or sign up here."
            )
        elif User.objects.filter(email=sociallogin.user.email).exists():
            sentence = _(
                "There is an account with this address, but the address was never confirmed. Log in to it with a code"
                " by e-mail, then connect %(provider)s in your settings."
            )
        else:
            signing_up.keep_for_an_hour(request)
            return
        raise ImmediateHttpResponse(_sent_away(request, sentence % {"provider": name}))

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Answer every failure with one sentence, on the page where it began."""
        began = "state" in (extra_context or {})
        raise ImmediateHttpResponse(self.answer_failure(request, provider, error, exception, began=began))

    def answer_failure(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        *,
        began: bool = True,
    ) -> HttpResponse:
        """Return to the page where it began, with one sentence. ``began``: this browser started it, lately."""
        log.info(
            "connected.failed", provider=provider.id, error=str(error), exception=type(exception).__name__
        )
        if error == AuthError.CANCELLED:
            sentence = _("You cancelled at %(provider)s. Nothing was changed.")
        elif isinstance(exception, RequestException):
            sentence = _(
                "%(provider)s can't be reached right now. Try again in a minute, or log in another way."
            )
        elif not began:
            sentence = _(
                "This log-in with %(provider)s has expired, or it was started in another browser. Start it again here."
            )
        else:
            sentence = _("%(provider)s refused to log you in. Try again, or log in another way.")
        return _sent_away(request, sentence % {"provider": provider.name})

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("socialaccount_connections")


def proven(sociallogin: SocialLogin) -> list[str]:
    """Return the addresses that the provider says it verified and that take mail, the primary one first."""
    rows = sorted(
        (row for row in sociallogin.email_addresses if row.verified), key=lambda row: not row.primary
    )
    return [
        row.email
        for row in rows
        if not row.email.endswith(_TAKES_NO_MAIL) and len(row.email) <= LONGEST_ADDRESS
    ]


def _sent_away(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    page = "socialaccount_connections" if request.user.is_authenticated else "account_login"
    return redirect(page)
