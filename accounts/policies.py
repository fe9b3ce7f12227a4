"""The privacy policy as accounts sees it: a version to accept. Privacy, which knows what it says, registers here."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest

from accounts import client_ip
from accounts.models import PolicyAcceptance, User

_current: Callable[[], str] | None = None


class NoPolicyRegistered(Exception):
    """Nobody has said which policy is in force; without one nobody may sign up."""


def register(current: Callable[[], str]) -> None:
    """Say how to find the version in force (called once, when the privacy app is ready)."""
    global _current  # noqa: PLW0603  (one slot, filled at start-up)
    _current = current


def current_version() -> str:
    if _current is None:
        raise NoPolicyRegistered
    return _current()


def accept(*, user: User, version: str, request: HttpRequest) -> PolicyAcceptance:
    """Record that the person accepted this version; accepting twice keeps the first time."""
    with transaction.atomic():
        acceptance, _made = PolicyAcceptance.objects.get_or_create(
            user=user, version=version, defaults={"ip": client_ip.kept_of(request)}
        )
    return acceptance
