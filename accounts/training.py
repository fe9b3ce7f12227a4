"""Withdraw consent to training for what was already made. The app that made it (generation) registers how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest

from accounts.models import Consent, User
from accounts.people import preferences
from accounts.sign_in import client_ip


@dataclass(frozen=True, slots=True)
class Made:
    """How to count what a person made while training was allowed, and how to take the permission from it."""

    count: Callable[[User], int]
    withdraw: Callable[[User], int]


_made: dict[str, Made] = {}


def register(name: str, made: Made) -> None:
    """Register a kind of thing that carries the permission ("pictures"), once, when its app is ready."""
    _made[name] = made


def allowed_count(user: User) -> int:
    """Return how many things of this person may be used for training."""
    return sum(made.count(user) for made in _made.values())


def withdraw_from_made(*, user: User, request: HttpRequest) -> int:
    """Take the permission from everything already made, and record the decision; return how many things it was.

    The row of preferences is locked first: a picture that is being published reads it under the same lock, so it is
    either seen here or sees what was decided before.
    """
    with transaction.atomic():
        preferences.locked(user)
        withdrawn = sum(made.withdraw(user) for made in _made.values())
        if withdrawn:
            Consent.objects.create(
                user=user, kind=Consent.Kind.TRAINING_MADE, granted=False, ip=client_ip.kept_of(request)
            )
    return withdrawn
