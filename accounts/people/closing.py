"""A closed account: nobody can sign in to it, and it waits to be erased. Privacy, which erases it, registers here."""

from __future__ import annotations

from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User

_order: Callable[[User], object] | None = None
_withdraw: Callable[[User], object] | None = None


class NoErasureRegistered(Exception):
    """Nobody has said how an account is erased."""


class IsClosed(Exception):
    """The account waits to be erased: its switch stays off until it is reopened."""

    def __str__(self) -> str:
        return _("This account is closed and will be deleted. Reopen it first.")


class NotClosed(Exception):
    """There is nothing to reopen, or it is too late."""

    def __str__(self) -> str:
        return _("This account isn't waiting to be deleted, or it's too late to reopen it.")


def register(order: Callable[[User], object], *, withdraw: Callable[[User], object]) -> None:
    """Say how the erasure of an account is ordered and withdrawn (called once, when the privacy app is ready)."""
    global _order, _withdraw
    _order, _withdraw = order, withdraw


def order_erasure(user: User) -> None:
    """Have the account closed now, and erased when the time to reopen it is over."""
    if _order is None:
        raise NoErasureRegistered
    _order(user)


def withdraw_erasure(user: User) -> None:
    """Reopen a closed account. Raises NotClosed."""
    if _withdraw is None:
        raise NoErasureRegistered
    _withdraw(user)


@transaction.atomic
def close(user: User) -> bool:
    """Close the account and end its sessions; return whether it was active before."""
    row = User.objects.select_for_update().get(pk=user.pk)
    User.objects.filter(pk=user.pk, closed_at=None).update(closed_at=timezone.now(), is_active=False)
    end_sessions(user)
    return row.is_active


def reopen(user: User, *, is_active: bool) -> None:
    """Open it again. An account that the operator had disabled before stays disabled."""
    User.objects.filter(pk=user.pk).update(closed_at=None, is_active=is_active)


def end_sessions(user: User) -> None:
    """Log the person out on every device."""
    for session in UserSession.objects.filter(user=user):
        session.end()
