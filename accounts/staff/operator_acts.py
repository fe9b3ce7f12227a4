"""What the operator does to an account: each act has a reason and leaves a line in the audit log."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.people import closing
from accounts.sign_in import known_browsers
from accounts.staff import audit


class NotOnYourself(Exception):
    """Staff can't act on their own account: somebody locked out can't undo it."""

    def __str__(self) -> str:
        return _("You can't do this to your own account. Ask another member of staff.")


@transaction.atomic
def switch_off(*, actor: User, user: User, reason: str) -> None:
    """Disable the account: nobody can log in to it, and its sessions end. Nothing is deleted."""
    _refuse_self(actor, user)
    _refuse_closed(user)
    audit.record(actor=actor, action="account.switched_off", on=user, reason=reason, subject_id=user.pk)
    User.objects.filter(pk=user.pk).update(is_active=False)
    _log_out_everywhere(user)


@transaction.atomic
def switch_on(*, actor: User, user: User, reason: str) -> None:
    """Enable the account again. Raises closing.IsClosed for one that waits to be erased."""
    _refuse_closed(user)
    audit.record(actor=actor, action="account.switched_on", on=user, reason=reason, subject_id=user.pk)
    User.objects.filter(pk=user.pk, closed_at=None).update(is_active=True)


@transaction.atomic
def end_sessions(*, actor: User, user: User, reason: str) -> None:
    """Log the person out on every device."""
    audit.record(actor=actor, action="account.logged_out", on=user, reason=reason, subject_id=user.pk)
    _log_out_everywhere(user)


@transaction.atomic
def remove_second_factors(*, actor: User, user: User, reason: str) -> None:
    """Remove every second factor, for somebody who has lost them and confirmed who they are in another way."""
    _refuse_self(actor, user)
    audit.record(
        actor=actor, action="account.second_factors_removed", on=user, reason=reason, subject_id=user.pk
    )
    Authenticator.objects.filter(user=user).delete()
    _log_out_everywhere(user)


@transaction.atomic
def make_staff(*, actor: User, user: User, reason: str) -> None:
    audit.record(actor=actor, action="account.made_staff", on=user, reason=reason, subject_id=user.pk)
    User.objects.filter(pk=user.pk).update(is_staff=True)


@transaction.atomic
def end_staff(*, actor: User, user: User, reason: str) -> None:
    """Take every right of the operator away, and log out."""
    _refuse_self(actor, user)
    audit.record(actor=actor, action="account.no_longer_staff", on=user, reason=reason, subject_id=user.pk)
    User.objects.filter(pk=user.pk).update(is_staff=False, is_superuser=False)
    _log_out_everywhere(user)


@transaction.atomic
def delete(*, actor: User, user: User, reason: str) -> None:
    """Delete the account as its owner would: closed now, erased when the time to reopen it is over."""
    _refuse_self(actor, user)
    audit.record(actor=actor, action="account.deleted", on=user, reason=reason, subject_id=user.pk)
    closing.order_erasure(user)


@transaction.atomic
def reopen(*, actor: User, user: User, reason: str) -> None:
    """Reopen an account that waits to be erased. Raises closing.NotClosed."""
    audit.record(actor=actor, action="account.reopened", on=user, reason=reason, subject_id=user.pk)
    closing.withdraw_erasure(user)


def _refuse_closed(user: User) -> None:
    if User.objects.filter(pk=user.pk, closed_at__isnull=False).exists():
        raise closing.IsClosed


def _refuse_self(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise NotOnYourself


def _log_out_everywhere(user: User) -> None:
    closing.end_sessions(user)
    known_browsers.remove_all(user=user)
