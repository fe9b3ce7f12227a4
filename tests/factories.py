"""The fixed cast (alice owns, bob is a stranger, carol is staff) and makers of the rows that tests start from."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpRequest
from django.test import Client

from accounts.models import PolicyAcceptance, User
from privacy.models import PolicyVersion
from privacy.policy import shipped, versions

PASSWORD = "correct horse battery staple"


def make_person(name: str = "Dana", email: str = "", **fields: Any) -> User:
    """A person who could log in now: verified address, accepted policy, the password above."""
    user = User.objects.create_user(email or f"{name.lower()}@example.test", PASSWORD, name=name, **fields)
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    _shipped_policy()
    PolicyAcceptance.objects.create(user=user, version=versions.current_version())
    return user


def _shipped_policy() -> None:
    """The newest text comes with the migrations; the flush after a transactional test takes it away."""
    if not PolicyVersion.objects.exists():
        shipped.ensure(PolicyVersion.objects, has_people=False)


def make_alice() -> User:
    return make_person("Alice")


def make_bob() -> User:
    return make_person("Bob")


def make_carol() -> User:
    """Staff with every right of the operator, and an authenticator app."""
    carol = make_person("Carol", is_staff=True, is_superuser=True)
    TOTP.activate(carol, generate_totp_secret())
    return carol


def log_in_staff(client: Client, user: User) -> Client:
    """Log a member of staff in as if the code of their authenticator app had been typed just now."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    app = app or TOTP.activate(user, generate_totp_secret()).instance
    client.force_login(user)
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, user, "mfa", id=app.pk, type=app.type)
    request.session.save()
    return client
