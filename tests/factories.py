"""The fixed cast (alice owns, bob is a stranger, carol is staff) and makers of the rows that tests start from."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps

from accounts.models import PolicyAcceptance, User
from privacy import policies
from privacy.models import PolicyVersion

PASSWORD = "correct horse battery staple"


def make_person(name: str = "Dana", email: str = "", **fields: Any) -> User:
    """A person who could log in now: verified address, accepted policy, the password above."""
    user = User.objects.create_user(email or f"{name.lower()}@example.test", PASSWORD, name=name, **fields)
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    _shipped_policy()
    PolicyAcceptance.objects.create(user=user, version=policies.current_version())
    return user


def _shipped_policy() -> None:
    """The first policy comes with a migration; the flush after a transactional test takes it away."""
    if not PolicyVersion.objects.exists():
        import_module("privacy.migrations.0002_first_policy").publish(apps, None)


def make_alice() -> User:
    return make_person("Alice")


def make_bob() -> User:
    return make_person("Bob")


def make_carol() -> User:
    """Staff with every right of the operator."""
    return make_person("Carol", is_staff=True, is_superuser=True)
