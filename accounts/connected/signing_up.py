"""Somebody new who comes from Google or GitHub: a pending sign-up in the session, and the account once they agree."""

from __future__ import annotations

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.socialaccount.internal import flows
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.people import age, policies
from accounts.sign_in import sign_up


def keep_for_an_hour(request: HttpRequest) -> None:
    """Let the session end soon: it holds a name and an address of somebody who has no account yet."""
    request.session.set_expiry(sign_up.SECONDS_KEPT)


def pending(request: HttpRequest) -> SocialLogin | None:
    """Return the session's sign-up; None when there is none, or its provider isn't on the site any more."""
    try:
        return flows.signup.get_pending_signup(request)
    except SocialApp.DoesNotExist:
        return None


def finish(*, request: HttpRequest, pending: SocialLogin, name: str, policy_version: str) -> User:
    """Create the account: address verified by the provider, no password. Raises AddressTaken."""
    try:
        with transaction.atomic():
            user = User(email=pending.user.email, name=name)
            user.set_unusable_password()
            user.save()
            address = EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            pending.account.user = user
            pending.account.save()
            policies.accept(user=user, version=policy_version, request=request)
            # The form takes nobody who didn't confirm it.
            age.confirm(user=user, request=request)
    except IntegrityError as error:
        raise sign_up.AddressTaken from error
    pending.user = user
    signals.email_confirmed.send(sender=EmailAddress, request=request, email_address=address)
    return user
