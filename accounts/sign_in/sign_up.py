"""A sign-up that waits for its code: it lives in the session, and the account is created when the address is verified.

Whether the address has an account already changes one thing only: which mail is sent. Both ways hash the password
once, store the same, send one mail and show the same pages, so that nobody learns from them who has an account.
"""

from __future__ import annotations

from typing import Any, Self

from allauth.account import signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import (
    add_email_verification_sent_message,
    consume_email_verification_rate_limit,
)
from allauth.account.internal.flows.email_verification_by_code import (
    EMAIL_VERIFICATION_CODE_SESSION_KEY,
    EmailVerificationProcess,
)
from allauth.account.models import EmailAddress
from allauth.core.exceptions import RateLimited
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.people import age, policies

SECONDS_KEPT = 3600


class AddressTaken(Exception):
    """The address was verified for another account in the meantime."""


class SignUp(EmailVerificationProcess):
    """The pending sign-up of one session: what was typed, the code, and how often it was sent or changed."""

    @classmethod
    def resume(cls, request: HttpRequest) -> Self | None:
        """Return the session's sign-up; None when there is none, it is too old, or somebody is signed in."""
        if not is_pending(request) or request.user.is_authenticated:
            return None
        return cls(request, request.session[EMAIL_VERIFICATION_CODE_SESSION_KEY]).abort_if_invalid()  # type: ignore[no-any-return]  # allauth has no types

    @property
    def code(self) -> str:
        """The code to compare with; none is right where the mail said that there is an account."""
        return "" if self.state["taken"] else str(self.state["code"])

    @property
    def next_url(self) -> str | None:
        url: str | None = self.state["sign_up"]["next"]
        return url

    @property
    def is_by_passkey(self) -> bool:
        return bool(self.state["sign_up"].get("by_passkey"))

    @property
    def can_change(self) -> bool:
        return not self.is_change_quota_reached(2)

    def send(self, skip_enumeration_mails: bool = False) -> None:
        """Send one mail, whatever the address is; raise RateLimited when one was sent a moment ago."""
        if not consume_email_verification_rate_limit(self.request, self.email):
            raise RateLimited
        adapter = get_adapter()
        if self.state["taken"]:
            adapter.send_account_already_exists_mail(self.email)
        else:
            adapter.send_mail("account/email/email_confirmation_signup", self.email, {"code": self.code})
        add_email_verification_sent_message(self.request, self.email, signup=True)

    def resend(self) -> None:
        """Send another code, or the same mail again; raise RateLimited, and keep the code, when it is too early."""
        _raise_if_mailed_just_now(self.request, self.email)
        self.generate_code()
        self.send()
        self.record_resend()
        self.persist()

    def change_to(self, email: str, account_already_exists: bool) -> None:
        """Send the mail to another address. Raises RateLimited, and changes nothing, when it is too early."""
        _raise_if_mailed_just_now(self.request, email)
        self.record_change(email=email)
        self.state["taken"] = account_already_exists
        self.generate_code()
        self.send()
        self.persist()

    def finish(self) -> User:
        """Create the account: address verified, policy accepted, age confirmed. Raises AddressTaken."""
        typed = self.state["sign_up"]
        try:
            with transaction.atomic():
                user = User.objects.create(email=self.email, name=typed["name"], password=typed["password"])
                address = EmailAddress.objects.create(
                    user=user, email=self.email, verified=True, primary=True
                )
                policies.accept(user=user, version=typed["policy_version"], request=self.request)
                # The form takes nobody who didn't confirm it.
                age.confirm(user=user, request=self.request)
        except IntegrityError as error:
            raise AddressTaken from error
        self.abort()
        signals.email_confirmed.send(sender=EmailAddress, request=self.request, email_address=address)
        return user


def begin(
    request: HttpRequest,
    *,
    name: str,
    email: str,
    password: str | None,
    policy_version: str,
    taken: bool,
    next_url: str | None,
) -> None:
    """Keep what was typed and send the mail. Raises RateLimited when one was sent to the address a moment ago.

    Without a password the account gets a passkey, once the address is verified.
    """
    state: dict[str, Any] = SignUp.initial_state(user=None, email=email)
    state["taken"] = taken
    state["sign_up"] = {
        "name": name,
        "password": make_password(password),
        "by_passkey": password is None,
        "policy_version": policy_version,
        "next": next_url,
    }
    process = SignUp(request, state)
    process.generate_code()
    process.send()
    process.persist()
    # Nobody is signed in yet: what was typed expires soon without the code.
    request.session.set_expiry(SECONDS_KEPT)


def was_mailed_just_now(request: HttpRequest, email: str) -> bool:
    """Return whether a sign-up mail was sent to this address so recently that another one has to wait."""
    return not consume_email_verification_rate_limit(request, email, dry_run=True)


def is_pending(request: HttpRequest) -> bool:
    """Whether this session holds a sign-up, also one whose code is too old."""
    return "sign_up" in (request.session.get(EMAIL_VERIFICATION_CODE_SESSION_KEY) or {})


def _raise_if_mailed_just_now(request: HttpRequest, email: str) -> None:
    if was_mailed_just_now(request, email):
        raise RateLimited


def discard(request: HttpRequest) -> None:
    """Drop a pending sign-up: somebody signs in instead."""
    if is_pending(request):
        del request.session[EMAIL_VERIFICATION_CODE_SESSION_KEY]
