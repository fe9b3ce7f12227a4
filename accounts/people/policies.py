"""The privacy policy as accounts sees it: a version to accept. Privacy, which knows what it says, registers here."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest

from accounts.models import PolicyAcceptance, User
from accounts.sign_in import client_ip

_current: Callable[[], str] | None = None
_in_force: Callable[[int], bool] | None = None


class NoPolicyRegistered(Exception):
    """Nobody has said which policy is in force; without one nobody may sign up."""


def register(current: Callable[[], str], *, in_force: Callable[[int], bool]) -> None:
    """Say how to find the version in force, and what it covers (called once, when the privacy app is ready)."""
    global _current, _in_force
    _current, _in_force = current, in_force


def current_version() -> str:
    if _current is None:
        raise NoPolicyRegistered
    return _current()


def in_force(text: int) -> bool:
    """Return whether people were notified of shipped text ``text`` (privacy/texts/<text>.md) and its day has come.

    The gate of everything that keeps or sets something that earlier texts do not name: it stays off until then. One
    small query; ask where something is about to be written, not on every page.
    """
    return _in_force is not None and _in_force(text)


def accept(*, user: User, version: str, request: HttpRequest) -> PolicyAcceptance:
    """Record that the person accepted this version; accepting twice keeps the first time."""
    with transaction.atomic():
        acceptance, _made = PolicyAcceptance.objects.get_or_create(
            user=user, version=version, defaults={"ip": client_ip.kept_of(request)}
        )
    return acceptance
